"""Reading digits: what its trainings, tests and comparisons work with."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import torch

from artcnn.datasets.examples import Examples
from artcnn.datasets.handwriting import Handwriting
from artcnn.datasets.mnist import download_mnist, load_mnist
from artcnn.errors import ArtcnnError, DataError, RecipeError
from artcnn.files.handwriting import read_digit, read_folder
from artcnn.files.model import Model
from artcnn.inspection.doubts import doubt_of_digit
from artcnn.jobs.comparison import Comparison, train_fully
from artcnn.jobs.evaluation import check_classes, classification
from artcnn.jobs.prediction import Answer, answer, predict_each
from artcnn.jobs.tasks.sources import MnistSource
from artcnn.jobs.tasks.task import EvaluationData, Skip, Task, TrainingData
from artcnn.reports.sheet import Sheet, write_sheet
from artcnn.training.classification import evaluate
from artcnn.training.comparison import Arm, Fit, limit_batch
from artcnn.training.mnist import mnist_training
from artcnn.training_recipes import MnistRecipe

ARMS = (
    Arm("lecture", "lecture", {}, "shared weights, local"),
    Arm("dense", "dense", {}, "neither"),
    Arm("local", "local", {}, "local, not shared"),
    Arm("permuted", "lecture", {"permuted": True}, "shared, no neighborhood"),
)
"""What ``compare`` compares: the lecture's CNN, and networks without its sharing of weights or its locality."""

_MIN_STEPS = 400
_VALIDATION = 5_000
"""Digits on which learning rates are chosen; a sixth of the digits where there are fewer than six times as many."""


def load_digits(source: MnistSource, skip: Skip) -> tuple[Examples, Examples]:
    """Return the digits to learn from and those to test on.

    Of a folder without ``train`` and ``test`` in it a sixth, chosen by a fixed seed, is to test on.

    Raises:
        ArtcnnError: they are missing, damaged or cannot be downloaded, or differ in their labels.
    """
    if source.data is None:
        return load_mnist("train"), load_mnist("test")
    if source.data == "torchvision":
        return download_mnist("train"), download_mnist("test")
    folder = Path(source.data)
    if not ((folder / "train").is_dir() and (folder / "test").is_dir()):
        every = read_folder(folder, skip)
        return every.split(max(1, len(every) // 6), seed=0)
    train, test = (read_folder(folder / part, skip) for part in ("train", "test"))
    if train.classes != test.classes:
        labels = f"train has the labels {', '.join(train.classes)}, test has {', '.join(test.classes)}"
        raise DataError(f"{folder}: {labels}", hint="give both the same")
    return train, test


def load_part(source: MnistSource, part: Literal["train", "test"], skip: Skip) -> Examples:
    """Return the digits to learn from, or those to test on; of the shipped MNIST only these are read."""
    return load_mnist(part) if source.data is None else load_digits(source, skip)[part == "test"]


def load_training(source: MnistSource, recipe: MnistRecipe, skip: Skip) -> TrainingData:
    """Load what a training needs.

    Raises:
        RecipeError: no digits are left to learn from.
    """
    digits, test = load_digits(source, skip)
    if len(digits) <= recipe.validation:
        raise RecipeError(
            f"validation: {recipe.validation} of {len(digits)} digits leave none to learn from",
            hint=f"use --set validation={max(1, len(digits) // 6)}",
        )
    train, validation = digits.split(recipe.validation, recipe.seed)
    return TrainingData(partial(mnist_training, recipe, train, validation), digits, digits.classes, test)


def load_evaluation(source: MnistSource, model: Model, device: torch.device, skip: Skip) -> EvaluationData:
    """Load what the test of a model needs.

    Raises:
        ArtcnnError: the model has other classes than the digits.
    """
    digits = load_part(source, "test", skip)
    check_classes(model, model.card.classes, digits)
    return classification(model, digits, device)


def describe(recipe: MnistRecipe) -> str:
    """Return what tells a training from others."""
    return f"{recipe.arch}, seed {recipe.seed}"


def predict_digits(model: Model, pictures: Sequence[Path]) -> list[Answer | ArtcnnError]:
    """Return the answer to each picture, or why it cannot be read.

    Raises:
        ArtcnnError: none of the pictures can be read.
    """
    return predict_each(pictures, read_digit, partial(predict_digit, model))


def predict_digit(model: Model, found: Handwriting) -> Answer:
    """Return the answer to what was found in a picture."""
    return answer(model, found.digit, doubt_of_digit(model.network, model.card.classes, model.card.data, found))


def write_digits(path: Path, answers: Sequence[Answer], replace: bool) -> Path:
    """Draw the digits that the network was shown, each with its answer, to a .png file; return where it is."""
    captions = [f"{answer.label or ''}{' ?' if answer.doubt else ''}" for answer in answers]
    digits = torch.stack([answer.input for answer in answers]).mul(255).round().byte()
    return write_sheet(path, Sheet(digits, min(10, len(digits)), captions, scale=3), replace)


def sample_sheet(digits: Examples, columns: int, seed: int) -> Sheet:
    """Return a sheet with a row for each class: some of its digits, chosen at random."""
    generator = torch.Generator().manual_seed(seed)
    tiles = torch.zeros(len(digits.classes), columns, *digits.inputs.shape[1:], dtype=torch.uint8)
    for label, row in enumerate(tiles):
        where = (digits.labels == label).nonzero().flatten()
        chosen = where[torch.randperm(len(where), generator=generator)[:columns]]
        row[: len(chosen)] = digits.inputs[chosen]
    return Sheet(tiles.flatten(0, 1), columns, title=f"{digits.name}: {len(digits):,} digits")


def load_comparison(
    source: MnistSource, sizes: Sequence[int], recipes: dict[str, MnistRecipe], seeds: int, skip: Skip
) -> Comparison:
    """Return what compares the arms by their test error, trained on so many digits.

    Raises:
        ArtcnnError: there are not so many digits.
    """
    train, test = load_digits(source, skip)
    validation = min(_VALIDATION, len(train) // 6)
    if max(sizes) > len(train) - validation:
        left = f"there are {len(train) - validation} digits to learn from, {validation} held out"
        raise ArtcnnError(f"--sizes: {left}, not {max(sizes)}")
    return Comparison(
        arms=ARMS,
        recipes=recipes,
        conditions=[f"{size}" for size in sizes],
        trial=partial(_trial, train, validation, test),
        score="test error",
        condition="digits",
        classes=len(train.classes),
        title=f"What shared weights are worth, {seeds} runs each",
    )


def _trial(
    digits: Examples,
    validation: int,
    test: Examples,
    recipe: MnistRecipe,
    condition: str,
    cancelled: Callable[[], bool],
) -> Fit:
    """Train on so many digits, chosen by the seed; the last weights count."""
    count = int(condition)
    rest, held_out = digits.split(validation, recipe.seed)
    chosen = rest.take(torch.arange(count))
    recipe = limit_batch(recipe, count)
    epochs = max(recipe.epochs, -(-_MIN_STEPS // max(1, count // recipe.batch)))
    recipe = recipe.model_copy(update={"epochs": epochs})
    # Epochs are not chosen between, so the digits held out are evaluated once, after the last.
    training = mnist_training(recipe, chosen, chosen.take(torch.arange(10)))
    train_fully(training, cancelled)
    network = training.eval_network
    return Fit(evaluate(network, held_out), lambda: 100 * (1 - evaluate(network, test).accuracy))


TASK = Task("loading the digits", load_training, load_evaluation, describe)
