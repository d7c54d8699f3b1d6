"""Controlled experiments: arms that differ in one setting, trained on the same data with the same seeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from artcnn.errors import DivergenceError
from artcnn.training.classification import Score
from artcnn.training_recipes import TrainRecipe


@dataclass(frozen=True)
class Arm:
    """One variant in a comparison.

    Attributes:
        name: its name in the table.
        preset: the recipe that it is based on.
        changes: settings that differ from the preset.
        shows: what its result shows.
    """

    name: str
    preset: str
    changes: Mapping[str, Any]
    shows: str


@dataclass(frozen=True)
class Fit:
    """A trained network.

    Attributes:
        validation: its score on the validation examples. Learning rates are chosen by validation errors, ties by the
            loss: errors are what is compared, and the loss also depends on how confident wrong answers are.
        score: returns its test score in per cent; only called for the chosen learning rate.
    """

    validation: Score
    score: Callable[[], float]


@dataclass(frozen=True)
class Outcome:
    """The score of one run in per cent: an arm under a condition, with a seed and the chosen learning rate."""

    arm: str
    condition: str
    seed: int
    lr: float
    score: float


AnyTraining = TypeVar("AnyTraining", bound=TrainRecipe)
Trial = Callable[[AnyTraining, str], Fit]
"""Trains a network by a recipe under a condition, such as a number of examples or a left-out speaker."""


def limit_batch(recipe: AnyTraining, examples: int) -> AnyTraining:
    """Return a recipe with a smaller batch for few examples, so that an epoch has enough steps."""
    return recipe.model_copy(update={"batch": min(recipe.batch, max(16, examples // 32))})


def compare(
    recipes: Mapping[str, AnyTraining],
    conditions: Sequence[str],
    seeds: int,
    rates: Sequence[float],
    trial: Trial[AnyTraining],
) -> Iterator[Outcome]:
    """Yield the outcome of each arm under each condition with each seed.

    Each arm gets its own learning rate under each condition: the one with the fewest validation errors with seed 0.
    With a shared rate, an arm that needs another one would look worse than it is.

    Args:
        recipes: by name of the arm.
        conditions: under which each arm is trained.
        seeds: number of seeds, from 0.
        rates: learning rates to choose from; the recipe's own if empty.
        trial: trains one network.

    Raises:
        DivergenceError: an arm diverged at every rate, or at the chosen rate with another seed.
    """
    for condition in conditions:
        for arm, recipe in recipes.items():
            tried = [recipe.model_copy(update={"seed": 0, "lr": lr}) for lr in rates or [recipe.lr]]
            best, fit = _best(tried, condition, trial)
            for seed in range(seeds):
                if seed > 0:
                    fit = trial(best.model_copy(update={"seed": seed}), condition)
                yield Outcome(arm, condition, seed, best.lr, fit.score())


def _best(recipes: Sequence[AnyTraining], condition: str, trial: Trial[AnyTraining]) -> tuple[AnyTraining, Fit]:
    """Return the recipe whose network has the fewest validation errors, and that network."""
    fits: list[tuple[AnyTraining, Fit]] = []
    for number, recipe in enumerate(recipes, start=1):
        try:
            fits.append((recipe, trial(recipe, condition)))
        except DivergenceError:  # the rate is too high for this arm; another may work
            if number == len(recipes) and not fits:
                raise
    return min(fits, key=lambda found: (-found[1].validation.accuracy, found[1].validation.loss))
