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
        device = next(self.network.parameters()).device
        with torch.no_grad():
            logits: Tensor = self.network(record.planes(colour, self.planes).to(device))[0].cpu()
        return logits.masked_fill(~torch.from_numpy(record.legal(colour)), -torch.inf).softmax(0)

    def choose(self, record: Record, colour: int) -> int:
        """Return the move: the most probable that fills no eye of its own and brings no former board back.

        The games it learnt from end when somebody resigns, so it never learnt to pass. It does where nothing else is
        left; and after the opponent's pass, late in a game, unless it is certain of a move.
        """
        probabilities = self.probabilities(record, colour)
        for point in probabilities[:PASS].argsort(descending=True, stable=True).tolist():
            if not probabilities[point]:
                break
            if record.is_eye(point, colour) or record.repeats(point, colour):
                continue
            over = record.passes and len(record.moves) >= _LONG and probabilities[point] < _CERTAIN
            return PASS if over else point
        return PASS
