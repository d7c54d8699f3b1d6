"""A trained network for Go: as a player, and its suggestions for a position of a game."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from artcnn.backbones.device import choose_device
from artcnn.datasets.go.board import BLACK, POINT, POINTS
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES
from artcnn.files.games import read_position
from artcnn.files.model import read_model
from artcnn.playing.player import MoveSelection, Player
from artcnn.playing.symmetry_ensemble import SymmetryEnsemble
from artcnn.training_recipes import GoRecipe


def open_player(
    name: str, device: str = "cpu", selection: MoveSelection | None = None, seed: int | None = None
) -> Player:
    """Return a network as a player that looks at the board from all sides.

    Args:
        name: the model, by name or file.
        device: what it computes on.
        selection: how it chooses moves; the most probable one by default.
        seed: for sampling moves; a random one by default.

    Raises:
        ModelError: there is no such model, or it does not play Go.
    """
    model, generator = read_model(name, "go"), torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    network = SymmetryEnsemble(model.network.to(choose_device(device)))
    recipe = model.card.recipe_as(GoRecipe)
    return Player(network, recipe.planes, selection or MoveSelection(), generator)


@dataclass(frozen=True, eq=False)
class Suggestion:
    """What a network would play in a position.

    Attributes:
        model: the name of the network.
        state: the position.
        move: the number of the move that comes next, from 1.
        color: who plays it.
        probabilities: of each move, shape (POINTS + 1,).
        played: the point that was played in the game; None where it ends here.
        notes: what was wrong with the file, a sentence each.
    """

    model: str
    state: GameState
    move: int
    color: int
    probabilities: Tensor
    played: int | None
    notes: Sequence[str]

    @property
    def color_name(self) -> str:
        """Who plays, Black or White."""
        return "Black" if self.color == BLACK else "White"

    def best(self, count: int = 5) -> dict[str, float]:
        """Return the most probable moves by name, with their probabilities."""
        points = self.probabilities.topk(count).indices.tolist()
        return {NAMES[point]: float(self.probabilities[point]) for point in points}

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "model": self.model,
            "move": self.move,
            "to_play": self.color_name.lower(),
            "best": [{"move": name, "probability": round(p, 6)} for name, p in self.best().items()],
            "played": None if self.played is None else NAMES[self.played],
            "board": self.state.size,
            "notes": list(self.notes),
        }

    def write_picture(self, path: Path, replace: bool) -> Path:
        """Draw the position with the probability of each move to a .png file; return where it is."""
        from artcnn.reports.goban import Goban, write_goban

        text = "numbers are per cent" + (", red: the last move" if self.state.last is not None else "")
        text += ", blue: the next" if self.played is not None else ""
        title = f"{self.model}: move {self.move}, {self.color_name} to play\n{text}"
        stones = [self.state.color_at(point) for point in range(POINTS)]
        goban = Goban(stones, self.state.size, self.state.last, self.probabilities[:POINTS], self.played, title)
        return write_goban(path, goban, replace)


def suggest(name: str, game: Path, number: int = 1, move: int | None = None) -> Suggestion:
    """Return what a network would play in a position of a game.

    Args:
        name: the model, by name or file.
        game: the file of the game.
        number: which game of the file, from 1.
        move: which move, from 1; the one after the last by default.

    Raises:
        ArtcnnError: the model or the game cannot be read, or the game has no such move.
    """
    position = read_position(game, number, move)
    state = GameState(position.moves, position.size)
    return Suggestion(
        model=Path(name).stem,
        state=state,
        move=position.count + 1,
        color=position.color,
        probabilities=open_player(name).probabilities(state, position.color),
        played=None if position.played is None else position.played & POINT,
        notes=position.notes,
    )
