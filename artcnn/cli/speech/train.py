"""``artcnn speech train``: train a network on recordings of single words."""

from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.speech.data import Folder, Speaker, check_speaker
from artcnn.cli.training import Resume, Run, card_of, check_shares
from artcnn.cli.training_files import Files

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
    leave_out: Speaker = None,
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
    files = Files.choose(out, "speech", resume, force)
    from artcnn.files.sound import check_enough, find_recordings

    utterances = list(find_recordings(folder).values())
    if leave_out is not None:
        check_speaker(folder, leave_out, utterances)
    check_enough(folder, [one for one in utterances if leave_out is None or one.speaker != leave_out])
    from artcnn.backbones.device import choose_device
    from artcnn.training.distributed import processes

    place = choose_device(device)
    with processes(place) as group, files.claimed(group.rank == 0) as files:
        from rich.console import Console

        from artcnn.files.recordings import read_recordings
        from artcnn.training.speech import speech_classes, speech_training

        started, speaks = monotonic(), group.rank == 0
        console = Console(stderr=True, quiet=quiet or not speaks)
        console.print("listening to the recordings", style="dim")
        check_shares(recipe, group)
        bad = BadFiles()
        recordings = read_recordings(folder, bad.add)
        check_enough(folder, [one for one in recordings.utterances if leave_out is None or one.speaker != leave_out])
        others, theirs = (recordings, None) if leave_out is None else recordings.apart(leave_out)
        train, validation = (part.examples for part in others.split(recipe.validation))
        training = speech_training(recipe, train, validation, place, group)
        classes = speech_classes(recipe, others.examples.classes)
        card = card_of("speech", recipe, others.examples, classes)
        run = Run(recipe, card, training, files, group, console, started)
        title, then = f"filters {recipe.filters}, seed {recipe.seed}", f"artcnn speech predict {files.model} word.wav"
        run.finish(theirs.examples if theirs else None, resume, as_json and speaks, title, then)
        bad.exit()
