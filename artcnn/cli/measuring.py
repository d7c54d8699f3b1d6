"""What every ``test`` command does: accuracy with an interval, each class, the confusion matrix, the worst mistakes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli.table import print_table
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.examples import Examples
    from artcnn.files.model import Model

Predictions = Annotated[
    Path | None, typer.Option(metavar="FILE.csv", help="Write every example's label, prediction and probabilities.")
]
Pictures = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where to put the pictures.")]

_WORST = 40


@dataclass(frozen=True)
class Targets:
    """Where a test writes.

    Attributes:
        confusion: the confusion matrix.
        mistakes: the worst mistakes.
        predictions: the table of predictions, where one is asked for.
        force: whether a table that is there may be replaced.
    """

    confusion: Path
    mistakes: Path
    predictions: Path | None
    force: bool = False

    @classmethod
    def choose(cls, model: Path, out: Path, predictions: Path | None, force: bool) -> "Targets":
        """Return where a test of that model may write, having checked it.

        Raises:
            ArtcnnError: a folder is missing or closed, or the table is there already.
        """
        from artcnn.files.atomic import check_folder, check_no_overwrite
        from artcnn.files.file_names import output_path

        confusion, mistakes = (output_path(out / f"{model.stem}.png", tag) for tag in ("confusion", "mistakes"))
        for target in (confusion, mistakes, *([predictions] if predictions else [])):
            check_folder(target)
        if predictions:
            check_no_overwrite(predictions, force)
        return cls(confusion, mistakes, predictions, force)


@dataclass(frozen=True, eq=False)
class Tested:
    """A model's answers to examples that it did not learn from.

    Attributes:
        model: the model.
        examples: the examples.
        probabilities: of each answer of the model, shape (N, answers); the first of them are the examples' classes.
    """

    model: "Model"
    examples: "Examples"
    probabilities: "Tensor"

    @classmethod
    def of(cls, model: "Model", examples: "Examples") -> "Tested":
        """Return what the model answers."""
        from artcnn.machine.memory import disable_trim
        from artcnn.training.loop import predict

        disable_trim(None)
        return cls(model, examples, predict(model.network, examples).softmax(1))

    def right(self) -> "Tensor":
        """Return which answers are right, shape (N,); "none of the words" is never."""
        return self.probabilities.argmax(1) == self.examples.labels

    def among_classes(self) -> dict[str, Any]:
        """Return the measures where the model must choose one of the examples' classes; none where it always must."""
        count = len(self.examples.classes)
        if count == self.probabilities.shape[1]:
            return {}
        return measures(self.probabilities[:, :count].argmax(1) == self.examples.labels)

    def report(
        self,
        targets: Targets,
        quiet: bool,
        as_json: bool,
        columns: Mapping[str, Sequence[str]] | None = None,
        speakers: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Write the pictures and the table, and say how good the model is.

        Args:
            targets: where they go.
            quiet: say nothing.
            as_json: print one object for machines.
            columns: more of each example, for the table of predictions.
            speakers: the measures of each speaker's examples.
        """
        from artcnn.reports.chart import write_confusion_matrix
        from artcnn.training.metrics import confusion, score_classes

        examples, name, answers = self.examples, self.model.path.stem, self.model.card.classes
        whole, forced = measures(self.right()), self.among_classes()
        says = f"{percent(whole['accuracy'])} of {whole['count']:,} right (95 % interval {between(whole)})"
        matrix = confusion(examples.labels, self.probabilities.argmax(1), len(answers))[: len(examples.classes)]
        chart = write_confusion_matrix(targets.confusion, matrix, answers, f"{name}: {says}", replace=False)
        mistakes = self._write_mistakes(targets.mistakes)
        if targets.predictions:
            self._write_predictions(targets.predictions, columns or {}, targets.force)
        scores = dict(zip(examples.classes, score_classes(matrix), strict=True))
        if as_json:
            report: dict[str, Any] = {"model": str(self.model.path), **whole} | (
                {} if speakers is None else {"by_speaker": speakers}
            )
            report |= {"among_words": forced} if forced else {}
            report |= {"classes": {label: vars(score) for label, score in scores.items()}}
            report |= {"confusion": matrix.tolist(), "confusion_picture": str(chart)}
            typer.echo(json.dumps(report | {"mistakes_picture": str(mistakes) if mistakes else None}))
        elif not quiet:
            typer.echo(says)
            if forced:
                typer.echo(f"{percent(forced['accuracy'])} if it must choose one of its words")
            rows = [(label, percent(s.precision), percent(s.recall), str(s.count)) for label, s in scores.items()]
            print_table(("class", "precision", "recall", "count"), rows)
            if speakers:
                parts = [(name, percent(p["accuracy"]), between(p), str(p["count"])) for name, p in speakers.items()]
                print_table(("speaker", "accuracy", "95 % interval", "count"), parts)
            typer.echo(chart)
            if mistakes:
                typer.echo(mistakes)

    def _write_mistakes(self, path: Path) -> Path | None:
        """Write the mistakes that the network was surest of; return where, or None where there were none."""
        from artcnn.reports.sheet import Sheet, write_sheet

        examples, (sure, guesses) = self.examples, self.probabilities.max(1)
        wrong = (~self.right()).nonzero().flatten()
        wrong = wrong[sure[wrong].argsort(descending=True, stable=True)][:_WORST]
        if not len(wrong):
            return None
        of, to = examples.classes, self.model.card.classes
        captions = [f"{of[examples.labels[i]]} as {to[guesses[i]]}, {100 * sure[i]:.0f} %" for i in wrong.tolist()]
        title = f"{self.model.path.stem}: what it was surest of and wrong (what it is, as what it was taken for)"
        scale = max(1, 84 // examples.inputs.shape[3])
        return write_sheet(path, Sheet(examples.inputs[wrong], 8, captions, title, scale), replace=False)

    def _write_predictions(self, path: Path, columns: Mapping[str, Sequence[str]], force: bool) -> None:
        import csv
        from io import StringIO

        from artcnn.files.atomic import write_atomic

        text, classes = StringIO(), self.model.card.classes
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("index", *columns, "label", "predicted", *(f"p_{name}" for name in classes)))
        for index, (label, row) in enumerate(zip(self.examples.labels.tolist(), self.probabilities, strict=True)):
            more, guess = (values[index] for values in columns.values()), classes[int(row.argmax())]
            writer.writerow((index, *more, classes[label], guess, *(f"{p:.6f}" for p in row.tolist())))
        write_atomic(path, text.getvalue().encode(errors="surrogateescape"), force)


def measures(right: "Tensor") -> dict[str, Any]:
    """Return count, accuracy in [0, 1] and the ends of its 95 % interval, from which answers are right."""
    from artcnn.training.metrics import wilson_interval

    number, count = int(right.sum()), len(right)
    low, high = wilson_interval(number, count)
    return {"count": count, "accuracy": number / count, "low": low, "high": high}


def check_classes(model: "Model", known: tuple[str, ...], examples: "Examples") -> None:
    """Raise an ArtcnnError where what a model tells apart, ``known``, is not what the data has."""
    if known != examples.classes:
        raise ArtcnnError(
            f"{model.path} knows the labels {', '.join(known)}, and the data has "
            f"{', '.join(examples.classes)}: choose another model or other data"
        )


def percent(value: float | None) -> str:
    """Return a part as people read it, or a dash where there is none."""
    return "-" if value is None else f"{100 * value:.2f} %"


def between(part: Mapping[str, Any]) -> str:
    """Return the ends of the interval of ``measures``, in per cent."""
    return f"{100 * part['low']:.2f} to {100 * part['high']:.2f}"
