"""``artcnn sheet``: one photo made in many ways, side by side, to find one's look."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.group import Group

app = typer.Typer(
    cls=Group,
    help="One photo in many ways on a sheet, to find the settings one likes.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Photo = Annotated[Path, typer.Argument(metavar="PHOTO", help="The photo, - for a pipe.")]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE,VALUE,...",
        help="preset or any setting, and its values: once, or twice for columns and rows. "
        "Values that have commas are parted by semicolons: 'KEY=A,B;C'. [default: every preset]",
    ),
]
Size = Annotated[int | None, typer.Option(metavar="PIXELS", help="Longer side of each picture. [default: 320]")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE|FOLDER|-",
        help="Where to put the sheet, - for the standard output [default: a new file beside the photo].",
    ),
]


@app.command()
def style(
    photo: Photo,
    paintings: Annotated[
        list[Path],
        typer.Argument(
            metavar="PAINTING...",
            help="The picture whose style they take; several need --set blend=W1,W2 or --mask.",
        ),
    ],
    vary: Vary = None,
    preset: options.PresetName = None,
    settings: options.Settings = None,
    mask: options.PaintingMasks = None,
    protect: options.Protect = None,
    size: Size = None,
    seed: options.Seed = None,
    precision: options.Precision = None,
    out: Out = None,
    force: options.Force = False,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Repaint a photo in many ways, and put them on one sheet.

    Examples: artcnn sheet style photo.jpg painting.jpg --vary preset=default,painterly --vary strength=0.3,0.6,1
    · artcnn sheet style photo.jpg a.jpg b.jpg --vary 'blend=1,0;0.5,0.5;0,1'
    · artcnn sheet style photo.jpg a.jpg b.jpg --mask painting2=sky.png
    """
    from artcnn.cli.sheet.make import check_files, make
    from artcnn.cli.sheet.vary import inputs_of, plan_of
    from artcnn.cli.tally import Manner

    check_files([photo], out, force)
    plan = plan_of("style", vary, preset, settings, size=size, seed=seed, precision=precision)
    inputs = inputs_of(photo, paintings, mask or [], protect, plan)
    make(plan, inputs, [photo, *paintings], Manner(out, device, quiet=quiet, as_json=as_json, force=force))


@app.command()
def dream(
    photo: Photo,
    vary: Vary = None,
    preset: options.PresetName = None,
    settings: options.Settings = None,
    guide: options.Guide = None,
    guide_mask: options.GuideMask = None,
    mask: options.DreamMask = None,
    size: Size = None,
    seed: options.Seed = None,
    precision: options.Precision = None,
    out: Out = None,
    force: options.Force = False,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Let the network dream on a photo in many ways, and put them on one sheet.

    Examples: artcnn sheet dream photo.jpg --vary layers=relu3_3,relu4_3,relu5_1 --vary palette=0,0.5,1
    · artcnn sheet dream photo.jpg --guide fruit.jpg --vary guide_size=192,384,768
    """
    from artcnn.cli.sheet.make import check_files, make
    from artcnn.cli.sheet.vary import plan_of
    from artcnn.cli.tally import Manner

    inputs = {"photo": photo} | options.dream_inputs(guide, guide_mask, mask)
    check_files(inputs.values(), out, force)
    plan = plan_of("dream", vary, preset, settings, size=size, seed=seed, precision=precision)
    make(plan, inputs, [photo], Manner(out, device, quiet=quiet, as_json=as_json, force=force))
