"""A network as a player: the probability of each move, and the move it chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from artcnn.datasets.go.board import PASS
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.planes import Planes
from artcnn.playing.ownership import estimate_ownership

_NEAR_BEST = 0.1
"""A move of at least this part of the best one's probability may be played instead."""
_LATE_GAME = 0.4
"""Stones per point of the board from which on a game may be over."""
_OPENING_LENGTH = 1 / 12
"""Moves of the opening per point of the board: 30 on a board of 19 x 19, 6 on one of 9 x 9."""


@dataclass(frozen=True, eq=False)
class MoveSelection:
    """How a player chooses from a network's probabilities.

    Attributes:
        temperature: in the opening, moves are sampled with probabilities to the power of 1 / temperature; 0 takes the
            most probable move.
        resign: resign late in a game when a smaller part of random games is won; 0 for never.
    """

    temperature: float = 0.0
    resign: float = 0.0


@dataclass(frozen=True, eq=False)
class Player:
    """A network that plays.

    Attributes:
        network: returns logits for planes, in evaluation mode.
        planes: the network's input encoding.
        selection: how it chooses.
        generator: for sampling moves.
    """

    network: nn.Module
    planes: Planes
    selection: MoveSelection = MoveSelection()
    generator: torch.Generator = field(default_factory=torch.Generator)

    def probabilities(self, record: GameState, color: int) -> Tensor:
        """Return the probability of each move, 0 for illegal ones: shape (POINTS + 1,)."""
        device, illegal = next(self.network.parameters()).device, torch.from_numpy(~record.legal(color))
        with torch.no_grad(), _single_threaded():
            logits: Tensor = self.network(record.planes(color, self.planes).to(device))[0].cpu()
            return logits.masked_fill(illegal, -torch.inf).softmax(0)

    def choose(self, record: GameState, color: int, komi: float) -> int | None:
        """Return the move: the most probable one that is not plainly bad, or None to resign.

        It fills no eye of its own, repeats no position, and avoids lost ladders if another move is nearly as probable.
        The games it learned from end in resignation, so it never learned to pass. Late in a game, and after a pass,
        random games estimate who owns each point: it passes when no point is open, and resigns when it wins too few.
        """
        probabilities = self.probabilities(record, color)
        wanted = [point for point in _by_probability(probabilities[:PASS]) if self._is_sensible(record, point, color)]
        if record.passes or record.stones >= _LATE_GAME * record.size**2:
            ownership = estimate_ownership(record)
            if ownership.win_rate(color, komi) < self.selection.resign:
                return None
            wanted = [p for p in wanted if not ownership.is_settled(p) and not record.is_lost(p, color)]
            if not any(ownership.is_open(point) for point in wanted):
                return PASS
        return self._pick(record, color, probabilities, wanted) if wanted else PASS

    def _pick(self, record: GameState, color: int, probabilities: Tensor, wanted: list[int]) -> int:
        """Return one of some points, which are sorted by probability: the first, or in the opening a sampled one."""
        near = [point for point in wanted if probabilities[point] >= _NEAR_BEST * probabilities[wanted[0]]]
        sound = [point for point in near if not record.is_lost(point, color)] or wanted[:1]
        if not self.selection.temperature or record.count >= _OPENING_LENGTH * record.size**2:
            return sound[0]
        weights = probabilities[sound].log().div(self.selection.temperature).softmax(0)
        return sound[int(weights.multinomial(1, generator=self.generator))]

    @staticmethod
    def _is_sensible(record: GameState, point: int, color: int) -> bool:
        return not record.is_eye(point, color) and not record.repeats(point, color)


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Use one thread: for a single board, more threads cost more in waiting than they save."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _by_probability(probabilities: Tensor) -> list[int]:
    """Return the points of nonzero probability, the most probable first."""
    points: list[int] = probabilities.argsort(descending=True, stable=True).tolist()
    return points[: int((probabilities > 0).sum())]
