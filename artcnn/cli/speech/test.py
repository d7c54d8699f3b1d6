"""``artcnn speech test``: how good a model is, on recordings it never heard."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.evaluation import Pictures, Predictions, TestFiles, report, run_evaluation
from artcnn.cli.speech.data import Folder, ModelName


def evaluate(
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
    from artcnn.jobs.tasks.sources import SpeechSource

    files, bad = TestFiles.choose(find_model(model), out, predictions, force, quiet), BadFiles()
    source = SpeechSource(folder, held_out=held_out)
    source.check()
    report(run_evaluation(model, source, bad), files, quiet, as_json)
    bad.exit()
