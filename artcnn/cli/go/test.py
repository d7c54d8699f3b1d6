"""``artcnn go test``: how often a model plays what was played, in games that it did not learn from."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.evaluation import between, percent, run_evaluation
from artcnn.cli.go.data import ModelName, Paths
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from artcnn.jobs.tasks.go import TopK


def evaluate(
    model: ModelName,
    games: Paths,
    *,
    held_out: Annotated[
        bool, options.make("--held-out", help="Only the games that 'go train' held out of these very files.")
    ] = False,
    sample: Annotated[
        int | None, options.make(min=1, metavar="COUNT", help="Only so many positions, evenly spread over the games.")
    ] = None,
    symmetric: Annotated[
        bool,
        options.make("--symmetric", help="Look at each position from all sides, as 'go play' does: 8 times slower."),
    ] = False,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Test a model: how often the move played is its first choice, and among its first five; by phase of the game."""
    from artcnn.files.model_registry import find_model
    from artcnn.jobs.tasks.sources import GoSource

    find_model(model)
    source = GoSource(tuple(games), held_out=held_out, sample=sample, symmetric=symmetric)
    source.check()
    from rich.console import Console

    found = run_evaluation(model, source, BadFiles(), Console(stderr=True, quiet=quiet or as_json), device)
    if as_json:
        typer.echo(json.dumps(found.to_json()))
    elif not quiet:
        rows = {"all": found.overall, **found.by_phase, **found.by_size}
        headings = "phase", "positions", "top 1", "95 % interval", "top 5", "95 % interval"
        print_table(headings, [_cells(name, row) for name, row in rows.items()])


def _cells(name: str, row: "TopK") -> tuple[str, ...]:
    cells = (cell for part in (row.top1, row.top5) for cell in (percent(part.accuracy), between(part)))
    return name, f"{row.top1.count:,}", *cells
