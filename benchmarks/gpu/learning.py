"""Training: seconds an epoch, positions and steps a second, in each precision; and the share of the data."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from device import PRECISIONS, forget_peak, peak_bytes, tf32
from pictures import SAMPLES, sample
from record import Recorder, Row
from timing import compare, wait

import artcnn
from artcnn.datasets.mnist import load_mnist
from artcnn.datasets.photos import Photos
from artcnn.extras import require
from artcnn.image import fit
from artcnn.presets import load_recipe
from artcnn.settings import parse
from artcnn.training.classification import Classification
from artcnn.training.instant import instant_training
from artcnn.training.loop import Batch, Epoch, Training
from artcnn.training.mnist import mnist_training
from artcnn.training_recipes import InstantTrainRecipe, TrainRecipe

GAMES = Path(artcnn.__file__).parent / "data" / "games"
_WARM = 5
"""Steps that are not counted."""


def run(recorder: Recorder) -> None:
    """Write a row for each training and precision."""
    tiny = recorder.setup.tiny
    for name in ("bfloat16",) if tiny else ("float32", "bfloat16"):
        recorder.attempt("training", f"digits, {name}", partial(_digits, recorder, "lecture", name), needs=4)
        recorder.attempt("training", f"instant styles, {name}", partial(_styles, recorder, name), needs=4)
        if not tiny:
            recorder.attempt("training", f"digits, best, {name}", partial(_digits, recorder, "best", name), needs=4)
        recorder.attempt("training", f"Go, {name}", partial(_go, recorder, name), needs=4)


def _digits(recorder: Recorder, preset: str, precision: str) -> Iterator[Row]:
    recipe = load_recipe("mnist", preset, precision=PRECISIONS[precision][0])
    digits = load_mnist("test" if recorder.setup.tiny else "train")
    if recorder.setup.tiny:
        recipe, digits = recipe.model_copy(update={"batch": 32, "validation": 64}), digits.take(torch.arange(320))
    train, validation = digits.split(recipe.validation, recipe.seed)
    training = mnist_training(recipe, train, validation, recorder.setup.device)
    yield _measure(recorder, training, recipe, precision, f"digits, {preset}", 6)


def _go(recorder: Recorder, precision: str) -> Iterator[Row]:
    require("go")
    from artcnn.jobs.tasks.go import load_games
    from artcnn.training.go import go_training

    games, _ = load_games([GAMES])
    batch = 32 if recorder.setup.tiny else 128
    recipe = load_recipe("go", validation=20, precision=PRECISIONS[precision][0], batch=batch, validation_positions=64)
    training = go_training(recipe, games, recorder.setup.device)
    yield _measure(recorder, training, recipe, precision, "Go", 6)


def _styles(recorder: Recorder, precision: str) -> Iterator[Row]:
    tiny = recorder.setup.tiny
    small = {"crop": 64, "batch": 2, "validation": 2, "painting_size": 64} if tiny else {}
    recipe = parse(InstantTrainRecipe, {"precision": PRECISIONS[precision][0], "epoch_size": 100} | small)
    names = sorted(path.name for path in SAMPLES.iterdir() if path.suffix == ".jpg")[: 2 if tiny else None]
    pictures = tuple(fit(sample(name), 256 if tiny else 640)[0].mul(255).round().byte() for name in names)
    photos = Photos(pictures, "samples")
    painting = fit(sample("church_at_auvers.jpg"), recipe.painting_size)
    training = instant_training(recipe, [painting], photos, photos, recorder.setup.device)
    yield _measure(recorder, training, recipe, precision, "instant styles", 6)


def _measure(
    recorder: Recorder,
    training: Training,
    recipe: TrainRecipe,
    precision: str,
    name: str,
    seconds: float,
) -> Row:
    """Return how fast a training is in some seconds, without its first steps, and what a whole one would take."""
    device, tiny = recorder.setup.device, recorder.setup.tiny
    seconds = 0.1 if tiny else min(seconds, recorder.setup.left / 2)
    forget_peak(device)
    times, epochs, total = list[float](), list[Epoch](), 0
    with tf32(PRECISIONS[precision][1]):
        start = last = perf_counter()
        for event in training.run():
            wait(device)
            now = perf_counter()
            if isinstance(event, Batch):
                times.append(now - last)
                total = event.total
            else:
                epochs.append(event)
            last = now
            if len(times) > _WARM + 2 and now - start > seconds:
                break
        wait(device)
    step, each, data = median(times[_WARM:]), total / recipe.epochs, _data_seconds(training, recipe.batch)
    whole = median(epoch.seconds for epoch in epochs) if epochs else step * each
    return {
        "name": name,
        "precision": precision,
        "steps_per_second": 1 / step,
        "per_second": recipe.batch / step,
        "epoch_seconds": whole,
        "epochs measured": len(epochs),  # with none, validation is not counted in
        "run_seconds": whole * recipe.epochs,
        "data_share": None if data is None else data / step,
        "peak_bytes": peak_bytes(device),
    }


def _data_seconds(training: Training, batch: int) -> float | None:
    """Return how long it takes to look up a step's examples, on the CPU; None of photos, which are drawn."""
    if not isinstance(training.goal, Classification):
        return None
    examples = training.goal.training
    chosen = torch.randperm(len(examples), generator=torch.Generator().manual_seed(0))[:batch]
    return compare({"data": partial(examples.batch, chosen)}, torch.device("cpu"), 0.0)["data"]
