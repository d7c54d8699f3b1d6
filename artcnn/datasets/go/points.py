"""Names of points: A to T without I from the left, 1 to 19 from the bottom. Smaller boards are at the lower left."""

from functools import cache

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
    points = _points_in_sgf(size)
    if (point := points.get(value)) is None and (point := points.get(value.strip())) is None:
        raise ValueError(f"there is no point {value.strip()[:8]!a}")
    return point


@cache
def _points_in_sgf(size: int) -> dict[str, int]:
    """Return the points of a board, and the passes, by SGF's coordinates: a table, as collections have millions."""
    points = [(SIZE - size + row) * SIZE + column for row in range(size) for column in range(size)]
    return {"": PASS, "tt": PASS} | {pass_or_point_in_sgf(point, size): point for point in points}
