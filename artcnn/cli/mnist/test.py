"""``artcnn mnist test``: how good a model is, on digits it never saw."""

from pathlib import Path

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.evaluation import Pictures, Predictions, TestFiles, report, run_evaluation
from artcnn.cli.mnist.data import Data, ModelName


def evaluate(
    model: ModelName,
    data: Data = None,
    predictions: Predictions = None,
    out: Pictures = Path(),
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Test a model: accuracy with a 95 % interval, each class, a confusion matrix and the worst mistakes."""
    from artcnn.files.model_registry import find_model
    from artcnn.jobs.tasks.sources import MnistSource

    files, bad = TestFiles.choose(find_model(model), out, predictions, force, quiet), BadFiles()
    report(run_evaluation(model, MnistSource(data), bad), files, quiet, as_json)
    bad.exit()
