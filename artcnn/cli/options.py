"""Options that several commands share."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli.option_groups import DataclassOptions
from artcnn.errors import ArtcnnError

MAKE, CONTROL, VIDEO, OUTPUT, MACHINE = "What to make", "Control", "Film", "Output", "Machine"
"""The sections of ``--help``."""


def bytes_of(text: str) -> int:
    """Return the bytes that ``--max-memory`` means, such as ``2GB``, ``1.5 GB`` or ``800MB``.

    Raises:
        ArtcnnError: it is not a size.
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?) ?([KMGT])i?B?", text.strip(), re.IGNORECASE)
    if match is None:
        raise ArtcnnError(f"invalid --max-memory {text}", hint="write it as 2GB or 800MB")
    return round(float(match[1]) * 1000.0 ** (1 + "KMGT".index(match[2].upper())))


Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any other setting of the recipe; 'artcnn presets show' lists them. Repeatable.",
        rich_help_panel=CONTROL,
    ),
]
Seed = Annotated[int | None, typer.Option(metavar="NUMBER", help="Seed of everything random.", rich_help_panel=CONTROL)]
Photos = Annotated[
    list[Path], typer.Argument(metavar="PHOTO...", help="Photos: files, a folder, a pattern, or - for a pipe.")
]
StyleMasks = Annotated[
    list[str] | None,
    typer.Option(
        metavar="paintingN=FILE",
        help="Where the style of painting N applies: fully where the mask is white, partly where it is grey. "
        "Repeatable.",
        rich_help_panel=MAKE,
    ),
]
Protect = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A mask: where it is white, the photo stays as it is.", rich_help_panel=MAKE),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE|FOLDER|-",
        help="Where to write the result, - for standard output [default: a new file beside the photo].",
        rich_help_panel=OUTPUT,
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force", help="Replace an existing file; of many pictures, also remake finished ones.", rich_help_panel=OUTPUT
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue a run that was killed from its checkpoint.", rich_help_panel=OUTPUT)
]
KeepGps = Annotated[
    bool, typer.Option("--keep-gps", help="Keep the photo's GPS position in the result.", rich_help_panel=OUTPUT)
]
SaveEvery = Annotated[
    int | None,
    typer.Option(metavar="STEPS", min=1, help="Also save a picture every so many steps.", rich_help_panel=OUTPUT),
]
Preview = Annotated[
    bool, typer.Option("--preview", help="Show the picture in the terminal while it is made.", rich_help_panel=OUTPUT)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.", rich_help_panel=OUTPUT)]
Html = Annotated[
    bool, typer.Option("--html", help="Also write a page that opens in any browser.", rich_help_panel=OUTPUT)
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result, or the error, as JSON.", rich_help_panel=OUTPUT)
]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="What to compute on.", rich_help_panel=MACHINE)]
MaxMemory = Annotated[
    int | None,
    typer.Option(
        metavar="SIZE",
        parser=bytes_of,
        help="Use at most this much memory, such as 2GB [default: what is free].",
        rich_help_panel=MACHINE,
    ),
]


@dataclass(frozen=True)
class RunOptions:
    """How pictures are made and reported. Nothing here changes a pixel.

    Attributes:
        max_memory: bytes.
        many: whether several pictures were asked for. Then one that fails is reported, and the others are made; one
            that is finished is not made again.
    """

    out: Out = None
    force: Force = False
    resume: Resume = False
    keep_gps: KeepGps = False
    save_every: SaveEvery = None
    preview: Preview = False
    quiet: Quiet = False
    as_json: AsJson = False
    device: Device = "auto"
    max_memory: MaxMemory = None
    many: bool = False


Run = Annotated[RunOptions, DataclassOptions(RunOptions)]
RunWithoutPhoto = Annotated[RunOptions, DataclassOptions(RunOptions, omit=["keep_gps"])]
RunOfSheet = Annotated[
    RunOptions, DataclassOptions(RunOptions, omit=["resume", "keep_gps", "save_every", "preview", "max_memory"])
]


@dataclass(frozen=True)
class DreamInputOptions:
    """What steers a dream besides its photo."""

    guide: Annotated[
        Path | None,
        typer.Option(metavar="PICTURE", help="Dream of the shapes in this picture.", rich_help_panel=MAKE),
    ] = None
    guide_mask: Annotated[
        Path | None,
        typer.Option(metavar="PICTURE", help="Use only the white parts of the guide.", rich_help_panel=MAKE),
    ] = None
    mask: Annotated[
        Path | None,
        typer.Option(
            metavar="PICTURE",
            help="Dream only where this is white; where it is black, the photo stays.",
            rich_help_panel=MAKE,
        ),
    ] = None


DreamInputs = Annotated[DreamInputOptions, DataclassOptions(DreamInputOptions)]
