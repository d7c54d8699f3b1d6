"""``artcnn mnist test``: how good a model is, on digits it never saw."""

from pathlib import Path

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.measuring import Pictures, Predictions, Targets, Tested, check_classes
from artcnn.cli.mnist.data import Data, ModelName, load_part


def measure(
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

    targets = Targets.choose(find_model(model), out, predictions, force)
    from artcnn.files.model import read_model

    bad = BadFiles()
    opened, digits = read_model(model, "mnist"), load_part(data, "test", bad)
    check_classes(opened, opened.card.classes, digits)
    Tested.of(opened, digits).report(targets, quiet, as_json)
    bad.exit()
