"""A network at the board: how probable it holds each move, and which one it plays."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from artcnn.datasets.go.board import PASS
from artcnn.datasets.go.planes import Planes
from artcnn.datasets.go.record import Record
from artcnn.playing.judge import judge

_NEARLY = 0.1
"""Part of the best move's probability that makes another one worth playing instead."""
_LATE = 0.4
"""Stones on the board, a point, from which on a game may be over."""
_OPENING = 1 / 12
"""Moves of an opening, a point of the board: 30 on a board of 19 x 19, 6 on one of 9 x 9."""


@dataclass(frozen=True, eq=False)
class Manner:
    """How a player chooses among the moves that a network holds probable.

    Attributes:
        temperature: moves of the opening are drawn, with probabilities to the power of 1 / temperature; 0 for the most
            probable move.
        resign: the part of random games that it still has to win late in a game, or resigns; 0 for never.
    """

    temperature: float = 0.0
    resign: float = 0.0


@dataclass(frozen=True, eq=False)
class Player:
    """A network that plays.

    Attributes:
        network: makes logits of planes, in evaluation mode.
        planes: what it is shown.
        manner: how it chooses.
        generator: what moves are drawn from.
    """

    network: nn.Module
    planes: Planes
    manner: Manner = Manner()
    generator: torch.Generator = field(default_factory=torch.Generator)

    def probabilities(self, record: Record, colour: int) -> Tensor:
        """Return how probable each legal move is, 0 for others: shape (POINTS + 1,)."""
        device, illegal = next(self.network.parameters()).device, torch.from_numpy(~record.legal(colour))
        with torch.no_grad(), _one_thread():
            logits: Tensor = self.network(record.planes(colour, self.planes).to(device))[0].cpu()
            return logits.masked_fill(illegal, -torch.inf).softmax(0)

    def choose(self, record: Record, colour: int, komi: float) -> int | None:
        """Return the move: the most probable that is not foolish by what can be read without thinking ahead.

        It fills no eye of its own, brings no former board back, and runs into no ladder where another move is nearly as
        probable. The games it learnt from end when somebody resigns, so it never learnt to pass. Late in a game, and
        after a pass, random games tell whether any point is still open: where none is, it passes; and where hardly any
        of them is won, it resigns, which is told by None.
        """
        probabilities = self.probabilities(record, colour)
        wanted = [point for point in _falling(probabilities[:PASS]) if self._is_sensible(record, point, colour)]
        if record.passes or record.stones >= _LATE * record.size**2:
            judgement = judge(record)
            if judgement.chances(colour, komi) < self.manner.resign:
                return None
            wanted = [p for p in wanted if not judgement.is_settled(p) and not record.is_lost(p, colour)]
            if not any(judgement.is_open(point) for point in wanted):
                return PASS
        return self._drawn(record, colour, probabilities, wanted) if wanted else PASS

    def _drawn(self, record: Record, colour: int, probabilities: Tensor, wanted: list[int]) -> int:
        """Return one of these points, the most probable first: that one, or in the opening one drawn by temperature."""
        near = [point for point in wanted if probabilities[point] >= _NEARLY * probabilities[wanted[0]]]
        sound = [point for point in near if not record.is_lost(point, colour)] or wanted[:1]
        if not self.manner.temperature or record.count >= _OPENING * record.size**2:
            return sound[0]
        weights = probabilities[sound].log().div(self.manner.temperature).softmax(0)
        return sound[int(weights.multinomial(1, generator=self.generator))]

    @staticmethod
    def _is_sensible(record: Record, point: int, colour: int) -> bool:
        return not record.is_eye(point, colour) and not record.repeats(point, colour)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute by one thread: a board is so small that others wait for each other longer than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _falling(probabilities: Tensor) -> list[int]:
    """Return the points that have a probability, the most probable first."""
    points: list[int] = probabilities.argsort(descending=True, stable=True).tolist()
    return points[: int((probabilities > 0).sum())]
