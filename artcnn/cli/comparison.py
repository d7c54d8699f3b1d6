"""What every ``compare`` command does: print how each run went, draw the chart, print the table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from artcnn.cli import options
from artcnn.cli.charts import can_draw
from artcnn.cli.table import print_table
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.jobs.comparison import Comparison, ComparisonResult, Row
    from artcnn.training.comparison import Arm
    from artcnn.training.metrics import Mean

Seeds = Annotated[int, options.control(min=1, max=100, help="Runs of each, seeds from 0; an interval needs two.")]
Rates = Annotated[
    str,
    options.control(
        metavar="LR,LR,...", help="Learning rates from which each arm gets the one that validation prefers."
    ),
]
Out = Annotated[
    Path | None, options.output("--out", "-o", metavar="FILE", help="The chart, a .png [default: a new one].")
]


@dataclass(frozen=True)
class CompareOptions:
    """How arms are compared, and how that is reported; each task has its own defaults."""

    seeds: Seeds = 1
    rates: Rates = ""
    out: Out = None
    force: options.Force = False
    quiet: options.Quiet = False
    as_json: options.AsJson = False

    def check(self, kind: str) -> tuple[list[float], Path | None]:
        """Return the learning rates, and where the chart goes, None if it cannot be drawn.

        Raises:
            ArtcnnError: the rates are none, or the chart cannot be drawn or written.
        """
        from artcnn.files.atomic import check_png
        from artcnn.files.file_names import output_path

        rates, path = _parse_rates(self.rates), self.out or output_path(Path(f"{kind}.png"), "compare")
        check_png(path, "chart", self.force)
        return rates, path if can_draw("chart", self.out, quiet=self.quiet) else None


def _parse_rates(text: str) -> list[float]:
    try:
        rates = sorted({float(part) for part in text.split(",")})
    except ValueError:
        rates = []
    if not rates or not all(0 < rate <= 1 for rate in rates):
        hint = "write numbers above 0, up to 1, with commas between, such as 0.002,0.01"
        raise ArtcnnError(f"invalid --rates {text}", hint=hint)
    return rates


def load_arms(
    kind: "Literal['mnist', 'speech', 'go']", arms: "Sequence[Arm]", pairs: list[str] | None = None, **settings: object
) -> dict[str, Any]:
    """Return the recipe of each arm, by its name: its preset, ``--set`` and settings for all, and what differs in it.

    Raises:
        RecipeError: settings are wrong (a message for each).
    """
    from artcnn.presets import load_recipe, parse_setting

    given = dict(map(parse_setting, pairs or [])) | {key: value for key, value in settings.items() if value is not None}
    return {arm.name: load_recipe(kind, arm.preset, **given, **arm.changes) for arm in arms}


def compare_arms(comparison: "Comparison", run: CompareOptions, rates: Sequence[float], path: Path | None) -> None:
    """Train every arm, write the chart to a file, and print the table."""
    from artcnn.jobs.comparison import ComparisonFinished, run_comparison

    for event in run_comparison(comparison, run.seeds, rates):
        if not isinstance(event, ComparisonFinished):
            if not run.quiet:
                where = f"{event.arm}, {comparison.condition} {event.condition}, seed {event.seed}"
                typer.echo(f"{where}: {comparison.score} {event.score:.2f} % (lr {event.lr:g})", err=True)
        elif event.result is not None:
            _report(event.result, path and event.result.write_chart(path, run.force), run)


def _report(result: "ComparisonResult", path: Path | None, run: CompareOptions) -> None:
    if run.as_json:
        typer.echo(json.dumps({"out": path and str(path)} | result.to_json()))
    elif not run.quiet:
        comparison, first = result.comparison, result.comparison.arms[0].name
        score = f"{comparison.score} %"
        headings = comparison.condition, "arm", "weights", "lr", score, f"less {first}", "shows"
        print_table(headings, [_cells(row, comparison.count_weights(row.arm)) for row in result.rows])
        if path:
            typer.echo(path)


def _cells(row: "Row", weights: int) -> tuple[str, ...]:
    """Return the cells of a row; what follows a ± is half of a 95 % interval, by Student's t."""
    difference = "" if row.scores == row.baseline else _cell(row.difference, "+")
    lrs = " ".join(f"{lr:g}" for lr in row.lrs)
    return row.condition, row.arm.name, f"{weights:,}", lrs, _cell(row.mean), difference, row.arm.shows


def _cell(mean: "Mean", sign: str = "") -> str:
    half = "" if mean.half is None else f" ± {mean.half:.2f}"
    return f"{mean.value:{sign}.2f}{half}"
