"""Options of many commands of ``artcnn inspect``."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.inspection.inputs import sample

if TYPE_CHECKING:
    from artcnn.visualizers.network import Network


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


AnyPicture = Annotated[
    Path,
    typer.Argument(
        metavar="IMAGE",
        help="A photo; a picture of a digit for mnist-...; a recording for speech-...; a game for go-...",
    ),
]


Answer = Annotated[
    str | None,
    typer.Option("--class", metavar="NAME|NUMBER", help="The answer in question [default: the network's]."),
]


Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="A new folder for sheet, numbers and settings."),
]


def example(network: "Network") -> str:
    """Return that file as it is typed here."""
    path, here = sample(network), Path.cwd()
    return quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
