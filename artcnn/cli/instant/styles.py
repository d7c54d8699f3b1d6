"""``artcnn instant styles``: the styles that ship, as a list, or as a sheet of a photo in each of them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options, sheet
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions
from artcnn.cli.table import print_table
from artcnn.extras import require


def styles(
    photo: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PHOTO]", help="Make a sheet of it in each of the styles; with --out alone, of a sample."
        ),
    ] = None,
    *,
    what: Annotated[RecipeArguments, RecipeOptions("instant", "InstantRecipe", sheet.INSTANT_FIELDS, sheet.HELP)],
    run: options.RunOfSheet,
) -> None:
    """List the styles that ship; with a photo, make a sheet of it in all of them, as artcnn sheet instant does.

    Examples: artcnn instant styles · artcnn instant styles photo.jpg -o sheet.png
    """
    from artcnn.jobs.styles import instant_styles
    from artcnn.locations import bundled_samples_dir

    if photo is not None or run.out is not None:
        require("report")
        sheet.make_instant(photo or bundled_samples_dir() / "castle.jpg", None, what, None, run)
        return
    found = instant_styles()
    if run.as_json:
        typer.echo(json.dumps([{"name": name} | facts for name, facts in found.items()], indent=2))
        return
    rows = [(name, facts["title"], facts["artist"], facts["year"]) for name, facts in found.items()]
    print_table(("name", "title", "artist", "year"), rows)
    typer.echo("\nSee your photo in all of them: artcnn instant styles photo.jpg", err=True)
