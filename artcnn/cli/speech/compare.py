"""``artcnn speech compare``: how well each kind of filters hears a speaker it never heard."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.comparing import Comparison, Out, Rates, Seeds, rates_of, target
from artcnn.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from artcnn.datasets.recordings import Recordings
    from artcnn.training.comparison import Arm, Trial
    from artcnn.training_recipes import SpeechRecipe


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
    arms, grid = _arms(), rates_of(rates)
    recipes = {
        arm.name: options.recipe_from("speech", arm.preset, settings, epochs=epochs, **arm.changes) for arm in arms
    }
    path, speakers = target(out, "speech", force), None if folder is None else _speakers(folder)
    from artcnn.files.recordings import read_bundled_recordings, read_recordings

    bad = BadFiles()
    recordings = read_bundled_recordings() if folder is None else read_recordings(folder, bad.add)
    Comparison(
        arms=arms,
        recipes=recipes,
        conditions=speakers or recordings.speakers(),
        trial=_trial(recordings),
        score="accuracy",
        condition="left out",
        classes=len(recordings.examples.classes),
        title=f"Speakers never heard, {seeds} runs each; of the mean every dot is a speaker",
        pooled="mean",
    ).run(seeds, grid, path, force, quiet, as_json)
    bad.exit()


def _arms() -> "Sequence[Arm]":
    from artcnn.training.comparison import Arm

    return (
        Arm("both", "both", {}, "filters along time and frequency"),
        Arm("frequency", "frequency", {}, "along frequency only"),
        Arm("time", "time", {}, "along time only"),
        Arm("dense", "dense", {}, "no filters"),
    )


def _speakers(folder: Path) -> list[str]:
    """Return who speaks in the recordings of a folder.

    Raises:
        DataError: there are fewer than two, or one of them is the only one who says a word.
    """
    from artcnn.files.sound import check_enough, find_recordings

    utterances = list(find_recordings(folder).values())
    speakers = sorted({one.speaker for one in utterances} - {""})
    if len(speakers) < 2:
        raise DataError(f"{folder}: it needs two speakers or more, named in the files: LABEL_SPEAKER_TAKE.wav")
    for speaker in speakers:
        check_enough(folder, [one for one in utterances if one.speaker != speaker])
    return speakers


def _trial(recordings: "Recordings") -> "Trial[SpeechRecipe]":
    """Return what learns from everyone but a speaker."""
    from artcnn.training.comparison import Fit, limit_batch
    from artcnn.training.loop import evaluate, predict
    from artcnn.training.speech import speech_training
    from artcnn.training_recipes import SpeechRecipe

    def trial(recipe: SpeechRecipe, speaker: str) -> Fit:
        others, theirs = recordings.apart(speaker)
        examples = theirs.labelled(others.examples.classes).examples
        train, validation = (part.examples for part in others.split(recipe.validation))
        training = speech_training(limit_batch(recipe, len(train)), train, validation)
        for _ in training.run():
            pass
        training.eval_network.load_state_dict(training.best_state)

        def score() -> float:
            words = len(examples.classes)  # those it was taught; an output for others may come behind them
            right = predict(training.eval_network, examples)[:, :words].argmax(1) == examples.labels
            return 100 * float(right.double().mean())

        return Fit(evaluate(training.eval_network, validation), score)

    return trial
