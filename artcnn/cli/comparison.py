"""What every ``compare`` command does: print how each run went, draw the chart, print the table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.charts import can_draw
from artcnn.cli.table import print_table
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.jobs.comparison import Comparison, ComparisonResult, Row
    from artcnn.training.comparison import Arm
    from artcnn.training.metrics import Mean

Seeds = Annotated[int, typer.Option(min=1, max=100, help="Runs of each, seeds from 0; an interval needs two or more.")]
Rates = Annotated[
    str,
    typer.Option(metavar="LR,LR,...", help="Learning rates from which each arm gets the one that validation prefers."),
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="The chart, a .png [default: a new one].")
]


@dataclass(frozen=True)
class CompareOptions:
    """The options of a ``compare`` command that all of them have, checked.

    Attributes:
        seeds: runs of each arm.
        rates: learning rates to choose from.
        path: where the chart goes; None if it cannot be drawn.
        force: whether to replace it.
        quiet: print nothing but errors.
        as_json: print one JSON object.
    """

    seeds: int
    rates: Sequence[float]
    path: Path | None
    force: bool
    quiet: bool
    as_json: bool

    @classmethod
    def check(
        cls, kind: str, seeds: int, rates: str, out: Path | None, force: bool, quiet: bool, as_json: bool
    ) -> "CompareOptions":
        """Return the options.

        Raises:
            ArtcnnError: the rates are none, or the chart cannot be written.
        """
        from artcnn.files.atomic import check_png
        from artcnn.files.file_names import output_path

        numbers = _parse_rates(rates)
        path = out or output_path(Path(f"{kind}.png"), "compare")
        check_png(path, "chart", force)
        drawn = path if can_draw("chart", out, quiet=quiet) else None
        return cls(seeds, numbers, drawn, force, quiet, as_json)


def _parse_rates(text: str) -> list[float]:
    try:
        rates = sorted({float(part) for part in text.split(",")})
    except ValueError:
        rates = []
    if not rates or not all(0 < rate <= 1 for rate in rates):
        raise ArtcnnError(f"--rates {text}: write numbers above 0, up to 1, with commas between, such as 0.002,0.01")
    return rates


def arm_recipes(
    kind: Any,  # noqa: ANN401
    arms: "Sequence[Arm]",
    pairs: list[str] | None = None,
    **settings: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return the recipe of each arm, by its name: its preset, what differs in it, and what is set for all."""
    return {arm.name: options.recipe_from(kind, arm.preset, pairs, **settings, **arm.changes) for arm in arms}


def compare_arms(comparison: "Comparison", of: CompareOptions) -> None:
    """Train every arm, write the chart, and print the table."""
    from artcnn.jobs.comparison import ComparisonFinished, run_comparison

    for event in run_comparison(comparison, of.seeds, of.rates):
        if isinstance(event, ComparisonFinished):
            assert event.result is not None  # noqa: S101 - nobody cancels it
            _report(event.result, of)
        elif not of.quiet:
            where = f"{event.arm}, {comparison.condition} {event.condition}, seed {event.seed}"
            typer.echo(f"{where}: {comparison.score} {event.score:.2f} % (lr {event.lr:g})", err=True)


def _report(result: "ComparisonResult", of: CompareOptions) -> None:
    path, comparison = of.path and result.write_chart(of.path, of.force), result.comparison
    if of.as_json:
        typer.echo(json.dumps({"out": path and str(path)} | result.to_json()))
    elif not of.quiet:
        score, first = comparison.score, comparison.arms[0].name
        headings = comparison.condition, "arm", "weights", "lr", f"{score} %", f"less {first}", "shows"
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
