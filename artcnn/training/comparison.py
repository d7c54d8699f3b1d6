"""Experiments: arms that differ in one thing each, trained on the same data with the same seeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from artcnn.errors import DivergenceError
from artcnn.training.loop import Score
from artcnn.training_recipes import TrainRecipe


@dataclass(frozen=True)
class Arm:
    """One of the things that are compared.

    Attributes:
        name: what the table calls it.
        preset: the recipe that it starts from.
        changes: what differs from that.
        shows: what its result tells.
    """

    name: str
    preset: str
    changes: Mapping[str, Any]
    shows: str


@dataclass(frozen=True)
class Fit:
    """A trained network.

    Attributes:
        validation: how well it does on examples held out: learning rates are chosen by their errors, by the loss where
            those are equal. Not by the loss alone: it punishes who is wrong and sure, and errors are what is compared.
        score: returns how good it is on test examples, in per cent; asked only of what was chosen.
    """

    validation: Score
    score: Callable[[], float]


@dataclass(frozen=True)
class Outcome:
    """The score of an arm, in per cent, under a condition, with a seed, at the learning rate chosen for both."""

    arm: str
    condition: str
    seed: int
    lr: float
    score: float


AnyTraining = TypeVar("AnyTraining", bound=TrainRecipe)
Trial = Callable[[AnyTraining, str], Fit]
"""Trains a network by a recipe under a condition, such as a number of examples or a speaker who is left out."""


def limit_batch(recipe: AnyTraining, examples: int) -> AnyTraining:
    """Return a recipe whose batches are small enough for so few examples: large ones would leave too few steps."""
    return recipe.model_copy(update={"batch": min(recipe.batch, max(16, examples // 32))})


def compare(
    recipes: Mapping[str, AnyTraining],
    conditions: Sequence[str],
    seeds: int,
    rates: Sequence[float],
    trial: Trial[AnyTraining],
) -> Iterator[Outcome]:
    """Yield the outcome of each arm under each condition with each seed, from 0.

    Every arm gets its own learning rate under every condition: the one whose network with seed 0 has the fewest errors
    on examples held out. Without that an arm that needs another rate than the others would look worse than it is.

    Args:
        recipes: of each arm, by its name.
        conditions: under which each is trained.
        seeds: how many.
        rates: to choose from; the recipe's own if there is none.
        trial: trains one network.

    Raises:
        DivergenceError: an arm diverged at every rate, or with another seed at the rate that was chosen.
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
    """Return the recipe whose network has the fewest errors on examples held out, and that network."""
    fits: list[tuple[AnyTraining, Fit]] = []
    for number, recipe in enumerate(recipes, start=1):
        try:
            fits.append((recipe, trial(recipe, condition)))
        except DivergenceError:  # too high a rate for this one; of the others some will do
            if number == len(recipes) and not fits:
                raise
    return min(fits, key=lambda found: (-found[1].validation.accuracy, found[1].validation.loss))
