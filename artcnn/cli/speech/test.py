"""``artcnn speech test``: how good a model is, on recordings it never heard."""

from typing import Annotated

from artcnn.cli import options
from artcnn.cli.evaluation import Test, test_classifier
from artcnn.cli.speech.data import Folder, ModelName


def evaluate(
    model: ModelName,
    folder: Folder,
    *,
    held_out: Annotated[
        bool, options.make("--held-out", help="Only the recordings that 'speech train' held out of this folder.")
    ] = False,
    run: Test,
) -> None:
    """Test a model: accuracy with a 95 % interval, each speaker and word, a confusion matrix, the worst mistakes."""
    from artcnn.jobs.tasks.sources import SpeechSource

    test_classifier(model, SpeechSource(folder, held_out=held_out), run)
