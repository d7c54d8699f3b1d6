"""Names of points: A to T without I from the left, 1 to 19 from the bottom. Smaller boards are at the lower left."""

from artcnn.datasets.go.board import PASS, POINTS, SIZE

COLUMNS = "ABCDEFGHJKLMNOPQRST"

NAMES = (*(f"{COLUMNS[point % SIZE]}{SIZE - point // SIZE}" for point in range(POINTS)), "pass")
"""Names of all points, then the pass: the classes of a network."""

_NUMBERS = {name.upper(): number for number, name in enumerate(NAMES)}


def parse_point(name: str) -> int:
    """Return the point, or the pass, of a name, ignoring case.

    Raises:
        ValueError: there is no such point.
    """
    if name.upper() not in _NUMBERS:
        raise ValueError(f"there is no point {name[:8]!a}")
    return _NUMBERS[name.upper()]


def pass_or_point_in_sgf(point: int, size: int = SIZE) -> str:
    """Return a point in SGF's coordinates, from the upper left of its board; empty for a pass."""
    return "" if point == PASS else chr(97 + point % SIZE) + chr(97 + point // SIZE - (SIZE - size))


def point_in_sgf(value: str, size: int = SIZE) -> int:
    """Return the point of SGF's coordinates; an empty value, or tt, is a pass.

    Raises:
        ValueError: it is not on a board of this size.
    """
    value = value.strip()
    if value in ("", "tt"):
        return PASS
    column, row = (ord(letter) - ord("a") for letter in value) if len(value) == 2 else (-1, -1)
    if not (0 <= column < size and 0 <= row < size):
        raise ValueError(f"there is no point {value[:8]!a}")
    return (SIZE - size + row) * SIZE + column
