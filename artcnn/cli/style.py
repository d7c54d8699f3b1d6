"""``artcnn style``: a photo repainted in the style of a painting."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions

_HOW = "init", "optimizer", "pooling", "seed"
_FIELDS = {
    options.MAKE: ["method", "strength", "colors", "blend", "style_crop", "style_scale", "backbone", "size"],
    options.CONTROL: ["content_weight", "style_weight", "tv_weight", "content_layers", "style_layers", *_HOW],
    options.MACHINE: ["precision"],
}


def style(
    photos: options.Photos,
    painting: Annotated[
        Path,
        typer.Argument(metavar="PAINTING", help="The picture whose style to take; a folder of them; or several."),
    ],
    *,
    what: Annotated[RecipeArguments, RecipeOptions("style", "StyleRecipe", _FIELDS)],
    mask: options.StyleMasks = None,
    protect: options.Protect = None,
    run: options.Run,
) -> None:
    """Repaint a photo in the style of a painting.

    Examples: artcnn style photo.jpg painting.jpg · artcnn style photo.jpg painting.jpg --preset painterly --size 1024
    · artcnn style photo.jpg a.jpg b.jpg --blend 2,1 · artcnn style photo.jpg a.jpg b.jpg --mask painting2=sky.png
    """
    from artcnn.recipes import StyleRecipe

    recipe = what.recipe(StyleRecipe)
    from artcnn.cli.batch import find_photos
    from artcnn.cli.job import Job
    from artcnn.cli.paintings import inputs_of, split
    from artcnn.cli.run import run as make_pictures

    photos, paintings, masks = split([*photos, painting], recipe.blend, mask or [])
    found, others = find_photos(photos), inputs_of(paintings, masks, protect)
    found.say_left_out(run.quiet)
    jobs = [Job("style", recipe, {"photo": photo, **others}) for photo in found.paths]
    make_pictures(jobs, replace(run, many=found.many))
