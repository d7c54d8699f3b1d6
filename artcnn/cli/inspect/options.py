"""Options of all commands of ``artcnn inspect``."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_MODEL = "mnist-lecture"

ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FILE",
        help="mnist-lecture, mnist-best, speech-digits, go-moves, a file of any 'train', vgg16, alexnet11, "
        "efficientnet-lite0, or a classifier that torchvision has, such as resnet50.",
    ),
]
Image = Annotated[
    Path,
    typer.Argument(
        metavar="IMAGE",
        help="A photo; a picture of a digit for mnist-...; a recording for speech-...; a game for go-...",
    ),
]
OptionalImage = Annotated[
    Path | None, typer.Argument(metavar="[IMAGE]", help="A picture [default: a digit or a photo of the package].")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="A new folder for sheet, numbers and settings."),
]
