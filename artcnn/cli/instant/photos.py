"""``artcnn instant PHOTO...``: paint photos in a style that a network has learned."""

from typing import Annotated

from artcnn.cli import options
from artcnn.cli.recipe_options import Clips, RecipeArguments, RecipeOptions

_FIELDS = {
    options.MAKE: ["style", "strength", "colors"],
    options.CONTROL: ["size"],
    options.MACHINE: ["precision"],
}


def instant(
    photos: options.Photos,
    *,
    what: Annotated[RecipeArguments, RecipeOptions("instant", "InstantRecipe", _FIELDS)],
    protect: options.Protect = None,
    film: Clips,
    run: options.RunAtOnce,
) -> None:
    """Paint photos in a style at once: a network has learned it, and paints without searching.

    Examples: artcnn instant photo.jpg --style wave · artcnn instant holiday/ --style wave=0.7,cafe=0.3 -o painted/
    · artcnn instant photo.jpg --style church.safetensors --strength 0.6
    """
    from artcnn.recipes import InstantRecipe

    recipe = what.recipe(InstantRecipe)
    from artcnn.cli.run import run_photos
    from artcnn.jobs.inputs import InstantInputs
    from artcnn.jobs.job import Job
    from artcnn.jobs.styles import find_styles

    recipe, styles = find_styles(recipe)
    run_photos(photos, lambda photo, clip: Job(recipe, InstantInputs(photo, styles, protect), clip), run, film)
