"""What every ``test`` command does: accuracy with an interval, each class, the confusion matrix, the worst mistakes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli.bad_files import BadFiles
from artcnn.cli.charts import can_draw
from artcnn.cli.table import print_table
from artcnn.cli.training import print_notes

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.jobs.evaluation import Accuracy, Evaluation
    from artcnn.jobs.tasks.sources import Source

Predictions = Annotated[
    Path | None, typer.Option(metavar="FILE.csv", help="Write every example's label, prediction and probabilities.")
]
Pictures = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where to put the pictures.")]


@dataclass(frozen=True)
class TestFiles:
    """What a test writes.

    Attributes:
        confusion: the confusion matrix; None if it cannot be drawn.
        mistakes: the worst mistakes.
        predictions: the table of predictions, where one is asked for.
        force: whether a table that is there may be replaced.
    """

    confusion: Path | None
    mistakes: Path
    predictions: Path | None
    force: bool

    @classmethod
    def choose(cls, model: Path, out: Path, predictions: Path | None, force: bool, quiet: bool) -> "TestFiles":
        """Return where a test of a model may write.

        Raises:
            ArtcnnError: a folder is missing or closed, or the table exists.
        """
        from artcnn.files.atomic import check_folder, check_no_overwrite
        from artcnn.files.file_names import output_path

        confusion, mistakes = (output_path(out / f"{model.stem}.png", tag) for tag in ("confusion", "mistakes"))
        for path in (confusion, mistakes, *([predictions] if predictions else [])):
            check_folder(path)
        if predictions:
            check_no_overwrite(predictions, force)
        drawn = confusion if can_draw("confusion matrix", quiet=quiet) else None
        return cls(drawn, mistakes, predictions, force)


def run_evaluation(
    model: str, source: "Source", bad: BadFiles, console: "Console | None" = None, device: str = "cpu"
) -> Any:  # noqa: ANN401 - each task has its own
    """Test a model, and return the result; show what is loaded on a console, if there is one."""
    from artcnn.jobs.evaluation import Evaluating, EvaluationFinished, evaluate_model
    from artcnn.jobs.tasks.task import LeftOut, Loading

    for event in evaluate_model(model, source, device=device):
        if isinstance(event, EvaluationFinished):
            return event.result
        if isinstance(event, LeftOut):
            bad.add(event.error)
        elif console is not None and isinstance(event, Loading):
            console.print(event.what, style="dim")
        elif console is not None and isinstance(event, Evaluating):
            print_notes(console, event.notes)
    raise AssertionError("an evaluation ends with its result")


def report(evaluation: "Evaluation", files: TestFiles, quiet: bool, as_json: bool) -> None:
    """Write the pictures and the table of a test, and print how good the model is."""
    overall = evaluation.overall
    text = f"{percent(overall.accuracy)} of {overall.count:,} right (95 % interval {between(overall)})"
    chart = files.confusion and evaluation.write_confusion(files.confusion, text)
    mistakes = evaluation.write_mistakes(files.mistakes)
    if files.predictions:
        evaluation.write_predictions(files.predictions, files.force)
    if as_json:
        pictures = {"confusion_picture": chart and str(chart), "mistakes_picture": mistakes and str(mistakes)}
        typer.echo(json.dumps(evaluation.to_json() | pictures))
    elif not quiet:
        typer.echo(text)
        if evaluation.among_words:
            typer.echo(f"{percent(evaluation.among_words.accuracy)} if it must choose one of its words")
        scores = evaluation.by_class.items()
        rows = [(label, percent(s.precision), percent(s.recall), str(s.count)) for label, s in scores]
        print_table(("class", "precision", "recall", "count"), rows)
        if evaluation.by_speaker:
            parts = evaluation.by_speaker.items()
            rows = [(name, percent(part.accuracy), between(part), str(part.count)) for name, part in parts]
            print_table(("speaker", "accuracy", "95 % interval", "count"), rows)
        for path in (chart, mistakes):
            if path:
                typer.echo(path)


def percent(value: float | None) -> str:
    """Return a part as people read it, or a dash where there is none."""
    return "-" if value is None else f"{100 * value:.2f} %"


def between(part: "Accuracy") -> str:
    """Return the ends of an interval, in per cent."""
    return f"{100 * part.low:.2f} to {100 * part.high:.2f}"
