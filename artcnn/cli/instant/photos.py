"""``artcnn instant PHOTO...``: paint photos in a style that a network has learned."""

from dataclasses import replace
from typing import Annotated

from artcnn.cli import options
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions

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
    run: options.RunAtOnce,
) -> None:
    """Paint photos in a style at once: a network has learned it, and paints without searching.

    Examples: artcnn instant photo.jpg --style wave · artcnn instant holiday/ --style wave=0.7,cafe=0.3 -o painted/
    · artcnn instant photo.jpg --style church.safetensors --strength 0.6
    """
    from artcnn.recipes import InstantRecipe

    recipe = what.recipe(InstantRecipe)
    from artcnn.cli.batch_report import say_left_out
    from artcnn.cli.run import run as run_jobs
    from artcnn.jobs.batch import find_photos
    from artcnn.jobs.inputs import InstantInputs
    from artcnn.jobs.job import Job
    from artcnn.jobs.styles import find_styles

    recipe, styles = find_styles(recipe)
    found = find_photos(photos)
    say_left_out(found, run.quiet)
    jobs = [Job(recipe, InstantInputs(photo, styles, protect)) for photo in found.paths]
    run_jobs(jobs, replace(run, many=found.many))
