"""Options of all commands of ``artcnn inspect``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.option_groups import DataclassOptions, OptionGroup, option
from artcnn.errors import ArtcnnError
from artcnn.inspection.own_networks import OwnSettings

DEFAULT_MODEL = "mnist-lecture"

ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FILE|FILE.py:FUNCTION",
        help="mnist-lecture, mnist-best, speech-digits, go-moves, a file of any 'train', vgg16, alexnet11, "
        "efficientnet-lite0, a classifier that torchvision has, such as resnet50, or a function that makes a network "
        "of your own, such as mynet.py:make, or a file that torch.export.save wrote, mynet.pt2.",
    ),
]
Lang = Annotated[str, typer.Option("--lang", metavar="en|zh", help="Language of sheets and pages.")]
Scale = Annotated[
    str,
    typer.Option(
        "--scale",
        metavar="screen|projector",
        help="For a projector: slides of 1920 x 1080 pixels, letters at least 1/40 as high.",
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


@dataclass(frozen=True)
class LookOptions:
    """Which network is looked into, and where what is found is written.

    Attributes:
        model: as ``--model`` takes it.
        out: a new folder.
        html: write a page, too.
        quiet: print errors only.
        lang: language of sheets and pages.
        scale: of what they are shown on.
    """

    model: ModelName = DEFAULT_MODEL
    out: Out = None
    html: options.Html = False
    quiet: options.Quiet = False
    lang: Lang = "en"
    scale: Scale = "screen"


Look = Annotated[LookOptions, DataclassOptions(LookOptions)]

_own = partial(typer.Option, rich_help_panel=options.OWN)
_LARGEST = 4096  # pixels
_SHAPE = re.compile(r"(?:(?:(\d+)x)?(\d+)x)?(\d+)")


class _OwnOptions(OptionGroup):
    """The options of a network of one's own, as ``OwnSettings``."""

    def parameters(self) -> list[Parameter]:
        """Return them as typer reads them."""
        number = "A,B,C"
        return [
            option(
                "input_shape",
                Annotated[
                    str | None,
                    _own(
                        "--input",
                        metavar="CxHxW",
                        help="What it takes: channels, height and width, or one number for the side of a photo "
                        "[default: 3x224x224].",
                    ),
                ],
            ),
            option(
                "mean",
                Annotated[str | None, _own(metavar=number, help="Subtracted from pixels in 0..1, by channel [0].")],
            ),
            option(
                "std",
                Annotated[str | None, _own(metavar=number, help="What they are divided by then, by channel [1].")],
            ),
            option(
                "classes",
                Annotated[
                    str | None,
                    _own(metavar="FILE|A,B,...", help="Names of its answers: a file with a line for each, or a list."),
                ],
            ),
            option(
                "weights",
                Annotated[Path | None, _own(metavar="FILE", help="All of its weights, as safetensors.")],
            ),
        ]

    def make(self, values: Mapping[str, Any]) -> OwnSettings:
        """Return the settings.

        Raises:
            ArtcnnError: one is none.
        """
        return OwnSettings(
            shape=_shape(values["input_shape"]),
            mean=_numbers("--mean", values["mean"]),
            std=_numbers("--std", values["std"]),
            classes=_names(values["classes"]),
            weights=values["weights"],
        )


Own = Annotated[OwnSettings, _OwnOptions()]


def _shape(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    found = _SHAPE.fullmatch(text)
    if found is None or not all(0 < int(size) <= _LARGEST for size in found.groups() if size):
        raise ArtcnnError(f"invalid --input {text}", hint="write channels, height and width, as 3x224x224")
    channels, height, width = found.groups()
    return int(channels or 3), int(height or width), int(width)


def _numbers(flag: str, text: str | None) -> tuple[float, ...]:
    try:
        return () if text is None else tuple(map(float, text.split(",")))
    except ValueError as error:
        raise ArtcnnError(
            f"invalid {flag} {text}", hint="write a number for each channel, as 0.485,0.456,0.406"
        ) from error


def _names(text: str | None) -> tuple[str, ...]:
    """Return the classes that a file has, or a list."""
    if text is None:
        return ()
    path = Path(text)
    if not path.is_file():
        return tuple(name.strip() for name in text.split(","))
    try:
        return tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ArtcnnError(f"--classes {path} is no text") from error
