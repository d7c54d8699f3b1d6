"""What every ``test`` command does: accuracy with an interval, each class, the confusion matrix, the worst mistakes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.charts import can_draw
from artcnn.cli.option_groups import DataclassOptions
from artcnn.cli.table import print_table
from artcnn.cli.training import print_notes

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.jobs.evaluation import Accuracy, Evaluation
    from artcnn.jobs.tasks.sources import Source

Predictions = Annotated[
    Path | None, options.output(metavar="FILE.csv", help="Write every example's label, prediction and probabilities.")
]
Pictures = Annotated[Path, options.output("--out", "-o", metavar="FOLDER", help="Where to put the pictures.")]


@dataclass(frozen=True)
class TestOptions:
    """What a test writes and prints."""

    predictions: Predictions = None
    out: Pictures = Path()
    force: options.Force = False
    quiet: options.Quiet = False
    as_json: options.AsJson = False

    def check(self, model: Path) -> tuple[Path | None, Path]:
        """Return where a test of a model draws its confusion matrix, None if it cannot, and its mistakes.

        Raises:
            ArtcnnError: a folder is missing or closed, or the table of predictions exists.
        """
        from artcnn.files.atomic import check_folder, check_no_overwrite
        from artcnn.files.file_names import output_path

        confusion, mistakes = (output_path(self.out / f"{model.stem}.png", tag) for tag in ("confusion", "mistakes"))
        for path in (confusion, mistakes, *([self.predictions] if self.predictions else [])):
            check_folder(path)
        if self.predictions:
            check_no_overwrite(self.predictions, self.force)
        return confusion if can_draw("confusion matrix", quiet=self.quiet) else None, mistakes


Test = Annotated[TestOptions, DataclassOptions(TestOptions)]


def test_classifier(model: str, source: "Source", test: TestOptions) -> None:
    """Test a model that tells classes apart; the exit code is 1 if a file could not be read."""
    from artcnn.files.model_registry import find_model

    pictures, bad = test.check(find_model(model)), BadFiles()
    source.check()
    _report(run_evaluation(model, source, bad), pictures, test)
    bad.exit()


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


def _report(evaluation: "Evaluation", pictures: tuple[Path | None, Path], test: TestOptions) -> None:
    """Write the pictures and the table of a test, and print how good the model is."""
    overall = evaluation.overall
    text = f"{percent(overall.accuracy)} of {overall.count:,} right (95 % interval {between(overall)})"
    chart = pictures[0] and evaluation.write_confusion(pictures[0], text)
    mistakes = evaluation.write_mistakes(pictures[1])
    if test.predictions:
        evaluation.write_predictions(test.predictions, test.force)
    if test.as_json:
        files = {"confusion_picture": chart, "mistakes_picture": mistakes}
        typer.echo(json.dumps(evaluation.to_json() | {key: path and str(path) for key, path in files.items()}))
    elif not test.quiet:
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
        for path in filter(None, (chart, mistakes)):
            typer.echo(path)


def percent(value: float | None) -> str:
    """Return a part as people read it, or a dash where there is none."""
    return "-" if value is None else f"{100 * value:.2f} %"


def between(part: "Accuracy") -> str:
    """Return the ends of an interval, in per cent."""
    return f"{100 * part.low:.2f} to {100 * part.high:.2f}"
