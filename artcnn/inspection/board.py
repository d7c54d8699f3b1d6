"""A position of Go as people see it, where a network sees planes: stones in their colors, moves marked."""

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from artcnn.datasets.go.board import BLACK, EMPTY, board_points
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.planes import NAMES, Planes
from artcnn.datasets.go.position import Position
from artcnn.playing.player import Player
from artcnn.playing.symmetry_ensemble import SymmetryEnsemble
from artcnn.reports.goban import goban_tile
from artcnn.visualizers.network import Network

_LAST, _MOVE = (179, 38, 30), (36, 99, 168)  # red and blue, as in the picture of 'go suggest'


@dataclass(frozen=True, eq=False)
class Board:
    """The position at the end of a game.

    Attributes:
        state: its moves.
        color: of the player to move.
    """

    state: GameState
    color: int

    @classmethod
    def at(cls, position: Position) -> "Board":
        """Return the board of a position."""
        return cls(GameState(position.moves, position.size), position.color)

    def encode(self, network: Network) -> Tensor:
        """Return the position as a network takes it: planes, shape (1, C, size, size), in [0, 1]."""
        return self.state.planes(self.color, _planes_of(network))

    @property
    def player(self) -> str:
        """The player to move: ``Black`` or ``White``."""
        return "Black" if self.color == BLACK else "White"

    def picture(self, side: int) -> Tensor:
        """Return the stones in their own colors, shape (1, 3, size x side, size x side), in [0, 1].

        Args:
            side: pixels of a point.
        """
        colors = [[self.state.color_at(point) for point in line] for line in board_points(self.state.size).tolist()]
        stones = [[0 if color == EMPTY else 1 if color == BLACK else -1 for color in line] for line in colors]
        return goban_tile(torch.tensor(stones), side)

    def mark(self, pixels: Tensor, move: int | None = None) -> Tensor:
        """Return pictures of the board, (N, 3, H, W) bytes, the last move marked red and another one blue.

        A pass, and a move that is not on the board, have no place to be marked at.
        """
        marked, points = pixels.clone(), torch.from_numpy(board_points(self.state.size))
        side = pixels.shape[-1] // self.state.size
        middle = torch.arange(side) - (side - 1) / 2
        disc = middle[:, None] ** 2 + middle[None] ** 2 <= (0.3 * side) ** 2
        for point, color in ((self.state.last, _LAST), (move, _MOVE)):
            for row, column in (points == point).nonzero().tolist() if point is not None else ():
                place = marked[..., row * side : (row + 1) * side, column * side : (column + 1) * side]
                place[:] = torch.where(disc, torch.tensor(color, dtype=torch.uint8).view(3, 1, 1), place)
        return marked


def move_probabilities(network: Network, board: Board) -> Tensor:
    """Return the probability of each move by all eight symmetries of the board, as ``artcnn go suggest`` has it.

    Args:
        network: one that plays Go.
        board: the position.
    """
    layers = nn.Sequential(OrderedDict(network.modules))
    return Player(SymmetryEnsemble(layers), _planes_of(network)).probabilities(board.state, board.color)


def _planes_of(network: Network) -> Planes:
    """Return the name of the planes that a network takes."""
    return next(name for name, planes in NAMES.items() if planes == network.planes)
