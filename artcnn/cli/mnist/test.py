"""``artcnn mnist test``: how good a model is, on digits it never saw."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.mnist.data import Data, ModelName, load_part
from artcnn.cli.table import print_table
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.examples import Examples
    from artcnn.media.model import Model

_WORST = 40


def measure(
    model: ModelName,
    data: Data = None,
    predictions: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write every digit's label, prediction and probabilities.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where to put the pictures.")] = Path(),
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Test a model: accuracy with a 95 % interval, each class, a confusion matrix and the worst mistakes."""
    from artcnn.media.atomic import check_folder
    from artcnn.media.trained import find_model
    from artcnn.media.write import new_path

    path = find_model(model)
    confusion_path, mistakes_path = (new_path(out / f"{path.stem}.png", tag) for tag in ("confusion", "mistakes"))
    for target in (confusion_path, mistakes_path, *([predictions] if predictions else [])):
        check_folder(target)
    from artcnn.media.chart import confusion_chart
    from artcnn.media.model import read_model
    from artcnn.training.loop import predict
    from artcnn.training.metrics import class_scores, confusion, interval

    opened, digits = read_model(path), load_part(data, "test")
    check_classes(opened, digits)
    probabilities = predict(opened.network, digits).softmax(1)
    guesses = probabilities.argmax(1)
    right = int((guesses == digits.labels).sum())
    matrix = confusion(digits.labels, guesses, len(digits.classes))
    low, high = interval(right, len(digits))
    percent, between = 100 * right / len(digits), f"{100 * low:.2f} to {100 * high:.2f}"
    says = f"{percent:.2f} % of {len(digits):,} right (95 % interval {between})"
    confusion_chart(confusion_path, matrix, digits.classes, f"{path.stem}: {says}")
    mistakes = _write_mistakes(mistakes_path, digits, probabilities, path.stem)
    if predictions:
        _write_predictions(predictions, digits, probabilities)
    scores = dict(zip(digits.classes, class_scores(matrix), strict=True))
    if as_json:
        report: dict[str, Any] = {"model": str(path), "count": len(digits), "accuracy": right / len(digits)}
        report |= {"low": low, "high": high, "classes": {name: vars(score) for name, score in scores.items()}}
        report |= {"confusion": matrix.tolist(), "confusion_picture": str(confusion_path)}
        typer.echo(json.dumps(report | {"mistakes_picture": str(mistakes_path) if mistakes else None}))
    elif not quiet:
        typer.echo(says)
        rows = [(name, _percent(s.precision), _percent(s.recall), str(s.count)) for name, s in scores.items()]
        print_table(("class", "precision", "recall", "count"), rows)
        typer.echo(confusion_path)
        if mistakes:
            typer.echo(mistakes_path)


def check_classes(model: "Model", digits: "Examples") -> None:
    """Raise an ArtcnnError where a model tells other classes apart than the data has."""
    if model.card.classes != digits.classes:
        raise ArtcnnError(
            f"{model.path} knows the labels {', '.join(model.card.classes)}, and the data has "
            f"{', '.join(digits.classes)}: choose another model or other --data"
        )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f} %"


def _write_mistakes(path: Path, digits: "Examples", probabilities: "Tensor", name: str) -> bool:
    """Write the mistakes that the network was surest of; return whether there were any."""
    from artcnn.media.sheet import Sheet, write_sheet

    sure, guesses = probabilities.max(1)
    wrong = (guesses != digits.labels).nonzero().flatten()
    wrong = wrong[sure[wrong].argsort(descending=True, stable=True)][:_WORST]
    if not len(wrong):
        return False
    of, to = digits.classes, digits.classes
    captions = [f"{of[digits.labels[i]]} as {to[guesses[i]]}, {100 * sure[i]:.0f} %" for i in wrong.tolist()]
    title = f"{name}: what it was surest of and wrong (what it is, as what it was taken for)"
    write_sheet(path, Sheet(digits.inputs[wrong], 8, captions, title, scale=3))
    return True


def _write_predictions(path: Path, digits: "Examples", probabilities: "Tensor") -> None:
    import csv
    from io import StringIO

    from artcnn.media.atomic import write_whole

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("index", "label", "predicted", *(f"p_{name}" for name in digits.classes)))
    for index, (label, row) in enumerate(zip(digits.labels.tolist(), probabilities, strict=True)):
        guess = digits.classes[int(row.argmax())]
        writer.writerow((index, digits.classes[label], guess, *(f"{p:.6f}" for p in row.tolist())))
    write_whole(path, text.getvalue().encode())
