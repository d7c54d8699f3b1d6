"""``artcnn mnist test``: how good a model is, on digits it never saw."""

from artcnn.cli.evaluation import Test, test_classifier
from artcnn.cli.mnist.data import Data, ModelName


def evaluate(model: ModelName, *, data: Data = None, run: Test) -> None:
    """Test a model: accuracy with a 95 % interval, each class, a confusion matrix and the worst mistakes."""
    from artcnn.jobs.tasks.sources import MnistSource

    test_classifier(model, MnistSource(data), run)
