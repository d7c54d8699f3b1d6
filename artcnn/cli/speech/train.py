"""``artcnn speech train``: train a network on recordings of single words."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.speech.data import Folder
from artcnn.cli.training import Resume, TrainingOptions, run_training

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where to put the model [default: a new speech.safetensors]."),
]


def train(
    folder: Folder,
    filters: Annotated[
        str, typer.Option(metavar="both|frequency|time|dense", help="Axes along which filters move; dense for none.")
    ] = "both",
    epochs: Annotated[int | None, typer.Option(help="How often every recording is heard.")] = None,
    batch: Annotated[int | None, typer.Option(help="Recordings in a step.")] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    augment: Annotated[
        float | None, typer.Option(help="Strength of random changes of a recording; 0 for none.")
    ] = None,
    seed: options.Seed = None,
    settings: options.Settings = None,
    leave_out: Annotated[
        str | None,
        typer.Option("--leave-out", metavar="SPEAKER", help="Learn from everyone else and test on this one."),
    ] = None,
    out: Out = None,
    resume: Resume = False,
    force: options.Force = False,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Train a network from scratch on recordings of single words, a ninth of them held out.

    Recordings may be WAV, FLAC, OGG, Opus, MP3 or AIFF of any sample rate.
    """
    recipe = options.recipe_from(
        "speech", filters, settings, epochs=epochs, batch=batch, lr=lr, augment=augment, seed=seed
    )
    from artcnn.jobs.tasks.sources import SpeechSource

    source, then = SpeechSource(folder, leave_out), "artcnn speech predict {model} word.wav"
    run_training(recipe, source, TrainingOptions(out, "speech", resume, force, device, quiet, as_json, then))
