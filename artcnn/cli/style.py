"""``artcnn style``: a photo repainted in the style of a painting."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.recipe_options import Clips, RecipeArguments, RecipeOptions

_LOSS = "content_weight", "style_weight", "tv_weight", "content_layers", "style_layers"
_SEARCH = "init", "optimizer"
_FIELDS = {
    options.MAKE: ["method", "blend", "style_crop"],
    options.CONTROL: ["size", "strength", "colors", "style_scale", *_LOSS, *_SEARCH, "seed", "backbone", "pooling"],
    options.MACHINE: ["precision"],
}
_HELP = {
    "init": "Image to start from; instant: the photo as a network paints it that has learned the painting. FILE is "
    "a style that 'artcnn instant learn' has learned from it. [default content]"
}


def style(
    photos: options.Photos,
    painting: Annotated[
        Path,
        typer.Argument(metavar="PAINTING", help="The picture whose style to take; a folder of them; or several."),
    ],
    *,
    what: Annotated[RecipeArguments, RecipeOptions("style", "StyleRecipe", _FIELDS, _HELP)],
    mask: options.StyleMasks = None,
    protect: options.Protect = None,
    film: Clips,
    run: options.Run,
) -> None:
    """Repaint a photo in the style of a painting.

    Examples: artcnn style photo.jpg painting.jpg · artcnn style photo.jpg painting.jpg --preset painterly --size 1024
    · artcnn style photo.jpg a.jpg b.jpg --blend 2,1 · artcnn style photo.jpg a.jpg b.jpg --mask painting2=sky.png
    """
    from artcnn.jobs.styles import find_start
    from artcnn.recipes import StyleRecipe

    settings = dict(what.options)
    learned = find_start(settings)
    recipe = replace(what, options=settings).recipe(StyleRecipe)
    from artcnn.cli.run import run_photos
    from artcnn.jobs.inputs import StyleInputs
    from artcnn.jobs.job import Job
    from artcnn.jobs.paintings import split

    photos, styles = split([*photos, painting], recipe.blend, mask or [])
    run_photos(photos, lambda photo, clip: Job(recipe, StyleInputs(photo, styles, protect, learned), clip), run, film)
