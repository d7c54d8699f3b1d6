"""``artcnn speech test``: how good a model is, on recordings it never heard."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.measuring import Pictures, Predictions, Targets, Tested, check_classes, measures
from artcnn.cli.speech.data import Folder, ModelName


def measure(
    model: ModelName,
    folder: Folder,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Only the recordings that 'speech train' held out of this folder.")
    ] = False,
    predictions: Predictions = None,
    out: Pictures = Path(),
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Test a model: accuracy with a 95 % interval, each speaker and word, a confusion matrix, the worst mistakes."""
    from artcnn.files.model_registry import find_model
    from artcnn.files.sound import find_recordings

    targets = Targets.choose(find_model(model), out, predictions, force)
    find_recordings(folder)
    from artcnn.datasets.utterance import words_of
    from artcnn.files.model import read_model
    from artcnn.files.recordings import read_recordings

    bad = BadFiles()
    opened, recordings = read_model(model, "speech"), read_recordings(folder, bad.add)
    if held_out:
        recordings = recordings.split(opened.card.recipe["validation"])[1]
    known = words_of(opened.card.classes)
    recordings = recordings.labelled(known)
    check_classes(opened, known, recordings.examples)
    tested = Tested.of(opened, recordings.examples)
    right, who = tested.right(), [utterance.speaker for utterance in recordings.utterances]
    by_speaker = {
        name: measures(right[[index for index, speaker in enumerate(who) if speaker == name]])
        for name in recordings.speakers()
    }
    columns = {"file": recordings.files, "speaker": who}
    tested.report(targets, quiet, as_json, columns, by_speaker)
    bad.exit()
