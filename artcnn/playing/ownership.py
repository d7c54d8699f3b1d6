"""Ownership of points, dead stones and the score, estimated by random games from a position."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from artcnn.datasets.go.board import BLACK, EMPTY, POINTS, SIZE, WALL, WHITE
from artcnn.datasets.go.game_state import GameState

Status = Literal["alive", "dead", "seki"]

_GAMES = 200
"""Random games for each color that could move first: enough to know the ownership of a point to 0.05."""
_SEED = 1
_OPEN, _SETTLED = 0.5, 0.8
"""Below the first, in absolute ownership, a point is worth a move; from the second on it is never."""
_SIGNS = {BLACK: 1, WHITE: -1}


@dataclass(frozen=True, eq=False)
class Ownership:
    """How random games from a position end.

    Attributes:
        expected: the mean owner of each point, from -1, always White, to 1, always Black, shape (POINTS,).
        leads: Black's points less White's at the end of each game, without komi, shape (games,).
    """

    expected: NDArray[np.float64]
    leads: NDArray[np.int32]

    def is_open(self, point: int) -> bool:
        """Return whether a point may still become either color's."""
        return bool(abs(self.expected[point]) < _OPEN)

    def is_settled(self, point: int) -> bool:
        """Return whether a point is practically decided."""
        return bool(abs(self.expected[point]) >= _SETTLED)

    def win_rate(self, color: int, komi: float) -> float:
        """Return the part of the random games that a color wins."""
        return float((_SIGNS[color] * (self.leads - komi) > 0).mean())


def estimate_ownership(record: GameState) -> Ownership:
    """Return how random games from a position end; a position always gives the same games.

    Each color begins half of them, so that what depends on who moves next comes out as open.
    """
    games = [record.play_out(color, _GAMES, _SEED) for color in (BLACK, WHITE)]
    owners = np.sum([owners for owners, _ in games], 0)
    return Ownership(owners / (2 * _GAMES), np.concatenate([leads for _, leads in games]))


def dead_stones(record: GameState) -> list[int]:
    """Return the points of the stones that are dead at the end of a game: those of chains the opponent will own."""
    expected = estimate_ownership(record).expected
    chains = [region for region in _regions(record, ()) if region.color != EMPTY]
    return [
        point for chain in chains if _SIGNS[chain.color] * expected[chain.points].sum() < 0 for point in chain.points
    ]


def final_lead(record: GameState, komi: float) -> float:
    """Return Black's area less White's area and komi, the dead stones removed."""
    return record.area(komi, dead_stones(record))


def chains_with_status(record: GameState, status: Status) -> list[list[int]]:
    """Return the points of each chain that is alive, dead, or in seki: alive without territory beside it."""
    dead = dead_stones(record)
    if status == "dead":
        return [chain.points for chain in _regions(record, ()) if chain.points[0] in dead]
    regions = _regions(record, dead)
    with_territory = {point for region in regions if region.is_territory for point in region.neighbors}
    chains = [region.points for region in regions if region.color != EMPTY]
    return [points for points in chains if with_territory.isdisjoint(points) == (status == "seki")]


@dataclass(frozen=True, eq=False)
class _Region:
    """A chain, or a connected area of empty points.

    Attributes:
        color: what is at its points.
        points: where it is.
        neighbors: the points beside it.
        is_territory: whether it is empty, and all stones around it are of one color.
    """

    color: int
    points: list[int]
    neighbors: set[int]
    is_territory: bool


def _regions(record: GameState, removed: Collection[int]) -> list[_Region]:
    """Return the chains and the empty regions of a board, the stones at some points removed."""
    colors = [EMPTY if point in removed else record.color_at(point) for point in range(POINTS)]
    found, seen = list[_Region](), set[int]()
    for start, color in enumerate(colors):
        if color == WALL or start in seen:
            continue
        points, neighbors = [start], set[int]()
        for point in points:  # it grows meanwhile
            for near in _neighbors_of(point):
                if colors[near] != color:
                    neighbors.add(near)
                elif near not in points:
                    points.append(near)
        seen.update(points)
        one_color = len({colors[near] for near in neighbors} - {WALL}) == 1
        found.append(_Region(color, points, neighbors, color == EMPTY and one_color))
    return found


def _neighbors_of(point: int) -> list[int]:
    row, column = divmod(point, SIZE)
    near = ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column))
    return [r * SIZE + c for r, c in near if 0 <= r < SIZE and 0 <= c < SIZE]
