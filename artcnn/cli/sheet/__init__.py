"""``artcnn sheet``: one photo made in many ways, side by side, to find one's look."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.group import App
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions

app = App("One photo in many ways on a sheet, to find the settings you like.", extras=("report",), no_args_is_help=True)

_FIELDS = {options.MAKE: ["size"], options.CONTROL: ["seed"], options.MACHINE: ["precision"]}
_HELP = {"size": "Longer side of each picture, in pixels. [default 320]"}

Photo = Annotated[Path, typer.Argument(metavar="PHOTO", help="The photo, or - for a pipe.")]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE,VALUE,...",
        help="A setting, or preset, and its values: once, or twice for columns and rows. "
        "Separate values that contain commas by semicolons: 'KEY=A,B;C'. [default: every preset]",
        rich_help_panel=options.MAKE,
    ),
]


@app.command()
def style(
    photo: Photo,
    paintings: Annotated[
        list[Path],
        typer.Argument(
            metavar="PAINTING...",
            help="The picture whose style to take; several need --set blend=W1,W2 or --mask.",
        ),
    ],
    *,
    vary: Vary = None,
    what: Annotated[RecipeArguments, RecipeOptions("style", "StyleRecipe", _FIELDS, _HELP)],
    mask: options.StyleMasks = None,
    protect: options.Protect = None,
    run: options.RunOfSheet,
) -> None:
    """Repaint a photo in many ways, on one sheet.

    Examples: artcnn sheet style photo.jpg painting.jpg --vary preset=default,painterly --vary strength=0.3,0.6,1
    · artcnn sheet style photo.jpg a.jpg b.jpg --vary 'blend=1,0;0.5,0.5;0,1'
    · artcnn sheet style photo.jpg a.jpg b.jpg --mask painting2=sky.png
    """
    from artcnn.cli.sheet.make import check_files, make
    from artcnn.cli.sheet.vary import inputs_of, plan_of

    check_files([photo], run.out, run.force)
    plan = plan_of(what, vary)
    inputs = inputs_of(photo, paintings, mask or [], protect, plan)
    make(plan, inputs, [photo, *paintings], run)


@app.command()
def dream(
    photo: Photo,
    *,
    vary: Vary = None,
    what: Annotated[RecipeArguments, RecipeOptions("dream", "DreamRecipe", _FIELDS, _HELP)],
    inputs: options.DreamInputs,
    run: options.RunOfSheet,
) -> None:
    """Let the network dream on a photo in many ways, on one sheet.

    Examples: artcnn sheet dream photo.jpg --vary layers=relu3_3,relu4_3,relu5_1 --vary palette=0,0.5,1
    · artcnn sheet dream photo.jpg --guide fruit.jpg --vary guide_size=192,384,768
    """
    from artcnn.cli.sheet.make import check_files, make
    from artcnn.cli.sheet.vary import plan_of
    from artcnn.jobs.inputs import DreamInputs

    sources = DreamInputs(photo, **vars(inputs))
    check_files(sources.named().values(), run.out, run.force)
    make(plan_of(what, vary), sources, [photo], run)
