"""Games in SGF, the Smart Game Format (FF[1] to FF[4]): main lines, as moves of two bytes each.

Variations, comments and whatever else tells of a game are left out.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from artcnn.datasets.go.board import CELLS, OF_WHITE, POINTS, SETUP, SIZE, SIZES, SMALLEST, first_of, replay
from artcnn.datasets.go.compiled import Moves
from artcnn.datasets.go.points import point_in_sgf

_VALUE = r"\[(?:[^\]\\]|\\.)*+\]"
_MARK = re.compile(rf"{_VALUE}|[()]", re.DOTALL)
_PROPERTY = re.compile(rf"([A-Za-z]+)\s*+((?:{_VALUE}\s*+)++)", re.DOTALL)
_EACH = re.compile(_VALUE, re.DOTALL)
_BEGIN = re.compile(r"\(\s*;")
_ENCODING = re.compile(rb"CA\s*\[\s*([\w.:-]{1,40})\s*\]")
_SQUARE = re.compile(r"\s*(\d{1,3})\s*(?::\s*(\d{1,3})\s*)?")

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

_WHOSE = {"B": 0, "W": OF_WHITE, "AB": SETUP, "AW": SETUP | OF_WHITE}


@dataclass(frozen=True)
class Broken:
    """A game that cannot be read, or is none of Go on a board of 7 to 19 lines.

    Attributes:
        reason: why, in a few words.
    """

    reason: str


def decode(content: bytes) -> str:
    """Return the text of an SGF file: in the encoding that it names, else UTF-8, else Latin-1; no byte stops it."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    named = _ENCODING.search(content[:100_000])
    known = named and _known(named[1].decode("ascii", errors="replace"))
    if known:
        # In some encodings of Chinese and Japanese the second byte of a character can be a bracket.
        return content.decode(known, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _known(name: str) -> str | None:
    """Return the name of an encoding of text that Python knows, or None."""
    try:
        info = codecs.lookup(name)
        "".encode(info.name)  # a codec of something else than text, such as zip, is refused here
    except LookupError:
        return None
    return info.name


def parse_games(text: str) -> Iterator[Moves | Broken]:
    """Yield the main line of each game of a collection: its moves, the first with ``FIRST``, or why there are none."""
    found = False
    for line, whole in _main_lines(text):
        found = True
        try:
            yield _moves(line) if whole else Broken("it is cut short")
        except ValueError as error:
            yield Broken(str(error))
    if not found:
        yield Broken("there is no game in it")


def _main_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text of each game as far as its first variation of all goes, and whether the game has an end."""
    depth, begin, end = 0, 0, -1
    for mark in _MARK.finditer(text):
        at = mark.start()
        if text[at] == "(" and (depth or _BEGIN.match(text, at)):
            if not depth:
                begin, end = at, -1
            depth += 1
        elif text[at] == ")" and depth:
            end = at if end < 0 else end
            depth -= 1
            if not depth:
                yield text[begin:end], True
    if depth:
        yield text[begin:], False


def _moves(line: str) -> Moves:
    """Return the moves of a main line.

    Raises:
        ValueError: there are none, or something is wrong with them.
    """
    # FF[1] wrote Black for B
    found = [("".join(c for c in name if c.isupper()), values) for name, values in _PROPERTY.findall(line)]
    size, moves = SIZE, list[int]()
    for key, values in found:
        if key == "SZ":
            size = _size(values.strip()[1:-1])
        elif key == "GM" and values.strip()[1:-1].strip() != "1":
            raise ValueError("it is no game of Go")
    for key, values in found:
        if key in ("B", "W"):
            moves.append(point_in_sgf(values.strip()[1:-1], size) | _WHOSE[key])
        elif key in ("AB", "AW", "AE"):
            if any(not move & SETUP for move in moves) or key == "AE":
                raise ValueError("stones are set in the middle of it")
            moves += [point | _WHOSE[key] for value in _EACH.findall(values) for point in _points(value[1:-1], size)]
    if all(move & SETUP for move in moves):
        raise ValueError("nobody moves in it")
    packed = np.array(moves, np.uint16)
    packed[0] = first_of(moves[0], size)
    wrong = replay(packed, size, False, np.empty(CELLS, np.int8), np.empty(POINTS, np.int32))[0]
    if wrong >= 0:
        raise ValueError(f"move {wrong + 1 - sum(1 for move in moves if move & SETUP)} of it breaks the rules")
    return packed


def _size(value: str) -> int:
    """Return the size of a board.

    Raises:
        ValueError: there is none, or nobody plays on it here.
    """
    found = _SQUARE.fullmatch(value)
    if found is None or len(sides := {int(side) for side in found.groups() if side}) > 1 or not sides <= set(SIZES):
        raise ValueError(f"it is on a board of {value[:10]!a}, not of {SMALLEST} to {SIZE} lines each way")
    return sides.pop()


def _points(value: str, size: int) -> list[int]:
    """Return the points of one, or of a rectangle: ``aa:cc``."""
    first, colon, last = value.partition(":")
    if not colon:
        return [point_in_sgf(first, size)]
    (top, left), (bottom, right) = (divmod(point_in_sgf(corner, size), SIZE) for corner in (first, last))
    return [row * SIZE + column for row in range(top, bottom + 1) for column in range(left, right + 1)]
