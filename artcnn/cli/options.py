"""Options that several commands share."""

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli.option_groups import DataclassOptions
from artcnn.errors import ArtcnnError

MAKE, CONTROL, OUTPUT, MACHINE = "What to make", "Control", "Output", "Machine"
ZOOM, CLIP = "Film: a zoom into the photo", "Film: of a clip"
OWN = "A network of your own"
SECTIONS = MAKE, "Options", CONTROL, ZOOM, CLIP, OUTPUT, MACHINE, OWN
"""The sections of ``--help``."""
make = partial(typer.Option, rich_help_panel=MAKE)
control = partial(typer.Option, rich_help_panel=CONTROL)
output = partial(typer.Option, rich_help_panel=OUTPUT)
machine = partial(typer.Option, rich_help_panel=MACHINE)
"""``typer.Option`` in one of the sections."""


def bytes_of(text: str) -> int:
    """Return the bytes that ``--max-memory`` means, such as ``2GB``, ``1.5 GB`` or ``800MB``.

    Raises:
        ArtcnnError: it is not a size.
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?) ?([KMGT])i?B?", text.strip(), re.IGNORECASE)
    if match is None:
        raise ArtcnnError(f"invalid --max-memory {text}", hint="write it as 2GB or 800MB")
    return round(float(match[1]) * 1000.0 ** (1 + "KMGT".index(match[2].upper())))


@dataclass(frozen=True)
class Shard:
    """One of ``count`` parts of the work, by its number from 1."""

    number: int
    count: int


def shard_of(text: str) -> Shard:
    """Return the part of the work that ``--shard`` means, such as ``3/16``.

    Raises:
        ArtcnnError: it is no such thing.
    """
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ArtcnnError(f"invalid --shard {text}", hint="write it as 3/16, the third of sixteen parts")
    return Shard(int(match[1]), int(match[2]))


Settings = Annotated[
    list[str] | None,
    control(
        "--set",
        metavar="KEY=VALUE",
        help="Any other setting of the recipe; 'artcnn presets show' lists them. Repeatable.",
    ),
]
Seed = Annotated[int | None, control(metavar="NUMBER", help="Seed of everything random.")]
Photos = Annotated[
    list[Path], typer.Argument(metavar="PHOTO...", help="Photos: files, a folder, a pattern, or - for a pipe.")
]
StyleMasks = Annotated[
    list[str] | None,
    make(
        metavar="paintingN=FILE",
        help="Where the style of painting N applies: fully where the mask is white, partly where it is gray. "
        "Repeatable.",
    ),
]
Protect = Annotated[Path | None, make(metavar="FILE", help="A mask: where it is white, the photo stays as it is.")]
Out = Annotated[
    Path | None,
    output(
        "--out",
        "-o",
        metavar="FILE|FOLDER|-",
        help="Where to write the result, - for standard output [default: a new file beside the photo].",
    ),
]
Force = Annotated[
    bool, output("--force", help="Replace an existing file; of many pictures, also remake finished ones.")
]
Resume = Annotated[bool, output("--resume", help="Continue a run that was killed from its checkpoint.")]
KeepGps = Annotated[bool, output("--keep-gps", help="Keep the photo's GPS position in the result.")]
SaveEvery = Annotated[int | None, output(metavar="STEPS", min=1, help="Also save a picture every so many steps.")]
Preview = Annotated[bool, output("--preview", help="Show the picture in the terminal while it is made.")]
Quiet = Annotated[bool, output("--quiet", "-q", help="Print errors only.")]
Html = Annotated[bool, output("--html", help="Also write a page that opens in any browser.")]
AsJson = Annotated[bool, output("--json", help="Print the result, or the error, as JSON.")]
Device = Annotated[str, machine(metavar="auto|cpu|cuda|mps", help="What to compute on.")]
MaxMemory = Annotated[
    int | None,
    machine(metavar="SIZE", parser=bytes_of, help="Use at most this much memory, such as 2GB [default: what is free]."),
]


Cluster = Annotated[
    str | None,
    machine(metavar="auto|HOST:PORT", help="Let the machines of a Ray cluster do the work; auto starts one here."),
]
Shared = Annotated[
    bool, machine("--shared", help="With --cluster: all machines see the files under the same paths, so none is sent.")
]
OnlyShard = Annotated[
    Shard | None,
    machine(
        metavar="N/M",
        parser=shard_of,
        help="Make only the Nth of M parts of the work: the same on every machine, and disjoint.",
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
    cluster: Cluster = None
    shared: Shared = False
    shard: OnlyShard = None
    many: bool = False


_SEVERAL = "cluster", "shared", "shard"
"""What is for commands that make several pictures, or films."""

Run = Annotated[RunOptions, DataclassOptions(RunOptions)]
RunAgain = Annotated[RunOptions, DataclassOptions(RunOptions, omit=_SEVERAL)]
RunWithoutPhoto = Annotated[RunOptions, DataclassOptions(RunOptions, omit=["keep_gps", *_SEVERAL])]
RunAtOnce = Annotated[RunOptions, DataclassOptions(RunOptions, omit=["save_every"])]
RunOfSheet = Annotated[
    RunOptions,
    DataclassOptions(RunOptions, omit=["resume", "keep_gps", "save_every", "preview", "max_memory", *_SEVERAL]),
]


@dataclass(frozen=True)
class DreamInputOptions:
    """What steers a dream besides its photo."""

    guide: Annotated[Path | None, make(metavar="PICTURE", help="Dream of the shapes in this picture.")] = None
    guide_mask: Annotated[Path | None, make(metavar="PICTURE", help="Use only the white parts of the guide.")] = None
    mask: Annotated[
        Path | None, make(metavar="PICTURE", help="Dream only where this is white; where it is black, the photo stays.")
    ] = None


DreamInputs = Annotated[DreamInputOptions, DataclassOptions(DreamInputOptions)]
