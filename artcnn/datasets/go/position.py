"""Read a position of a game leniently: use what is valid, and note what is not."""

import re
from dataclasses import dataclass, field

import numpy as np

from artcnn.datasets.go.board import (
    BLACK,
    CELLS,
    EMPTY,
    OF_WHITE,
    PASS,
    POINTS,
    SETUP,
    WHITE,
    board_points,
    has_liberty,
    move_color,
    replay,
    to_cell,
)
from artcnn.datasets.go.jit import Bytes
from artcnn.datasets.go.points import point_in_sgf
from artcnn.datasets.go.sgf import WHOSE, MainLine, points_in_sgf

_KOMI = re.compile(r"[+-]?\d{1,3}(?:\.\d{0,3})?", re.ASCII)
_SET = {"AB": BLACK, "AW": WHITE, "AE": EMPTY}


@dataclass(frozen=True)
class Position:
    """A position of a game.

    Attributes:
        moves: that lead to it, two bytes each. If stones were added or removed during the game, the resulting stones
            are setup moves, and earlier moves are dropped.
        size: lines of the board.
        count: number of moves played, with dropped ones.
        color: to play, BLACK or WHITE.
        played: the next move of the game, or None.
        komi: points for White, or None if unknown.
        notes: errors in the game, and guesses.
    """

    moves: list[int]
    size: int
    count: int
    color: int
    played: int | None
    komi: float | None
    notes: tuple[str, ...]


def position_in(line: MainLine, before: int | None = None) -> Position:
    """Return the position before a move, numbered from 1; by default after all valid moves.

    Raises:
        ValueError: the game has fewer moves.
    """
    return _Reader(line, before).read()


def _parse_komi(line: MainLine) -> float | None:
    """Return the komi; None if it is missing or invalid."""
    told = next((values[0].strip() for key, values in line.properties if key == "KM"), "")
    komi = float(told) if _KOMI.fullmatch(told) else POINTS + 1
    return komi if abs(komi) <= POINTS else None


@dataclass
class _Reader:
    line: MainLine
    before: int | None
    moves: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    count: int = 0
    turn: int | None = None
    """Color to play by the last PL property."""
    placed: dict[int, int] = field(default_factory=dict)
    """Stones added or removed that are not in ``moves`` yet: color by point."""

    def read(self) -> Position:
        played, stopped = self._play_all()
        self._settle()
        at = self.count + 1
        if self.before is not None and self.before > at:
            has = "only {} moves of the game can be read" if stopped else "the game has {} moves"
            raise ValueError(f"there is no move {self.before}: {has.format(self.count)}: give 1 to {at}")
        if not self.line.whole and not stopped and self.before is None:
            self.notes.append("it is cut short: this is how far it goes")
        color = move_color(played) if played is not None else self.turn or self._whose_turn()
        komi = _parse_komi(self.line)
        return Position(self.moves, self.line.size, self.count, color, played, komi, tuple(self.notes))

    def _play_all(self) -> tuple[int | None, bool]:
        """Play up to the wanted move; return the next move, if any, and whether there was an error before."""
        for key, values in self.line.properties:
            try:
                if key in _SET:
                    for point in (point for value in values for point in points_in_sgf(value, self.line.size)):
                        self.placed[point] = _SET[key]
                elif key == "PL" and values[0].strip()[:1].upper() in ("B", "W"):
                    self.turn = BLACK if values[0].strip()[:1].upper() == "B" else WHITE
                elif key in ("B", "W"):
                    self._settle()
                    move = point_in_sgf(values[0], self.line.size) | WHOSE[key]
                    if self.count + 1 == self.before:
                        return move, False
                    self._play(move)
            except ValueError as error:
                self.notes.append(f"{error}: this is how far it makes sense")
                return None, True
        return None, False

    def _play(self, move: int) -> None:
        if self._board([*self.moves, move]) is None:
            raise ValueError(f"move {self.count + 1} of it breaks the rules")
        self.moves.append(move)
        self.count, self.turn = self.count + 1, None

    def _board(self, moves: list[int]) -> Bytes | None:
        """Return the board after moves; None if they are illegal."""
        board, room = np.empty(CELLS, np.int8), np.empty(POINTS, np.int32)
        wrong = replay(np.array(moves, np.uint16), self.line.size, self.line.suicide, board, room)[0]
        return board if wrong < 0 else None

    def _settle(self) -> None:
        """Restart from the stones on the board with those added; chains without liberties are removed."""
        if not self.placed:
            return
        board, room = self._board(self.moves), np.empty(POINTS, np.int32)
        assert board is not None  # noqa: S101 - each move was tried
        for point, color in self.placed.items():
            if point != PASS:
                board[to_cell(point)] = color
        points = board_points(self.line.size).flatten().tolist()
        stones = [point for point in points if board[to_cell(point)] != EMPTY]
        dead = {point for point in stones if not has_liberty(board, to_cell(point), room)}
        if dead:
            self.notes.append("stones without a liberty are left out")
        self.moves = [
            point | SETUP | (OF_WHITE if board[to_cell(point)] == WHITE else 0) for point in stones if point not in dead
        ]
        self.placed = {}

    def _whose_turn(self) -> int:
        """Return the color to play if the game does not say: the other than the last, White after a handicap."""
        if self.moves and not self.moves[-1] & SETUP:
            return BLACK if self.moves[-1] & OF_WHITE else WHITE
        colors = {move_color(move) for move in self.moves}
        color = WHITE if colors == {BLACK} else BLACK
        if self.moves:
            self.notes.append(f"it does not say whose turn it is: {'White' if color == WHITE else 'Black'} is assumed")
        return color
