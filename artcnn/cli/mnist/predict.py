"""``artcnn mnist predict``: which digit a picture shows."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli.mnist.data import ModelName
from artcnn.cli.prediction import Predict, report_answers
from artcnn.errors import ArtcnnError


def predict(
    model: ModelName,
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="A photo or scan of one digit each.")],
    *,
    run: Predict,
) -> None:
    """Read the digit in each picture: dark on light or light on dark, anywhere in it, evenly lit or not."""
    from artcnn.files.model_registry import find_model
    from artcnn.files.open import SMALLEST_DIGIT, check_picture
    from artcnn.files.read_each import read_each

    find_model(model)
    read_each(images, lambda path: check_picture(path, SMALLEST_DIGIT))
    run.check()
    from artcnn.files.model import read_model
    from artcnn.jobs.tasks.mnist import predict_digits, write_digits

    answers = predict_digits(read_model(model, "mnist"), images)
    if run.out is not None:
        write_digits(run.out, [answer for answer in answers if not isinstance(answer, ArtcnnError)], run.force)
    report_answers([str(path) for path in images], answers, ("image", "digit"), "perhaps not a digit", run)
