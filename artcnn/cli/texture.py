"""``artcnn texture``: a painting's style without a photo."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions

_FIELDS = {
    options.MAKE: ["method", "blend", "style_crop"],
    options.CONTROL: ["size", "style_scale", "seed", "backbone"],
    options.MACHINE: ["precision"],
}


def texture(
    paintings: Annotated[
        list[Path],
        typer.Argument(metavar="PAINTING...", help="The picture whose texture to make; of several, a blend."),
    ],
    *,
    what: Annotated[RecipeArguments, RecipeOptions("texture", "TextureRecipe", _FIELDS)],
    tileable: Annotated[
        bool,
        typer.Option("--tileable", help="Let opposite borders meet without a seam.", rich_help_panel=options.MAKE),
    ] = False,
    run: options.RunWithoutPhoto,
) -> None:
    """Make more of a painting. Its colors and strokes are arranged anew, at any size.

    Examples: artcnn texture painting.jpg · artcnn texture painting.jpg --size 1024 --tileable
    """
    from artcnn.recipes import TextureRecipe

    recipe = what.recipe(TextureRecipe, **({"padding": "circular"} if tileable else {}))
    from artcnn.cli.run import run as run_jobs
    from artcnn.jobs.inputs import TextureInputs
    from artcnn.jobs.job import Job

    run_jobs([Job(recipe, TextureInputs(tuple(paintings)))], run)
