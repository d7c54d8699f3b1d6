"""Does the device compute what the CPU computes? Everything in float32, without TF32.

Sums are added in another order on another device, so results differ by rounding. What that does is known from the CPU:
a change of each of the photo's values by 1e-5 of itself, at random, about what a sum of a few thousand products loses
in float32. The bounds are three times what that did or more. One pass hardly shows it. Ascent and descent do: a step is
as large where the gradient is small, so a dream is off by 0.3 of 255 after six steps, one of a class by more.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import torch
from device import tf32
from networks import COMPUTATIONS, Computation
from pictures import MAKERS, Maker
from record import Recorder, Row
from torch import Tensor


class Bound(NamedTuple):
    """Most that a picture may differ: on average and at one place, of 255, and its values, relative to themselves."""

    mean: float
    largest: float
    value: float


PASS, ASCENT, DESCENT = Bound(0.01, 0.1, 1e-4), Bound(1.5, 25, 0.015), Bound(0.1, 10, 1e-3)
BOUNDS = {
    "dream of a class": Bound(5, 40, 0.3),  # Adam on a spectrum enlarges what is small
    "zoom film": Bound(0.5, 10, 1e-3),
    "style, brush (nearest neighbors)": Bound(1, 25, 5e-3),  # another neighbor may be the nearest
    "style, brush, two paintings": Bound(1, 25, 1e-2),
    "instant style": PASS,
    "film: warping": PASS,
    "film in an instant style": Bound(0.05, 2, 1e-4),  # frames have 8 bits
    "film in the style of a painting": Bound(3, 50, 1e-2),
}

NUMBERS, GRADIENTS = (1e-4, 1e-3), (1e-3, 0.1)
"""Most that outputs and values, and gradients, may differ on average and at one place, relative to the largest.

A maximum of two nearly equal numbers, as in a pooling, may be the other one: then a gradient goes elsewhere.
"""
COMPUTED = {
    "training, digits": ((1e-3, 1e-2), (1e-3, 0.1)),
    **{name: (GRADIENTS,) for name in COMPUTATIONS if name.startswith("saliency")},
}


def run(recorder: Recorder) -> None:
    """Write a row for each engine, network and method."""
    with tf32(allowed=False):
        for name, computation in COMPUTATIONS.items():
            recorder.attempt("numbers", name, partial(_compare_numbers, name, computation, recorder), needs=3)
        for name, maker in MAKERS.items():
            recorder.attempt("pictures", name, partial(_compare_pictures, name, maker, recorder), needs=3)


def _compare_pictures(name: str, make: Maker, recorder: Recorder) -> Iterator[Row]:
    size, bound = 48 if recorder.setup.tiny else 96, bound_of(name)
    expected, values = make(torch.device("cpu"), size)
    found, found_values = make(recorder.setup.device, size)
    apart = 255 * difference(found, expected)
    off = max(abs(a - b) / max(abs(b), 1e-9) for a, b in zip(found_values, values, strict=True))
    measured = Bound(apart.mean().item(), apart.max().item(), off)
    yield {
        "status": "ok" if all(a <= b for a, b in zip(measured, bound, strict=True)) else "exceeded",
        "steps": len(values),
        "on the CPU": values[-1],
        "here": found_values[-1],
        **measured._asdict(),
        **{f"{key} bound": value for key, value in bound._asdict().items()},
    }


def bound_of(name: str) -> Bound:
    """Return how far a picture may be from the CPU's."""
    return BOUNDS.get(name) or (ASCENT if name.startswith("dream") else DESCENT)


def _compare_numbers(name: str, compute: Computation, recorder: Recorder) -> Iterator[Row]:
    expected, found = compute(torch.device("cpu")), compute(recorder.setup.device)
    for number, (a, b) in enumerate(zip(found, expected, strict=True)):
        bound = COMPUTED.get(name, (NUMBERS, GRADIENTS))[number]
        apart = difference(a, b) / b.abs().max().clamp_min(1e-12).item()
        measured = apart.mean().item(), apart.max().item()
        yield {
            "name": name if len(found) == 1 else f"{name}: {'gradient' if number else 'value'}",
            "status": "ok" if measured[0] <= bound[0] and measured[1] <= bound[1] else "exceeded",
            "count": b.numel(),
            "mean": measured[0],
            "largest": measured[1],
            "mean bound": bound[0],
            "largest bound": bound[1],
        }


def difference(found: Tensor, expected: Tensor) -> Tensor:
    """Return how far each number is from the expected one, on the CPU.

    Raises:
        ValueError: the shapes differ, or a number is not finite.
    """
    found, expected = found.detach().cpu(), expected.detach().cpu()
    if found.shape != expected.shape or not (found.isfinite().all() and expected.isfinite().all()):
        raise ValueError(f"shapes {tuple(found.shape)} and {tuple(expected.shape)}, or not finite")
    return (found - expected).abs()
