"""Compare networks: train the arms of an experiment, and tell what differs between them by more than chance."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from artcnn.jobs.events import never
from artcnn.machine.memory import disable_trim
from artcnn.nets.kinds import build
from artcnn.training.comparison import Arm, Fit, Outcome, compare
from artcnn.training.loop import Training
from artcnn.training.metrics import Mean
from artcnn.training_recipes import TrainRecipe

Trial = Callable[[Any, str, Callable[[], bool]], Fit]
"""Trains a network by a recipe under a condition, with ``train_fully``, which asks the function whether to stop."""


@dataclass(frozen=True)
class Comparison:
    """What is compared.

    Attributes:
        arms: the first is the one that the others are compared with.
        recipes: of each arm, by its name.
        conditions: under which each arm is trained.
        trial: trains one network.
        score: what is compared: "test error", "accuracy".
        condition: what a condition is: "digits", "left out".
        classes: outputs of the networks, to count their weights.
        title: of the chart.
        pooled: the name of all conditions together; None where they are not to be taken together.
    """

    arms: Sequence[Arm]
    recipes: Mapping[str, TrainRecipe]
    conditions: Sequence[str]
    trial: Trial
    score: str
    condition: str
    classes: int
    title: str
    pooled: str | None = None

    def count_weights(self, arm: Arm) -> int:
        """Return how many weights an arm's network has."""
        return sum(weight.numel() for weight in build(self.recipes[arm.name], self.classes).parameters())


@dataclass(frozen=True)
class ComparisonFinished:
    """The comparison is over; ``result`` is None where it was cancelled."""

    result: "ComparisonResult | None"


class _CancelledError(Exception):
    """The comparison was cancelled within a training."""


def train_fully(training: Training, cancelled: Callable[[], bool]) -> None:
    """Train to the last epoch; a comparison ends where it is cancelled meanwhile."""
    for _ in training.run():
        if cancelled():
            raise _CancelledError


def run_comparison(
    comparison: Comparison, seeds: int, rates: Sequence[float], cancelled: Callable[[], bool] = never
) -> Iterator[Outcome | ComparisonFinished]:
    """Train every arm under every condition; yield the outcome of each run, and the result.

    Args:
        comparison: what is compared.
        seeds: runs of each, with seeds from 0.
        rates: learning rates, of which each arm gets the one that validation prefers.
        cancelled: asked between the steps of the trainings whether to stop.

    Raises:
        DivergenceError: an arm diverges at every learning rate.
    """
    disable_trim(None)
    trial = partial(_run_trial, comparison.trial, cancelled)
    outcomes = list[Outcome]()
    try:
        for outcome in compare(comparison.recipes, comparison.conditions, seeds, rates, trial):
            outcomes.append(outcome)
            yield outcome
    except _CancelledError:
        yield ComparisonFinished(None)
        return
    yield ComparisonFinished(ComparisonResult(comparison, _rows(comparison, outcomes)))


def _run_trial(trial: Trial, cancelled: Callable[[], bool], recipe: Any, condition: str) -> Fit:  # noqa: ANN401
    return trial(recipe, condition, cancelled)


@dataclass(frozen=True)
class Row:
    """What came of an arm under a condition.

    Attributes:
        condition: the condition, or the name of all together.
        arm: the arm.
        lrs: the learning rates that were chosen.
        scores: of each seed, or of each condition where all are taken together, in per cent.
        baseline: those of the first arm, in the same order.
    """

    condition: str
    arm: Arm
    lrs: tuple[float, ...]
    scores: Sequence[float]
    baseline: Sequence[float]

    @property
    def mean(self) -> Mean:
        """The mean score."""
        return Mean.from_values(self.scores)

    @property
    def difference(self) -> Mean:
        """The mean difference from the first arm, pair by pair: seeds and data are the same."""
        return Mean.from_values([score - first for score, first in zip(self.scores, self.baseline, strict=True)])

    def to_json(self) -> dict[str, Any]:
        """Return the row for machines."""
        return {
            "condition": self.condition,
            "arm": self.arm.name,
            "lr": list(self.lrs),
            "scores": list(self.scores),
            "mean": self.mean.value,
            "half": self.mean.half,
            "difference": self.difference.value,
            "difference_half": self.difference.half,
        }


@dataclass(frozen=True)
class ComparisonResult:
    """What a comparison found.

    Attributes:
        comparison: what was compared.
        rows: a row for each condition and arm, and for all conditions together.
    """

    comparison: Comparison
    rows: Sequence[Row]

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {"score": self.comparison.score, "rows": [row.to_json() for row in self.rows]}

    def write_chart(self, path: Path, replace: bool) -> Path:
        """Draw the scores of each arm with their means and intervals; return where the picture is."""
        from artcnn.reports.chart import Series, write_interval_chart

        of = self.comparison
        shown = list(dict.fromkeys(row.condition for row in self.rows))
        series = [
            Series(f"{arm.name} ({of.count_weights(arm):,} weights)", [r.scores for r in self.rows if r.arm is arm])
            for arm in of.arms
        ]
        axes, log = (of.condition, f"{of.score} (%)"), of.score.endswith("error")
        return write_interval_chart(path, shown, series, axes, of.title, replace, log=log)


def _rows(comparison: Comparison, outcomes: Sequence[Outcome]) -> list[Row]:
    found: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault((outcome.condition, outcome.arm), []).append(outcome)
    rows, first = list[Row](), comparison.arms[0]
    for condition in comparison.conditions:
        for arm in comparison.arms:
            runs = found[condition, arm.name]
            scores, baseline = ([run.score for run in found[condition, a.name]] for a in (arm, first))
            rows.append(Row(condition, arm, (runs[0].lr,), scores, baseline))
    return rows if comparison.pooled is None else rows + _pooled(comparison.arms, comparison.pooled, rows)


def _pooled(arms: Sequence[Arm], name: str, rows: Sequence[Row]) -> list[Row]:
    """Return a row for each arm, of all conditions together: the mean of a condition is one score of it."""
    means = {arm.name: [row.mean.value for row in rows if row.arm is arm] for arm in arms}
    lrs = {arm.name: tuple(sorted({lr for row in rows if row.arm is arm for lr in row.lrs})) for arm in arms}
    return [Row(name, arm, lrs[arm.name], means[arm.name], means[arms[0].name]) for arm in arms]
