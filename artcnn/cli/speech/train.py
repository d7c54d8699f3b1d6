"""``artcnn speech train``: train a network on recordings of single words."""

from typing import Annotated

from artcnn.cli import options
from artcnn.cli.option_groups import option
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions
from artcnn.cli.speech.data import Folder
from artcnn.cli.training import Run, run_training

_FIELDS = {options.CONTROL: ["epochs", "batch", "lr", "augment", "seed"]}
_FILTERS = option(
    "filters",
    Annotated[
        str,
        options.make(
            metavar="both|frequency|time|dense",
            help="Axes along which filters move, dense for no filters; and the preset that trains such a network.",
        ),
    ],
    "both",
)


def train(
    folder: Folder,
    *,
    what: Annotated[RecipeArguments, RecipeOptions("speech", "SpeechRecipe", _FIELDS, preset=_FILTERS)],
    leave_out: Annotated[
        str | None,
        options.make("--leave-out", metavar="SPEAKER", help="Learn from everyone else, and test on this speaker."),
    ] = None,
    run: Run,
) -> None:
    """Train a network from scratch on recordings of single words, a ninth of them held out.

    Recordings may be WAV, FLAC, OGG, Opus, MP3 or AIFF of any sample rate.
    """
    from artcnn.jobs.tasks.sources import SpeechSource
    from artcnn.training_recipes import SpeechRecipe

    source, then = SpeechSource(folder, leave_out), "artcnn speech predict {model} word.wav"
    run_training(what.recipe(SpeechRecipe), source, run, "speech", then)
