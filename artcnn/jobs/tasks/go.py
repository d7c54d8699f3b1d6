"""Playing the next move of Go: what its trainings, tests and comparisons work with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from artcnn.datasets.go.games import Games, Positions
from artcnn.datasets.go.points import NAMES
from artcnn.errors import DataError, ModelError
from artcnn.files.games import find_games, read_games
from artcnn.files.model import Model, read_model
from artcnn.jobs.comparison import Comparison, train_fully
from artcnn.jobs.evaluation import Accuracy
from artcnn.jobs.tasks.sources import GoSource
from artcnn.jobs.tasks.task import EvaluationData, Skip, Task, TrainingData
from artcnn.playing.symmetry_ensemble import SymmetryEnsemble
from artcnn.training.classification import Score, evaluate
from artcnn.training.comparison import Arm, Fit
from artcnn.training.go import go_training
from artcnn.training.precision import autocast
from artcnn.training.ranks import rank_labels
from artcnn.training_recipes import GoRecipe

ARMS = (
    Arm("no pooling", "default", {}, "21 planes, every point its own"),
    Arm("stride 1", "default", {"pool": True, "pool_stride": 1}, "blurred, no place lost"),
    Arm("stride 2", "default", {"pool": True}, "blurred, three places of four lost"),
    Arm("stones only", "default", {"planes": "stones"}, "no pooling, one plane"),
)
"""What ``compare`` compares: networks with and without pooling, and with less input."""

PHASES = {"moves 1 to 60": (0, 60), "moves 61 to 150": (60, 150), "moves from 151 on": (150, 1 << 30)}

_LISTED = 5
"""Games left out that are named."""
_COMPARED_POSITIONS = 10_000


def load_games(paths: Sequence[Path]) -> tuple[Games, list[str]]:
    """Return the games in some files, and notes on how many there are and which were left out."""
    read = read_games(find_games(paths))
    notes = [f"left out: {skipped}" for skipped in read.skipped[:_LISTED]]
    if len(read.skipped) > _LISTED:
        notes.append(f"left out: {len(read.skipped) - _LISTED} more")
    return read.games, [*notes, f"{len(read.games):,} games, {len(read.games.moves):,} moves"]


def load_training(source: GoSource, recipe: GoRecipe, skip: Skip) -> TrainingData:  # noqa: ARG001 - files all count
    """Load what a training needs.

    Raises:
        DataError: the games are too few.
        ModelError: the model to start from has another shape than the recipe's.
    """
    weights = None if source.initial is None else _initial_weights(source.initial, recipe)
    games, notes = load_games(source.paths)
    if len(games) <= recipe.validation:
        few = f"{len(games)} games are too few: {recipe.validation} are held out"
        raise DataError(few, hint="give more, or --set validation=1")

    def new_training(device: torch.device, processes: Any) -> Any:  # noqa: ANN401
        return go_training(recipe, games, device, processes, weights)

    return TrainingData(new_training, games, games.classes, notes=notes)


def _initial_weights(name: str, recipe: GoRecipe) -> dict[str, Tensor]:
    model = read_model(name, "go")
    initial = model.card.recipe_as(GoRecipe)
    for key in ("planes", "width", "depth", "residual", "pool"):
        its, wanted = getattr(initial, key), getattr(recipe, key)
        if its != wanted:
            raise ModelError(
                f"{model.path} has {key} = {its}, not {wanted}", hint="--from takes a network of the same shape"
            )
    return model.network.state_dict()


def load_evaluation(source: GoSource, model: Model, device: torch.device, skip: Skip) -> EvaluationData:  # noqa: ARG001
    """Load what the test of a model needs.

    Raises:
        DataError: the model did not learn from these games, of which only those held out are asked for.
    """
    recipe = model.card.recipe_as(GoRecipe)
    games, notes = load_games(source.paths)
    if source.held_out and games.sha256() != model.card.data_sha256:
        raise DataError(
            f"{model.path} did not learn from these files", hint="leave --held-out away, or give the same files"
        )
    chosen = games.split(recipe.validation, recipe.seed)[1] if source.held_out else None
    positions = games.positions(recipe.planes, chosen)
    if source.sample is not None:
        positions = positions.sample(source.sample)
    network = model.network.to(device)
    return EvaluationData(
        network=SymmetryEnsemble(network) if source.symmetric else network,
        examples=positions,
        measure=rank_labels,
        summarize=partial(_summarize, model.path, len(games if chosen is None else chosen), positions),
        notes=notes,
        precision=autocast(recipe.precision, device),
    )


@dataclass(frozen=True)
class TopK:
    """How often the move that was played is among a network's most probable ones.

    Attributes:
        top1: is the most probable.
        top5: is among the first five.
    """

    top1: Accuracy
    top5: Accuracy

    @classmethod
    def of(cls, ranks: Tensor) -> "TopK":
        """Return it from the ranks of the moves that were played, from 0."""
        return cls(Accuracy.of(ranks < 1), Accuracy.of(ranks < 5))

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        row: dict[str, Any] = {"positions": self.top1.count}
        for name, part in (("top1", self.top1), ("top5", self.top5)):
            row |= {name: part.accuracy, f"{name}_low": part.low, f"{name}_high": part.high}
        return row


@dataclass(frozen=True)
class MoveEvaluation:
    """How well a network predicts moves.

    Attributes:
        model: its file.
        games: how many games the positions are from.
        overall: in all positions.
        by_phase: in each phase of a game that there is.
        by_size: on each size of board, where there are several.
    """

    model: Path
    games: int
    overall: TopK
    by_phase: dict[str, TopK]
    by_size: dict[str, TopK]

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        report = {"model": str(self.model), "games": self.games, **self.overall.to_json()}
        report["by_phase"] = {name: part.to_json() for name, part in self.by_phase.items()}
        if self.by_size:
            report["by_size"] = {name: part.to_json() for name, part in self.by_size.items()}
        return report


def _summarize(path: Path, games: int, positions: Positions, ranks: Tensor) -> MoveEvaluation:
    numbers, sizes = torch.from_numpy(positions.numbers()), torch.from_numpy(positions.sizes())
    phases = {name: ranks[(numbers >= low) & (numbers < high)] for name, (low, high) in PHASES.items()}
    found = sorted(set(sizes.tolist()))
    boards = {f"{size} x {size}": ranks[sizes == size] for size in found} if len(found) > 1 else {}
    return MoveEvaluation(
        path,
        games,
        TopK.of(ranks),
        {name: TopK.of(part) for name, part in phases.items() if len(part)},
        {name: TopK.of(part) for name, part in boards.items()},
    )


def describe(recipe: GoRecipe) -> str:
    """Return what tells a training from others."""
    return f"width {recipe.width}, depth {recipe.depth}, seed {recipe.seed}"


def load_comparison(paths: Sequence[Path], recipes: dict[str, GoRecipe], seeds: int) -> tuple[Comparison, list[str]]:
    """Return what compares the arms by how often they find the move that was played, and notes on the games.

    A sixth of the games is to test on, another sixth to choose learning rates by.

    Raises:
        DataError: the games are too few.
    """
    games, notes = load_games(paths)
    sixth = len(games) // 6
    if sixth < 1:
        raise DataError(
            f"{len(games)} games are too few", hint="give six or more: a sixth is to test on, another one to choose by"
        )
    others, tests = games.split(sixth, seed=0)
    train = Games.concatenate([games.game(number) for number in others.tolist()])
    comparison = Comparison(
        arms=ARMS,
        recipes={name: recipe.model_copy(update={"validation": sixth}) for name, recipe in recipes.items()},
        conditions=[f"{next(iter(recipes.values())).epoch_size}"],
        trial=partial(_trial, train, games, tests),
        score="top-1 accuracy",
        condition="positions",
        classes=len(NAMES),
        title=f"What pooling costs, {seeds} runs each",
    )
    return comparison, notes


def _trial(train: Games, games: Games, tests: Tensor, recipe: GoRecipe, _: str, cancelled: Callable[[], bool]) -> Fit:
    """Train for one epoch; there is one condition."""
    training = go_training(recipe, train)
    train_fully(training, cancelled)
    test = games.positions(recipe.planes, tests).sample(_COMPARED_POSITIONS)
    last = training.history[-1]  # its validation is that of the weights that are left
    validation = Score(last.validation_loss, last.validation_error, last.validation["accuracy"])
    return Fit(validation, lambda: 100 * evaluate(training.eval_network, test).accuracy)


TASK = Task("reading the games", load_training, load_evaluation, describe)
