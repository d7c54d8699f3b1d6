"""Collections of games, two bytes a move, and their positions as examples, with the move that was played."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from artcnn.datasets.go.board import FIRST, LACKING, PASS, POINT, POINTS, SETUP, SIZE, SIZES, board_size
from artcnn.datasets.go.jit import Moves, Numbers
from artcnn.datasets.go.planes import NAMES, Planes, as_maps, fill
from artcnn.datasets.go.points import NAMES as POINT_NAMES


@dataclass(frozen=True, eq=False)
class Positions:
    """Positions of games, with the move that was played; planes are computed for each batch.

    Attributes:
        moves: of all games, in memory or memory-mapped, shape (M,).
        first: for each position, the index of its game's first move, shape (N,).
        which: for each position, the index of its move, shape (N,).
        planes: the encoding of positions.
    """

    moves: Moves
    first: Numbers
    which: Numbers
    planes: Planes

    def __len__(self) -> int:
        return len(self.which)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return a batch by indices: positions, shape (B, C, S, S), and points played, 361 for a pass, shape (B,).

        S is the largest board size in the batch; smaller boards are in the lower left corner, padded with zeros.
        """
        first, which = self.first[indices.numpy()], self.which[indices.numpy()]
        planes = np.zeros((len(which), len(NAMES[self.planes]), POINTS), np.int8)
        fill(self.moves, first, which, planes)
        largest = board_size(int(self.moves[first].min()))  # the highest bits of a first move hold 19 minus the size
        maps = as_maps(planes, largest)
        return torch.from_numpy(maps).float(), torch.from_numpy((self.moves[which] & POINT).astype(np.int64))

    def numbers(self) -> Numbers:
        """Return the number of moves before each position, handicap stones included, shape (N,)."""
        return self.which - self.first

    def sample(self, count: int) -> "Positions":
        """Return ``count`` positions, evenly spaced, or all if there are fewer."""
        chosen = np.linspace(0, len(self) - 1, min(count, len(self))).round().astype(np.int64)
        return Positions(self.moves, self.first[chosen], self.which[chosen], self.planes)

    def sizes(self) -> Numbers:
        """Return the board size of each position, shape (N,)."""
        return (SIZE - (self.moves[self.first] >> LACKING)).astype(np.int32)

    def with_small(self, part: float) -> "Positions":
        """Repeat the positions on smaller boards until they make up this part of all.

        Args:
            part: in [0, 1); 0 repeats none.
        """
        sizes = self.sizes()
        small, large = np.flatnonzero(sizes < sizes.max()), np.flatnonzero(sizes == sizes.max())
        if not part or not len(small):
            return self
        chosen = np.concatenate([large, np.resize(small, round(len(large) * part / (1 - part)))])
        return Positions(self.moves, self.first[chosen], self.which[chosen], self.planes)


@dataclass(frozen=True, eq=False)
class Games:
    """A collection of games, concatenated.

    Attributes:
        moves: two bytes each, the first move of each game marked by ``FIRST``, shape (M,).
    """

    moves: Moves

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes: the points, and the pass."""
        return POINT_NAMES

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return "games of Go"

    @classmethod
    def concatenate(cls, games: Sequence[Moves]) -> "Games":
        """Concatenate games."""
        return cls(np.concatenate(games) if games else np.empty(0, np.uint16))

    @cached_property
    def starts(self) -> Numbers:
        """Index of each game's first move, shape (games,)."""
        return np.flatnonzero(self.moves & FIRST).astype(np.int32)

    def __len__(self) -> int:
        return len(self.starts)

    def game(self, number: int) -> Moves:
        """Return the moves of a game, by index."""
        bounds = np.append(self.starts, len(self.moves))
        return self.moves[bounds[number] : bounds[number + 1]]

    def positions(self, planes: Planes, chosen: Tensor | None = None) -> Positions:
        """Return the positions of some games, or all: one for each move, in order."""
        wanted = np.zeros(len(self), np.bool_)
        wanted[slice(None) if chosen is None else chosen.numpy()] = True
        game = (self.moves & FIRST != 0).cumsum() - 1
        which = np.flatnonzero((self.moves & SETUP == 0) & wanted[game])
        return Positions(self.moves, self.starts[game[which]], which.astype(np.int32), planes)

    def sizes(self) -> list[int]:
        """Return the board sizes that occur, sorted."""
        return sorted({board_size(int(move)) for move in np.unique(self.moves[self.starts])})

    def split(self, validation: int, seed: int) -> tuple[Tensor, Tensor]:
        """Shuffle the games by the seed and split their indices: all but ``validation``, and these.

        Each board size is split by itself; of smaller sizes at most a tenth is for validation. So the validation games
        of the largest size do not depend on the smaller ones.
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
        """Return whether the moves are valid; compiled functions rely on it."""
        moves = self.moves
        if moves.dtype != np.uint16 or moves.ndim != 1 or not len(moves):
            return False
        return bool(moves[0] & FIRST) and set(self.sizes()) <= set(SIZES) and int((moves & POINT).max()) <= PASS

    def sha256(self) -> str:
        """Return the sha256 of all moves, in hexadecimal."""
        return hashlib.sha256(self.moves.tobytes()).hexdigest()
