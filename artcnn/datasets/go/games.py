"""Many games, two bytes a move, and the positions in them as examples: what is on the board, and what was played."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from artcnn.datasets.go.board import FIRST, LACKING, PASS, POINT, POINTS, SETUP, SIZE, SIZES, size_of
from artcnn.datasets.go.jit import Moves, Numbers
from artcnn.datasets.go.planes import NAMES, Planes, as_maps, fill
from artcnn.datasets.go.points import NAMES as POINT_NAMES


@dataclass(frozen=True, eq=False)
class Positions:
    """Positions of games, each with the move that was played in it; planes are made when they are asked for.

    Attributes:
        moves: of all games, in memory or on disk, shape (M,).
        first: for each position, where its game begins in ``moves``, shape (N,).
        which: for each position, the index of its move in ``moves``, shape (N,).
        planes: what a network is shown of it.
    """

    moves: Moves
    first: Numbers
    which: Numbers
    planes: Planes

    def __len__(self) -> int:
        return len(self.which)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return positions, shape (B, C, S, S), and the points that were played, 361 for a pass, shape (B,).

        S is the size of the largest of their boards; smaller ones are in the lower left corner, with zeros around.
        """
        first, which = self.first[indices.numpy()], self.which[indices.numpy()]
        planes = np.zeros((len(which), len(NAMES[self.planes]), POINTS), np.int8)
        fill(self.moves, first, which, planes)
        largest = size_of(int(self.moves[first].min()))  # in their highest bits is what the boards lack
        maps = as_maps(planes, largest)
        return torch.from_numpy(maps).float(), torch.from_numpy((self.moves[which] & POINT).astype(np.int64))

    def numbers(self) -> Numbers:
        """Return how many stones were played before each position, the handicap's among them, shape (N,)."""
        return self.which - self.first

    def sample(self, count: int) -> "Positions":
        """Return so many of them, evenly spread over the games; all where there are no more."""
        chosen = np.linspace(0, len(self) - 1, min(count, len(self))).round().astype(np.int64)
        return Positions(self.moves, self.first[chosen], self.which[chosen], self.planes)

    def sizes(self) -> Numbers:
        """Return the size of each position's board, shape (N,)."""
        return (SIZE - (self.moves[self.first] >> LACKING)).astype(np.int32)

    def with_small(self, part: float) -> "Positions":
        """Return them with those on smaller boards than the largest repeated until they are a part of all.

        Args:
            part: in [0, 1); 0 leaves them as they are.
        """
        sizes = self.sizes()
        small, large = np.flatnonzero(sizes < sizes.max()), np.flatnonzero(sizes == sizes.max())
        if not part or not len(small):
            return self
        chosen = np.concatenate([large, np.resize(small, round(len(large) * part / (1 - part)))])
        return Positions(self.moves, self.first[chosen], self.which[chosen], self.planes)


@dataclass(frozen=True, eq=False)
class Games:
    """Games one behind the other.

    Attributes:
        moves: two bytes each, the first of a game with ``FIRST``, shape (M,).
    """

    moves: Moves

    @property
    def classes(self) -> tuple[str, ...]:
        """What the labels of positions stand for."""
        return POINT_NAMES

    @property
    def name(self) -> str:
        """What a model's card calls them."""
        return "games of Go"

    @classmethod
    def of(cls, games: Sequence[Moves]) -> "Games":
        """Return these games as one."""
        return cls(np.concatenate(games) if games else np.empty(0, np.uint16))

    @cached_property
    def starts(self) -> Numbers:
        """Where each game begins, shape (games,)."""
        return np.flatnonzero(self.moves & FIRST).astype(np.int32)

    def __len__(self) -> int:
        return len(self.starts)

    def game(self, number: int) -> Moves:
        """Return the moves of a game, by its number from 0."""
        bounds = np.append(self.starts, len(self.moves))
        return self.moves[bounds[number] : bounds[number + 1]]

    def positions(self, planes: Planes, chosen: Tensor | None = None) -> Positions:
        """Return the positions of the games of these numbers, of all by default: one for each move, in order."""
        wanted = np.zeros(len(self), np.bool_)
        wanted[slice(None) if chosen is None else chosen.numpy()] = True
        game = (self.moves & FIRST != 0).cumsum() - 1
        which = np.flatnonzero((self.moves & SETUP == 0) & wanted[game])
        return Positions(self.moves, self.starts[game[which]], which.astype(np.int32), planes)

    def sizes(self) -> list[int]:
        """Return the sizes of the boards that there are, the smallest first."""
        return sorted({size_of(int(move)) for move in np.unique(self.moves[self.starts])})

    def split(self, validation: int, seed: int) -> tuple[Tensor, Tensor]:
        """Return the numbers of the games in two parts, mixed by the seed: all but ``validation``, and these.

        Games on smaller boards than the largest are split by themselves, a tenth of each size held out at most: what is
        held out of the largest stays the same whatever smaller ones are added.
        """
        sizes, parts = SIZE - (self.moves[self.starts] >> LACKING), list[tuple[Tensor, Tensor]]()
        for size in reversed(self.sizes()):
            of_it = torch.from_numpy(np.flatnonzero(sizes == size))
            order = of_it[torch.randperm(len(of_it), generator=torch.Generator().manual_seed(seed))]
            count = min(validation, len(of_it) // 10) if parts else validation
            parts.append((order[count:], order[:count]))
        train, rest = zip(*parts, strict=True)
        return torch.cat(train), torch.cat(rest)

    def is_sound(self) -> bool:
        """Return whether these can be moves of games: compiled functions rely on it."""
        moves = self.moves
        if moves.dtype != np.uint16 or moves.ndim != 1 or not len(moves):
            return False
        return bool(moves[0] & FIRST) and set(self.sizes()) <= set(SIZES) and int((moves & POINT).max()) <= PASS

    def sha256(self) -> str:
        """Return the sha256 of all moves, in hexadecimal."""
        return hashlib.sha256(self.moves.tobytes()).hexdigest()
