"""``artcnn speech compare``: how well each kind of filters hears a speaker it never heard."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.measuring import measures, percent
from artcnn.cli.speech.data import Folder
from artcnn.cli.table import print_table
from artcnn.errors import DataError

if TYPE_CHECKING:
    from artcnn.datasets.recordings import Recordings
    from artcnn.training_recipes import SpeechRecipe

FILTERS = "both", "frequency"


def compare(
    folder: Folder,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Runs of each, seeds from 0.")] = 1,
    epochs: Annotated[
        int | None, typer.Option(help="How often every recording is heard [default: the recipe's].")
    ] = None,
    settings: options.Settings = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The chart, a .png [default: a new one].")
    ] = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Leave each speaker out in turn: learn from the others, test on this one; with both kinds of filters.

    What is kept of a run is chosen by held-out takes of the others; the speaker left out has no part in it.
    """
    recipes = {filters: options.recipe_from("speech", filters, settings, epochs=epochs) for filters in FILTERS}
    from artcnn.media.atomic import check_png
    from artcnn.media.names import new_path
    from artcnn.media.sound import check_enough, find_recordings

    path = out or new_path(Path("speech.png"), "compare")
    check_png(path, "chart", force)
    said = list(find_recordings(folder).values())
    speakers = sorted({one.speaker for one in said} - {""})
    if len(speakers) < 2:
        raise DataError(f"{folder}: it needs two speakers or more, named in the files: LABEL_SPEAKER_TAKE.wav")
    for speaker in speakers:
        check_enough(folder, [one for one in said if one.speaker != speaker])
    from artcnn.media.chart import bars_chart
    from artcnn.media.recordings import read_recordings

    bad = BadFiles()
    recordings = read_recordings(folder, bad.add)
    runs = []
    for filters, recipe in recipes.items():
        for seed in range(seeds):
            for speaker in speakers:
                run = _leave_out(recordings, speaker, recipe.model_copy(update={"seed": seed}))
                runs.append(run)
                if not quiet:
                    accuracies = (
                        f"{percent(run.accuracy)}, held-out takes of the others {percent(run.validation_accuracy)}"
                    )
                    typer.echo(f"{filters}, seed {seed}, without {speaker}: {accuracies}", err=True)
    means = {
        filters: [
            _mean([run.accuracy for run in runs if (run.filters, run.speaker) == (filters, speaker)])
            for speaker in speakers
        ]
        for filters in FILTERS
    }
    labels = {
        f"{filters} ({_weights(recordings, recipe):,} weights)": means[filters] for filters, recipe in recipes.items()
    }
    path = bars_chart(path, speakers, labels, "accuracy on a speaker never heard (%)", force)
    if as_json:
        overall = {filters: _mean(values) for filters, values in means.items()}
        typer.echo(json.dumps({"out": str(path), "mean": overall, "runs": [vars(run) for run in runs]}))
    elif not quiet:
        rows = [(name, *(percent(values[at]) for values in means.values())) for at, name in enumerate(speakers)]
        rows.append(("mean", *(percent(_mean(values)) for values in means.values())))
        print_table(("left out", *labels), rows)
        typer.echo(path)
    bad.exit()


@dataclass(frozen=True)
class LeftOut:
    """What came of a run without one speaker: accuracies in [0, 1], the first with its 95 % interval."""

    filters: str
    seed: int
    speaker: str
    count: int
    accuracy: float
    low: float
    high: float
    validation_accuracy: float


def _leave_out(recordings: "Recordings", speaker: str, recipe: "SpeechRecipe") -> LeftOut:
    """Learn from everyone but a speaker, and test on this one."""
    from artcnn.training.loop import predict
    from artcnn.training.speech import speech_training

    others, theirs = recordings.apart(speaker)
    theirs = theirs.labelled(others.examples.classes)
    learnt, held_out = (part.examples for part in others.split(recipe.validation))
    training = speech_training(recipe, learnt, held_out)
    for _ in training.run():
        pass
    training.kept.load_state_dict(training.best_state)
    words = len(theirs.examples.classes)  # those it was taught; an output for others may come behind them
    right = predict(training.kept, theirs.examples)[:, :words].argmax(1) == theirs.examples.labels
    validation = training.history[training.best - 1].validation_accuracy
    return LeftOut(recipe.filters, recipe.seed, speaker, **measures(right), validation_accuracy=validation)


def _weights(recordings: "Recordings", recipe: "SpeechRecipe") -> int:
    from artcnn.nets.kinds import build
    from artcnn.training.speech import speech_classes

    network = build(recipe, len(speech_classes(recipe, recordings.examples.classes)))
    return sum(parameter.numel() for parameter in network.parameters())


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
