"""A network at the board: how probable it holds each move, and which one it plays."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from artcnn.datasets.go.board import PASS
from artcnn.datasets.go.planes import Planes
from artcnn.datasets.go.record import Record

_LONG = 100
"""Moves after which a pass is answered by a pass where no move is certain: a board is hardly done before."""
_CERTAIN = 0.5
_NEARLY = 0.1
"""Part of the best move's probability that makes another one worth playing instead."""


@dataclass(frozen=True, eq=False)
class Player:
    """A network that plays.

    Attributes:
        network: makes logits of planes, in evaluation mode.
        planes: what it is shown.
    """

    network: nn.Module
    planes: Planes

    def probabilities(self, record: Record, colour: int) -> Tensor:
        """Return how probable each legal move is, 0 for others: shape (POINTS + 1,)."""
        device, illegal = next(self.network.parameters()).device, torch.from_numpy(~record.legal(colour))
        with torch.no_grad():
            logits: Tensor = self.network(record.planes(colour, self.planes).to(device))[0].cpu()
            return logits.masked_fill(illegal, -torch.inf).softmax(0)

    def choose(self, record: Record, colour: int) -> int:
        """Return the move: the most probable that is not foolish by what can be read without thinking ahead.

        It fills no eye of its own, brings no former board back, and runs into no ladder where another move is nearly as
        probable. The games it learnt from end when somebody resigns, so it never learnt to pass. It does where nothing
        else is left; and after the opponent's pass, late in a game, unless it is certain of a move.
        """
        probabilities = self.probabilities(record, colour)
        wanted = [point for point in _falling(probabilities[:PASS]) if self._is_open(record, point, colour)]
        if not wanted:
            return PASS
        best = float(probabilities[wanted[0]])
        if record.passes and len(record.moves) >= _LONG and best < _CERTAIN:
            return PASS
        near = (point for point in wanted if probabilities[point] >= _NEARLY * best)
        return next((point for point in near if not record.is_lost(point, colour)), wanted[0])

    @staticmethod
    def _is_open(record: Record, point: int, colour: int) -> bool:
        return not record.is_eye(point, colour) and not record.repeats(point, colour)


def _falling(probabilities: Tensor) -> list[int]:
    """Return the points that have a probability, the most probable first."""
    points: list[int] = probabilities.argsort(descending=True, stable=True).tolist()
    return points[: int((probabilities > 0).sum())]
