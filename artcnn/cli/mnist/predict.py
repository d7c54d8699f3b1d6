"""``artcnn mnist predict``: which digit a picture shows."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles, read_each
from artcnn.cli.bars import print_answer
from artcnn.cli.mnist.data import ModelName
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.handwriting import Handwriting
    from artcnn.files.model import Model


def predict(
    model: ModelName,
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="A photo or scan of one digit each.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Also write what the network saw, a .png sheet.")
    ] = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Read the digit in each picture: dark on light or light on dark, anywhere in it, evenly lit or not."""
    from artcnn.files.atomic import check_png
    from artcnn.files.model_registry import find_model
    from artcnn.files.open import SMALLEST_DIGIT, check_picture

    find_model(model)
    read_each(images, lambda path: check_picture(path, SMALLEST_DIGIT))
    if out is not None:
        check_png(out, "sheet", force)
    from artcnn.files.model import read_model

    answers, digits = read_pictures(read_model(model, "mnist"), images)
    if out is not None:
        from artcnn.reports.sheet import Sheet, write_sheet

        readings = [answer for answer in answers if isinstance(answer, Reading)]
        captions = [f"{reading.digit or ''}{' ?' if reading.doubt else ''}" for reading in readings]
        write_sheet(out, Sheet(digits.mul(255).round().byte(), min(10, len(digits)), captions, scale=3), force)
    _report(list(zip(images, answers, strict=True)), quiet, as_json)


@dataclass(frozen=True)
class Reading:
    """What a picture was read as.

    Attributes:
        digit: the most probable label; None where there is no ink.
        probabilities: of each label; none where there is no ink.
        doubt: why the picture may show none of them, or None.
    """

    digit: str | None
    probabilities: dict[str, float]
    doubt: str | None


def read_pictures(model: "Model", images: list[Path]) -> "tuple[list[Reading | ArtcnnError], Tensor]":
    """Return the answer for each picture, or why it cannot be read, and what the network saw of those that can.

    Returns:
        The answers, and the digits, shape (N, 1, 28, 28).

    Raises:
        ArtcnnError: none of the pictures can be read.
    """
    import torch

    from artcnn.files.handwriting import read_digit

    results = read_each(images, read_digit)
    found = [result for result in results if not isinstance(result, ArtcnnError)]
    digits = torch.cat([one.digit for one in found])
    with torch.no_grad():
        probabilities = model.network(digits).softmax(1)
    readings = iter(_judge(model, found, probabilities))
    return [result if isinstance(result, ArtcnnError) else next(readings) for result in results], digits


def _report(answers: "list[tuple[Path, Reading | ArtcnnError]]", quiet: bool, as_json: bool) -> None:
    """Print the answer for each picture; the exit code is 1 if one could not be read."""
    bad, rows = BadFiles(), []
    for path, answer in answers:
        if isinstance(answer, ArtcnnError):
            bad.add(answer)
            rows.append({"image": str(path), "error": str(answer)})
            continue
        rows.append({"image": str(path)} | vars(answer))
        if not as_json:
            doubt = None if answer.doubt is None else f"perhaps not a digit: {answer.doubt}"
            print_answer(path, answer.digit, doubt, answer.probabilities, quiet)
    if as_json:
        typer.echo(json.dumps(rows))
    bad.exit()


def _judge(model: "Model", found: "list[Handwriting]", probabilities: "Tensor") -> list[Reading]:
    """Return the readings."""
    from artcnn.inspection.doubts import doubt_of_digit

    readings = []
    for one, row in zip(found, probabilities, strict=True):
        doubted = doubt_of_digit(model.network, model.card.classes, model.card.data, one)
        doubt = None if doubted is None else str(doubted)
        if not one.digit.any():
            readings.append(Reading(None, {}, doubt))
            continue
        by_class = dict(zip(model.card.classes, (round(p, 6) for p in row.tolist()), strict=True))
        readings.append(Reading(model.card.classes[int(row.argmax())], by_class, doubt))
    return readings
