"""Points by the names that players and programs use: A to T without I, from the left; 1 to 19, from the bottom.

On a smaller board they are the same: it is the lower left corner of the largest.
"""

from artcnn.datasets.go.board import PASS, POINTS, SIZE

COLUMNS = "ABCDEFGHJKLMNOPQRST"

NAMES = (*(f"{COLUMNS[point % SIZE]}{SIZE - point // SIZE}" for point in range(POINTS)), "pass")
"""The name of each point, and of the pass behind them: what the outputs of a network stand for."""

_NUMBERS = {name.upper(): number for number, name in enumerate(NAMES)}


def point_of(name: str) -> int:
    """Return the point, or the pass, of a name, in letters of either case.

    Raises:
        ValueError: there is none.
    """
    if name.upper() not in _NUMBERS:
        raise ValueError(f"there is no point {name[:8]!a}")
    return _NUMBERS[name.upper()]


def pass_or_point_in_sgf(point: int, size: int = SIZE) -> str:
    """Return a point as SGF has it, column and row from the upper left of its board; nothing for a pass."""
    return "" if point == PASS else chr(97 + point % SIZE) + chr(97 + point // SIZE - (SIZE - size))


def point_in_sgf(value: str, size: int = SIZE) -> int:
    """Return the point, or the pass, that SGF means by two letters; nothing, or tt, is a pass.

    Raises:
        ValueError: there is none on a board of that size.
    """
    value = value.strip()
    if value in ("", "tt"):
        return PASS
    column, row = (ord(letter) - ord("a") for letter in value) if len(value) == 2 else (-1, -1)
    if not (0 <= column < size and 0 <= row < size):
        raise ValueError(f"there is no point {value[:8]!a}")
    return (SIZE - size + row) * SIZE + column
