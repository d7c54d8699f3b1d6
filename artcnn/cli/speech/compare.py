"""``artcnn speech compare``: how well each kind of filters hears a speaker it never heard."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.comparison import CompareOptions, Out, Rates, Seeds, arm_recipes, compare_arms


def compare(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Your recordings, LABEL_SPEAKER_TAKE.wav [default: the synthetic ones]."),
    ] = None,
    seeds: Seeds = 1,
    rates: Rates = "0.001,0.003,0.01",
    epochs: Annotated[
        int | None, typer.Option(help="How often every recording is heard [default: the recipe's].")
    ] = None,
    settings: options.Settings = None,
    out: Out = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Leave each speaker out in turn: learn from the others, test on this one; with each kind of filters.

    Without a folder: 480 digits that espeak-ng spoke in eight voices, shipped with artcnn; an hour or so on one core.

    Learning rates and epochs are chosen by held-out takes of the others; the speaker left out has no part in it.
    """
    chosen, bad = CompareOptions.check("speech", seeds, rates, out, force, quiet, as_json), BadFiles()
    if folder is not None:
        from artcnn.jobs.tasks.sources import check_speakers

        check_speakers(folder)
    from artcnn.jobs.tasks.speech import ARMS, load_comparison

    recipes = arm_recipes("speech", ARMS, settings, epochs=epochs)
    compare_arms(load_comparison(folder, recipes, seeds, bad.add), chosen)
    bad.exit()
