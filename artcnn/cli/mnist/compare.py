"""``artcnn mnist compare``: what shared weights are worth, by the number of examples to learn from."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.mnist.data import Data, load
from artcnn.cli.table import print_table
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.datasets.examples import Examples

ARCHS = "lecture", "dense"
_LEAST_STEPS = 400


def compare(
    sizes: Annotated[
        str, typer.Option(metavar="N,N,...", help="Numbers of digits to learn from.")
    ] = "100,1000,10000,60000",
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Runs of each, seeds from 0.")] = 3,
    augment: Annotated[float, typer.Option(min=0, max=4, help="Strength of random turns and shifts.")] = 0.0,
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The chart, a .png [default: a new one].")
    ] = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Train the lecture's CNN and a fully connected network of as many weights, and compare their errors.

    Each learns from the same digits in the same order, at least 400 steps; some minutes in all.
    """
    from artcnn.media.atomic import check_png
    from artcnn.media.names import new_path

    counts = _counts(sizes)
    path = out or new_path(Path("mnist.png"), "compare")
    check_png(path, "chart", force)
    from artcnn.media.chart import spread_chart

    bad = BadFiles()
    learnt, test = load(data, bad)
    if max(counts) > len(learnt):
        raise ArtcnnError(f"--sizes: there are {len(learnt)} digits to learn from, not {max(counts)}")
    names = {arch: f"{arch} ({_parameters(arch, len(learnt.classes)):,} weights)" for arch in ARCHS}
    runs = [_runs(count, arch, range(seeds), learnt, test, augment, quiet) for count in counts for arch in ARCHS]
    by_arch = {name: [run.test_errors for run in runs if run.arch == arch] for arch, name in names.items()}
    path = spread_chart(path, counts, by_arch, f"Shared weights: test error of {seeds} runs each", force)
    if as_json:
        typer.echo(json.dumps({"out": str(path), "runs": [vars(run) for run in runs]}))
    elif not quiet:
        cells = [
            (f"{run.digits:,}", names[run.arch], _mean(run.train_errors), *_spread(run.test_errors)) for run in runs
        ]
        print_table(("digits", "network", "error on these %", "test error %", "spread"), cells)
        typer.echo(path)
    bad.exit()


@dataclass(frozen=True)
class Runs:
    """What came of one network and one number of digits: errors in per cent, one of each seed."""

    digits: int
    arch: str
    train_errors: list[float]
    test_errors: list[float]


def _runs(
    count: int, arch: str, seeds: range, learnt: "Examples", test: "Examples", augment: float, quiet: bool
) -> Runs:
    """Train with each seed and say how each run went."""
    runs = Runs(count, arch, [], [])
    for seed in seeds:
        train_error, test_error = _errors(arch, learnt, test, count, seed, augment)
        runs.train_errors.append(train_error)
        runs.test_errors.append(test_error)
        if not quiet:
            typer.echo(f"{count} digits, {arch}, seed {seed}: test error {test_error:.2f} %", err=True)
    return runs


def _counts(text: str) -> list[int]:
    try:
        counts = sorted({int(part) for part in text.split(",")})
    except ValueError:
        counts = []
    if not counts or counts[0] < 10:
        raise ArtcnnError(f"--sizes {text}: write whole numbers from 10 up with commas between, such as 100,1000")
    return counts


def _parameters(arch: str, classes: int) -> int:
    from artcnn.nets.digits import build

    return sum(parameter.numel() for parameter in build(arch, classes=classes).parameters())


def _errors(
    arch: str, learnt: "Examples", test: "Examples", count: int, seed: int, augment: float
) -> tuple[float, float]:
    """Return the errors in per cent, on the digits learnt from and on the test digits, of the last weights of a run."""
    import torch

    from artcnn.presets import load_recipe
    from artcnn.training.digits import digits_training
    from artcnn.training.loop import evaluate

    recipe = load_recipe("mnist", arch, seed=seed, augment=augment)
    steps = max(1, count // recipe.batch)
    recipe = recipe.model_copy(update={"epochs": max(recipe.epochs, -(-_LEAST_STEPS // steps))})
    chosen = learnt.split(0, seed)[0].take(torch.arange(count))
    # Nothing is chosen by validation here; ten digits are watched only because the loop watches some.
    training = digits_training(recipe, chosen, chosen.take(torch.arange(10)))
    for _ in training.run():
        pass
    learnt_error, test_error = (100 * (1 - evaluate(training.kept, examples).accuracy) for examples in (chosen, test))
    return learnt_error, test_error


def _mean(values: list[float]) -> str:
    return f"{sum(values) / len(values):.2f}"


def _spread(values: list[float]) -> tuple[str, str]:
    """Return mean and standard deviation."""
    from statistics import stdev

    return _mean(values), f"± {stdev(values):.2f}" if len(values) > 1 else "-"
