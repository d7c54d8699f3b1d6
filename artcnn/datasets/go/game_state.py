"""The state of a game: its moves, the legal moves, and the input of a network."""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artcnn.datasets.go.board import (
    AROUND,
    BLACK,
    CELLS,
    EMPTY,
    FIRST,
    NO_KO,
    OF_WHITE,
    PASS,
    POINT,
    POINTS,
    SETUP,
    SIZE,
    WALL,
    WHITE,
    WIDTH,
    area,
    chain_at,
    mark_first,
    play,
    replay,
    to_cell,
)
from artcnn.datasets.go.games import Positions
from artcnn.datasets.go.jit import Bytes, Numbers
from artcnn.datasets.go.ladder import is_caught
from artcnn.datasets.go.planes import Planes
from artcnn.datasets.go.playouts import play_out
from artcnn.datasets.go.points import NAMES, pass_or_point_in_sgf

_FEW = 2  # stones that may be sacrificed
_DIAGONAL = -WIDTH - 1, -WIDTH + 1, WIDTH - 1, WIDTH + 1


class GameState:
    """A game with area scoring, simple ko, and no suicide.

    Attributes:
        moves: two bytes each, as in ``artcnn.datasets.go.board``, without the mark of the first move.
        size: lines of the board.
    """

    def __init__(self, moves: Iterable[int] = (), size: int = SIZE) -> None:
        """Start from moves, which must be legal on a board of this size."""
        self.size, self._stones = size, np.empty(POINTS, np.int32)
        self._begin([int(move) & (FIRST - 1) for move in moves])

    def _begin(self, moves: list[int]) -> None:
        self.moves = moves
        self._board, self._ko, self._barred = self._replayed(len(moves))
        self._boards = {self._replayed(count)[0].tobytes() for count in range(len(moves) + 1)}

    def _replayed(self, count: int) -> tuple[Bytes, int, int]:
        board = np.empty(CELLS, np.int8)
        _, ko, barred = replay(np.array(self.moves[:count], np.uint16), self.size, True, board, self._stones)
        return board, ko, barred

    @property
    def next_color(self) -> int:
        """The color to play: the other than the last, White after a handicap, Black at the start."""
        if not self.moves:
            return BLACK
        return BLACK if self.moves[-1] & OF_WHITE else WHITE

    @property
    def count(self) -> int:
        """The number of moves, without handicap stones."""
        return sum(not move & SETUP for move in self.moves)

    @property
    def stones(self) -> int:
        """The number of stones on the board."""
        return int(np.isin(self._board, (BLACK, WHITE)).sum())

    @property
    def last(self) -> int | None:
        """The point of the last move, or the pass; None at the start."""
        return self.moves[-1] & POINT if self.count else None

    @property
    def passes(self) -> int:
        """The number of passes at the end of the moves."""
        return next((n for n, move in enumerate(reversed(self.moves)) if move & POINT != PASS), len(self.moves))

    def color_at(self, point: int) -> int:
        """Return the color at a point: EMPTY, BLACK, WHITE, or WALL outside a smaller board."""
        return int(self._board[to_cell(point)])

    def play(self, point: int, color: int, *, setup: bool = False) -> None:
        """Play a move or a pass, or place a handicap stone.

        Raises:
            ValueError: the move is illegal.
        """
        if point != PASS:
            if not self.allows(point, color):
                raise ValueError(f"{NAMES[point]} is not a legal move")
            _, self._ko = play(self._board, to_cell(point), color, self._stones)
            self._barred = WHITE + BLACK - color
        else:
            self._ko = NO_KO
        self._boards.add(self._board.tobytes())
        self.moves.append(point | (OF_WHITE if color == WHITE else 0) | (SETUP if setup else 0))

    def undo(self) -> None:
        """Undo the last move.

        Raises:
            ValueError: there is no move.
        """
        if not self.moves or self.moves[-1] & SETUP:
            raise ValueError("there is nothing to undo")
        self._begin(self.moves[:-1])

    def allows(self, point: int, color: int) -> bool:
        """Return whether a stone at a point is legal."""
        cell = to_cell(point)
        if self._board[cell] != EMPTY or (cell == self._ko and color == self._barred):
            return False
        return play(self._board.copy(), cell, color, self._stones)[0] >= 0

    def legal(self, color: int) -> NDArray[np.bool_]:
        """Return a mask of legal moves: the points, then the pass, shape (POINTS + 1,)."""
        return np.array([*(self.allows(point, color) for point in range(POINTS)), True])

    def repeats(self, point: int, color: int) -> bool:
        """Return whether a legal move would repeat an earlier board."""
        board = self._board.copy()
        play(board, to_cell(point), color, self._stones)
        return board.tobytes() in self._boards

    def is_lost(self, point: int, color: int) -> bool:
        """Return whether a legal move captures nothing, and then loses its chain of 3 or more stones in a ladder."""
        board, cell = self._board.copy(), to_cell(point)
        captured, _ = play(board, cell, color, self._stones)
        return captured == 0 and chain_at(board, cell, self._stones) > _FEW and is_caught(board, cell)

    def is_eye(self, point: int, color: int) -> bool:
        """Return whether a point is an eye: own stones on all sides, and on all corners but one."""
        cell = to_cell(point)
        if any(self._board[cell + step] not in (color, WALL) for step in AROUND):
            return False
        corners = [int(self._board[cell + step]) for step in _DIAGONAL]
        lost = corners.count(WHITE + BLACK - color)
        return lost == 0 if WALL in corners else lost < 2

    def area(self, komi: float, dead: Iterable[int] = ()) -> float:
        """Return Black's area minus White's area and the komi, after removing dead stones."""
        board = self._board.copy()
        for point in dead:
            board[to_cell(point)] = EMPTY
        black, white = area(board)
        return black - white - komi

    def play_out(self, color: int, games: int, seed: int) -> tuple[Numbers, Numbers]:
        """Run random playouts from here, with this color to play.

        Returns:
            For each point, the number of playouts in which it ends as Black's minus White's, shape (POINTS,); and
            Black's area minus White's in each playout, shape (games,).
        """
        ko = self._ko if color == self._barred else NO_KO
        owned, leads = play_out(self._board, color, ko, games, seed)
        return owned.reshape(WIDTH, WIDTH)[1:-1, 1:-1].flatten(), leads

    def planes(self, color: int, planes: Planes) -> Tensor:
        """Return the position as input of a network that plays this color, shape (1, C, size, size)."""
        waiting = PASS | (OF_WHITE if color == WHITE else 0)
        moves, last = np.array([*self.moves, waiting], np.uint16), np.array([len(self.moves)], np.int32)
        moves[0] = mark_first(int(moves[0]), self.size)
        return Positions(moves, np.zeros(1, np.int32), last, planes).batch(torch.zeros(1, dtype=torch.int64))[0]

    def as_sgf(self, **properties: str) -> str:
        """Return the game as SGF, with further properties, such as ``PB="artcnn"``."""
        root = {"GM": "1", "FF": "4", "CA": "UTF-8", "SZ": str(self.size), "RU": "Chinese", **properties}
        text = "".join(f"{key}[{_escaped(value)}]" for key, value in root.items())
        moves = (
            (move, f"[{pass_or_point_in_sgf(move & POINT, self.size)}]") for move in self.moves if not move & SETUP
        )
        nodes = "".join(f";{'W' if move & OF_WHITE else 'B'}{point}" for move, point in moves)
        return f"(;{text}{self._handicap('AB', SETUP)}{self._handicap('AW', SETUP | OF_WHITE)}{nodes})\n"

    def _handicap(self, key: str, kind: int) -> str:
        """Return the handicap stones of a color as an SGF property."""
        points = [pass_or_point_in_sgf(move & POINT, self.size) for move in self.moves if move & ~POINT == kind]
        return key + "".join(f"[{point}]" for point in points) if points else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("]", "\\]")
