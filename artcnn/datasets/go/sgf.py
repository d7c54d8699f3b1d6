"""Parse SGF, the Smart Game Format (FF[1] to FF[4]): the main lines of games, as moves of two bytes each.

Variations, comments and other properties are ignored. Games for training must be complete and legal; games to look at
need not be (``artcnn.datasets.go.position``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from artcnn.datasets.go.board import CELLS, OF_WHITE, POINTS, SETUP, SIZE, SIZES, SMALLEST, mark_first, replay
from artcnn.datasets.go.jit import Moves
from artcnn.datasets.go.points import point_in_sgf

_VALUE = r"\[[^\]\\]*+(?:\\.[^\]\\]*+)*+(?:\]|\Z)"  # an unclosed value takes the rest of the text
_MARK = re.compile(rf"{_VALUE}|[()]", re.DOTALL)
_PROPERTY = re.compile(rf"(?<![A-Za-z])([A-Za-z]++)\s*+((?:{_VALUE}\s*+)++)", re.DOTALL)
_EACH = re.compile(_VALUE, re.DOTALL)
_BEGIN = re.compile(r"\(\s*(?:;|[A-Z]{1,2}\s*\[)")  # some programs omit the first semicolon
_BARE = re.compile(r";\s*[A-Z]{1,2}\s*\[")
_SQUARE = re.compile(r"\s*(\d{1,3})\s*(?::\s*(\d{1,3})\s*)?")
_SUICIDE = re.compile(r"\s*(?:nz|new zealand|goe|ing|tromp)", re.IGNORECASE)

WHOSE = {"B": 0, "W": OF_WHITE, "AB": SETUP, "AW": SETUP | OF_WHITE}
"""Bits of a move, by SGF property."""


@dataclass(frozen=True)
class SgfError:
    """A game that cannot be read, or is not Go on a board of 7 to 19 lines. It is returned, not raised.

    Attributes:
        reason: in a few words.
    """

    reason: str


@dataclass(frozen=True)
class MainLine:
    """The main line of a game.

    Attributes:
        properties: names in capital letters, with their values, in order.
        size: of the board.
        suicide: whether the rules allow it.
        whole: whether the game is closed, not truncated.
    """

    properties: list[tuple[str, list[str]]]
    size: int
    suicide: bool
    whole: bool


def parse_games(text: str) -> Iterator[Moves | SgfError]:
    """Yield the moves of each game of a collection, the first marked by ``FIRST``, or an error."""
    for line in main_lines(text):
        try:
            yield line if isinstance(line, SgfError) else _moves(line)
        except ValueError as error:
            yield SgfError(str(error))


def main_lines(text: str) -> Iterator[MainLine | SgfError]:
    """Yield the main line of each game of a collection, or an error; at least one item."""
    found = False
    for line, whole in _lines(text):
        found = True
        try:
            yield _main_line(line, whole)
        except ValueError as error:
            yield SgfError(str(error))
    if not found:
        yield SgfError("there is no game in it")


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text of each game up to the end of its main line, and whether the game is closed."""
    depth, begin, end, found = 0, 0, -1, False
    for mark in _MARK.finditer(text):
        at = mark.start()
        if text[at] == "(" and (depth or _BEGIN.match(text, at)):
            if not depth:
                begin, end, found = at, -1, True
            depth += 1
        elif text[at] == ")" and depth:
            end = at if end < 0 else end
            depth -= 1
            if not depth:
                yield text[begin:end], True
    if depth:
        yield text[begin:end] if end >= 0 else text[begin:], False
    elif not found and (bare := _BARE.search(text)):
        yield text[bare.start() :], False


def _main_line(line: str, whole: bool) -> MainLine:
    """Parse a main line.

    Raises:
        ValueError: it is not a game of Go, or the board size is not supported.
    """
    found, size, suicide = list[tuple[str, list[str]]](), SIZE, False
    for name, values in _PROPERTY.findall(line):
        key = name if name.isupper() else "".join(filter(str.isupper, name))  # FF[1] wrote Black for B
        if values.find("]") == len(values) - 1:  # one value, as a move has
            each = [values[1:-1]]
        elif not (each := [value[1:-1] for value in _EACH.findall(values) if value.endswith("]")]):
            continue
        if key in WHOSE:
            found.append((key, each))
        elif key == "SZ":
            size = _size(each[0]) if each[0].strip() else SIZE
        elif key == "GM" and each[0].strip() not in ("1", ""):
            raise ValueError("it is no game of Go")
        elif key == "RU":
            suicide = bool(_SUICIDE.match(each[0]))
        else:
            found.append((key, each))
    return MainLine(found, size, suicide, whole)


def _moves(line: MainLine) -> Moves:
    """Return the moves of a main line.

    Raises:
        ValueError: there are none, or they are invalid.
    """
    if not line.whole:
        raise ValueError("it is cut short")
    moves: list[int] = []
    for key, values in line.properties:
        if key in ("B", "W"):
            moves.append(point_in_sgf(values[0], line.size) | WHOSE[key])
        elif key in ("AB", "AW", "AE"):
            if any(not move & SETUP for move in moves) or key == "AE":
                raise ValueError("stones are set in the middle of it")
            moves += [point | WHOSE[key] for value in values for point in points_in_sgf(value, line.size)]
    if all(move & SETUP for move in moves):
        raise ValueError("nobody moves in it")
    packed = np.array(moves, np.uint16)
    packed[0] = mark_first(moves[0], line.size)
    wrong = replay(packed, line.size, line.suicide, np.empty(CELLS, np.int8), np.empty(POINTS, np.int32))[0]
    if wrong >= 0:
        raise ValueError(f"move {wrong + 1 - sum(1 for move in moves if move & SETUP)} of it breaks the rules")
    return packed


def _size(value: str) -> int:
    """Parse the size of a board.

    Raises:
        ValueError: it is invalid or not supported.
    """
    found = _SQUARE.fullmatch(value)
    if found is None or len(sides := {int(side) for side in found.groups() if side}) > 1 or not sides <= set(SIZES):
        raise ValueError(f"it is on a board of {value[:10]!a}, not of {SMALLEST} to {SIZE} lines each way")
    return sides.pop()


def points_in_sgf(value: str, size: int) -> list[int]:
    """Return a point, or the points of a rectangle ``aa:cc``.

    Raises:
        ValueError: they are not on the board.
    """
    first, colon, last = value.partition(":")
    if not colon:
        return [point_in_sgf(first, size)]
    (top, left), (bottom, right) = (divmod(point_in_sgf(corner, size), SIZE) for corner in (first, last))
    return [row * SIZE + column for row in range(top, bottom + 1) for column in range(left, right + 1)]
