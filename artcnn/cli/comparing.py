"""What every ``compare`` command does: train the arms, say how each run went, draw and print what came of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli.table import print_table
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.training.comparison import Arm, Outcome, Trial
    from artcnn.training.metrics import Mean
    from artcnn.training_recipes import TrainRecipe

Seeds = Annotated[int, typer.Option(min=1, max=100, help="Runs of each, seeds from 0; an interval needs two or more.")]
Rates = Annotated[
    str,
    typer.Option(metavar="LR,LR,...", help="Learning rates from which each arm gets the one that validation prefers."),
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="The chart, a .png [default: a new one].")
]


def rates_of(text: str) -> list[float]:
    """Return the learning rates that an option names.

    Raises:
        ArtcnnError: they are none.
    """
    try:
        rates = sorted({float(part) for part in text.split(",")})
    except ValueError:
        rates = []
    if not rates or not all(0 < rate <= 1 for rate in rates):
        raise ArtcnnError(f"--rates {text}: write numbers above 0, up to 1, with commas between, such as 0.002,0.01")
    return rates


def target(out: Path | None, kind: str, force: bool) -> Path:
    """Return the file that the chart goes to, having checked it."""
    from artcnn.files.atomic import check_png
    from artcnn.files.file_names import output_path

    path = out or output_path(Path(f"{kind}.png"), "compare")
    check_png(path, "chart", force)
    return path


@dataclass(frozen=True)
class Comparison:
    """What is compared, and how it is shown.

    Attributes:
        arms: the first is the one that the others are compared with.
        recipes: theirs, by name.
        conditions: under which each is trained.
        trial: trains one network.
        score: what is compared: "test error", "accuracy".
        condition: what a condition is: "digits", "left out".
        classes: outputs of the networks, to count their weights.
        title: what the chart says.
        pooled: what all conditions together are called; None where they are not to be taken together.
    """

    arms: "Sequence[Arm]"
    recipes: "Mapping[str, TrainRecipe]"
    conditions: Sequence[str]
    trial: "Trial[Any]"
    score: str
    condition: str
    classes: int
    title: str
    pooled: str | None = None

    def run(self, seeds: int, rates: Sequence[float], path: Path, force: bool, quiet: bool, as_json: bool) -> None:
        """Train every arm, write the chart to a file, and print the table."""
        from artcnn.machine.memory import disable_trim
        from artcnn.training.comparison import compare

        disable_trim(None)
        outcomes = []
        for outcome in compare(self.recipes, self.conditions, seeds, rates, self.trial):
            outcomes.append(outcome)
            if not quiet:
                where = f"{outcome.arm}, {self.condition} {outcome.condition}, seed {outcome.seed}"
                typer.echo(f"{where}: {self.score} {outcome.score:.2f} % (lr {outcome.lr:g})", err=True)
        self.report(outcomes, path, force, quiet, as_json)

    def report(self, outcomes: "Sequence[Outcome]", path: Path, force: bool, quiet: bool, as_json: bool) -> None:
        """Write the chart of all outcomes to a file, and print the table."""
        from artcnn.reports.chart import Series, write_interval_chart

        rows = list(self._rows(outcomes))
        shown = list(dict.fromkeys(row.condition for row in rows))
        series = [
            Series(f"{arm.name} ({self._weights(arm):,} weights)", [row.scores for row in rows if row.arm is arm])
            for arm in self.arms
        ]
        log = self.score.endswith("error")
        axes = self.condition, f"{self.score} (%)"
        path = write_interval_chart(path, shown, series, axes, self.title, force, log=log)
        if as_json:
            typer.echo(json.dumps({"out": str(path), "score": self.score, "rows": [row.told() for row in rows]}))
        elif not quiet:
            headings = self.condition, "arm", "weights", "lr", f"{self.score} %", f"less {self.arms[0].name}", "shows"
            print_table(headings, [row.cells(self._weights(row.arm)) for row in rows])
            typer.echo(path)

    def _weights(self, arm: "Arm") -> int:
        from artcnn.nets.kinds import build

        return sum(weight.numel() for weight in build(self.recipes[arm.name], self.classes).parameters())

    def _rows(self, outcomes: "Sequence[Outcome]") -> "list[Row]":
        """Return a row for each condition and arm, and for all conditions together."""
        found: dict[tuple[str, str], list[Outcome]] = {}
        for outcome in outcomes:
            found.setdefault((outcome.condition, outcome.arm), []).append(outcome)
        rows = []
        for condition in self.conditions:
            for arm in self.arms:
                runs = found[condition, arm.name]
                scores, first = ([run.score for run in found[condition, a.name]] for a in (arm, self.arms[0]))
                rows.append(Row(condition, arm, (runs[0].lr,), scores, first))
        return rows if self.pooled is None else rows + self._pooled(self.pooled, rows)

    def _pooled(self, name: str, rows: "Sequence[Row]") -> "list[Row]":
        """Return a row for each arm, of all conditions together: what was the mean of one is one run here."""
        pooled = []
        for arm in self.arms:
            of_arm, of_first = ([row for row in rows if row.arm is a] for a in (arm, self.arms[0]))
            means, firsts = ([sum(r.scores) / len(r.scores) for r in some] for some in (of_arm, of_first))
            lrs = tuple(sorted({lr for row in of_arm for lr in row.lrs}))
            pooled.append(Row(name, arm, lrs, means, firsts))
        return pooled


@dataclass(frozen=True)
class Row:
    """What came of an arm under a condition.

    Attributes:
        condition: it.
        arm: it.
        lrs: the learning rates that were chosen.
        scores: of each seed, or of each condition where all are taken together, in per cent.
        firsts: those of the first arm, in the same order.
    """

    condition: str
    arm: "Arm"
    lrs: tuple[float, ...]
    scores: Sequence[float]
    firsts: Sequence[float]

    def mean(self) -> "Mean":
        """Return the mean score."""
        from artcnn.training.metrics import Mean

        return Mean.from_values(self.scores)

    def less(self) -> "Mean":
        """Return the mean difference from the first arm, pair by pair: seeds and data are the same."""
        from artcnn.training.metrics import Mean

        return Mean.from_values([score - first for score, first in zip(self.scores, self.firsts, strict=True)])

    def told(self) -> dict[str, Any]:
        """Return the row for machines."""
        mean, less = self.mean(), self.less()
        return {
            "condition": self.condition,
            "arm": self.arm.name,
            "lr": list(self.lrs),
            "scores": list(self.scores),
            "mean": mean.value,
            "half": mean.half,
            "difference": less.value,
            "difference_half": less.half,
        }

    def cells(self, weights: int) -> tuple[str, ...]:
        """Return the row for people; what follows a ± is half of a 95 % interval, by Student's t."""
        less = "" if self.scores is self.firsts or self.scores == self.firsts else _cell(self.less(), "+")
        lrs = " ".join(f"{lr:g}" for lr in self.lrs)
        return self.condition, self.arm.name, f"{weights:,}", lrs, _cell(self.mean()), less, self.arm.shows


def _cell(mean: "Mean", sign: str = "") -> str:
    half = "" if mean.half is None else f" ± {mean.half:.2f}"
    return f"{mean.value:{sign}.2f}{half}"
