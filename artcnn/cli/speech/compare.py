"""``artcnn speech compare``: how well each kind of filters hears a speaker it never heard."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.comparison import CompareOptions, Rates, Seeds, compare_arms, load_arms
from artcnn.cli.option_groups import DataclassOptions


@dataclass(frozen=True)
class _Options(CompareOptions):
    seeds: Seeds = 1
    rates: Rates = "0.001,0.003,0.01"


def compare(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Your recordings, LABEL_SPEAKER_TAKE.wav [default: the synthetic ones]."),
    ] = None,
    *,
    epochs: Annotated[
        int | None, options.control(help="How often every recording is heard [default: the recipe's].")
    ] = None,
    settings: options.Settings = None,
    run: Annotated[CompareOptions, DataclassOptions(_Options)],
) -> None:
    """Compare kinds of filters on unseen speakers: each is left out in turn, and tested on.

    Without a folder: 480 digits that espeak-ng spoke in eight voices, shipped with artcnn; an hour or so on one core.

    Learning rates and epochs are chosen by held-out takes of the others; the speaker left out has no part in it.
    """
    (rates, path), bad = run.check("speech"), BadFiles()
    if folder is not None:
        from artcnn.jobs.tasks.sources import check_speakers

        check_speakers(folder)
    from artcnn.jobs.tasks.speech import ARMS, load_comparison

    recipes = load_arms("speech", ARMS, settings, epochs=epochs)
    compare_arms(load_comparison(folder, recipes, run.seeds, bad.add), run, rates, path)
    bad.exit()
