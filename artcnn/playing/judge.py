"""A position judged by random games from it: whose each point becomes, which stones are dead, what the score is."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from artcnn.datasets.go.board import BLACK, EMPTY, POINTS, SIZE, WALL, WHITE
from artcnn.datasets.go.record import Record

Status = Literal["alive", "dead", "seki"]

_GAMES = 200
"""Random games for each colour that could move first: who owns a point is known to a twentieth then."""
_SEED = 1
_OPEN, _SETTLED = 0.5, 0.8
"""How far a point is somebody's, of 1, where it is worth a move no more; and where it never is."""
_SIGNS = {BLACK: 1, WHITE: -1}


@dataclass(frozen=True, eq=False)
class Judgement:
    """What random games say of a position.

    Attributes:
        owned: whose each point becomes, from -1, always White's, to 1, always Black's, shape (POINTS,).
        leads: Black's points less White's at the end of each game, no komi counted, shape (games,).
    """

    owned: NDArray[np.float64]
    leads: NDArray[np.int32]

    def is_open(self, point: int) -> bool:
        """Return whether either colour may well get a point."""
        return bool(abs(self.owned[point]) < _OPEN)

    def is_settled(self, point: int) -> bool:
        """Return whether a point is as good as somebody's."""
        return bool(abs(self.owned[point]) >= _SETTLED)

    def chances(self, colour: int, komi: float) -> float:
        """Return in what part of the random games a colour wins."""
        return float((_SIGNS[colour] * (self.leads - komi) > 0).mean())


def judge(record: Record) -> Judgement:
    """Return what random games say of a position; always the same of the same one.

    Each colour begins half of them: what depends on who moves next is nobody's then, or open.
    """
    games = [record.play_out(colour, _GAMES, _SEED) for colour in (BLACK, WHITE)]
    owned = np.sum([owned for owned, _ in games], 0)
    return Judgement(owned / (2 * _GAMES), np.concatenate([leads for _, leads in games]))


def dead_stones(record: Record) -> list[int]:
    """Return the points of the stones that are dead at the end of a game: the opponent gets their chain's points."""
    owned = judge(record).owned
    chains = [region for region in _regions(record, ()) if region.colour != EMPTY]
    return [point for chain in chains if _SIGNS[chain.colour] * owned[chain.points].sum() < 0 for point in chain.points]


def final_lead(record: Record, komi: float) -> float:
    """Return Black's points less White's and the komi, by area, once the dead stones are off the board."""
    return record.area(komi, dead_stones(record))


def chains_that_are(record: Record, status: Status) -> list[list[int]]:
    """Return the points of each chain that is alive, dead, or alive in seki: without a point that is its colour's."""
    dead = dead_stones(record)
    if status == "dead":
        return [chain.points for chain in _regions(record, ()) if chain.points[0] in dead]
    regions = _regions(record, dead)
    at_home = {near for region in regions if region.is_of_one for near in region.around}
    chains = [region.points for region in regions if region.colour != EMPTY]
    return [points for points in chains if at_home.isdisjoint(points) == (status == "seki")]


@dataclass(frozen=True, eq=False)
class _Region:
    """A chain, or empty points that hang together.

    Attributes:
        colour: what is at its points.
        points: where it is.
        around: the points beside it.
        is_of_one: whether it is empty, and all stones around it are of one colour.
    """

    colour: int
    points: list[int]
    around: set[int]
    is_of_one: bool


def _regions(record: Record, removed: Collection[int]) -> list[_Region]:
    """Return the chains and the empty regions of a board, once the stones at some points are off it."""
    colours = [EMPTY if point in removed else record.colour_at(point) for point in range(POINTS)]
    found, seen = list[_Region](), set[int]()
    for start, colour in enumerate(colours):
        if colour == WALL or start in seen:
            continue
        points, around = [start], set[int]()
        for point in points:  # which grows meanwhile
            for near in _beside(point):
                if colours[near] != colour:
                    around.add(near)
                elif near not in points:
                    points.append(near)
        seen.update(points)
        of_one = colour == EMPTY and len({colours[near] for near in around} - {WALL}) == 1
        found.append(_Region(colour, points, around, of_one))
    return found


def _beside(point: int) -> list[int]:
    row, column = divmod(point, SIZE)
    near = ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column))
    return [r * SIZE + c for r, c in near if 0 <= r < SIZE and 0 <= c < SIZE]
