"""Steps a second, by size, precision, memory layout and way to run; and what share of the device's rate that is.

The gradient is that of a dream's objective, the same for all: artcnn's, and a plain one of torchvision's VGG-16 and
autograd (``benchmarks/reference.py``). A whole step is what an engine yields, with its optimizer.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache, partial
from statistics import median
from time import perf_counter
from typing import Any

import reference
import torch
from device import PRECISIONS, count_flops, forget_peak, peak_bytes, rates, tf32
from pictures import sample
from record import Recorder, Row
from timing import compare, wait
from torch import Tensor

from artcnn.backbones.base import load_backbone
from artcnn.backbones.tiles import UNTILED
from artcnn.engines.dream import DreamObjective
from artcnn.image import resize
from artcnn.jobs.engines import engine_of
from artcnn.jobs.inputs import DreamInputs, StyleInputs, StyleSource
from artcnn.presets import load_recipe
from artcnn.recipes import DreamRecipe

Gradient = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Returns the value of an objective and its gradient by the picture."""

STEPS = {
    "dream": ("dream", "default"),
    "style": ("style", "default"),
    "gatys": ("style", "gatys"),
    "brush": ("style", "brush"),
}
"""The engines whose steps are measured: a kind of recipe, and a preset."""


def run(recorder: Recorder) -> None:
    """Write rows of the gradient alone, then of whole steps, then of what has to be compiled."""
    setup = recorder.setup
    sizes, precisions = ((32,), ("float32",)) if setup.tiny else ((512, 2048), (*PRECISIONS,))
    found = rates(setup.device, setup.tiny)
    for name, rate in found.items():
        recorder.write("rate", name, flops_per_second=rate)
    for size in sizes:
        for name in precisions:
            _run_both(recorder, size, name, found[name])
    for size in sizes:
        about = f"{size} px, bfloat16, compiled"
        if not setup.tiny:  # it takes half a minute on any machine
            recorder.attempt("gradient", about, partial(_compiled, recorder, size, "bfloat16", found["bfloat16"]), 25)


def _run_both(recorder: Recorder, size: int, precision: str, rate: float) -> None:
    """Write rows of the gradient and of whole steps at one size and in one precision."""
    setup, about = recorder.setup, f"{size} px, {precision}"
    recorder.attempt("gradient", about, partial(_gradients, recorder, size, precision, rate), needs=3)
    if setup.device.type == "cuda":
        recorder.attempt("gradient", f"{about}, CUDA", partial(_cuda_only, recorder, size, precision, rate), needs=3)
    for kind in ("dream", "style") if setup.tiny else STEPS:
        recorder.attempt("step", f"{kind}, {about}", partial(_step, recorder, kind, size, precision), needs=3)


def square(device: torch.device, size: int, name: str = "castle.jpg") -> Tensor:
    """Return a picture as a square, so that its cost is a closed form."""
    return resize(sample(name).to(device), (size, size))


def recipe_of(precision: str, padding: str = "zeros") -> DreamRecipe:
    """Return the recipe of the dream whose gradient is computed."""
    recipe = load_recipe("dream", "default", padding=padding, precision=PRECISIONS[precision][0])
    assert isinstance(recipe, DreamRecipe)  # noqa: S101 - the kind names this class
    return recipe


def _gradients(recorder: Recorder, size: int, precision: str, rate: float) -> Iterator[Row]:
    """Yield the time of each way to compute the gradient, all in one comparison."""
    device = recorder.setup.device
    image = square(device, size)
    with tf32(PRECISIONS[precision][1]):
        ways = {
            "artcnn": _ours(image, precision, "replicate"),
            "artcnn, zeros around": _ours(image, precision, "zeros"),
            "plain, contiguous": plain(image, precision, torch.contiguous_format),
            "plain, channels last": plain(image, precision, torch.channels_last),
        }
        yield from _compare(recorder, ways, image, precision, rate)


def _cuda_only(recorder: Recorder, size: int, precision: str, rate: float) -> Iterator[Row]:
    """Yield the time of artcnn's gradient in ways that only CUDA has, beside that without."""
    image = square(recorder.setup.device, size)
    with tf32(PRECISIONS[precision][1]):
        ours = _ours(image, precision, "replicate")
        ways = {
            "artcnn, beside": ours,
            "artcnn, cuDNN's benchmark": _benchmarked(ours),
            "artcnn, CUDA graph": graphed(ours, image),
        }
        yield from _compare(recorder, ways, image, precision, rate)


def _compiled(recorder: Recorder, size: int, precision: str, rate: float) -> Iterator[Row]:
    """Yield the time of the gradient with a compiled forward and backward pass, beside that without."""
    image = square(recorder.setup.device, size)
    with tf32(PRECISIONS[precision][1]):
        ways = {
            "plain, channels last, beside": plain(image, precision, torch.channels_last),
            "plain, channels last, compiled": plain(image, precision, torch.channels_last, compiled=True),
        }
        yield from _compare(recorder, ways, image, precision, rate)


def _compare(
    recorder: Recorder, ways: dict[str, Gradient], image: Tensor, precision: str, rate: float
) -> Iterator[Row]:
    device, size = recorder.setup.device, image.shape[3]
    works = {name: partial(gradient, image) for name, gradient in ways.items()}
    seconds = compare(works, device, 0.0 if recorder.setup.tiny else 2.0)
    flops = count_flops(next(iter(works.values())))
    for name, taken in seconds.items():
        forget_peak(device)
        works[name]()
        yield {
            "name": name,
            "size": size,
            "precision": precision,
            "per_second": 1 / taken,
            "flops": flops,
            "flops_per_second": flops / taken,
            "share": flops / taken / rate,
            "peak_bytes": peak_bytes(device),
        }


def _ours(image: Tensor, precision: str, padding: str) -> Gradient:
    recipe = recipe_of(precision, padding)
    return DreamObjective(image, load_backbone(recipe, image.device), recipe).value_and_gradient


@cache
def _reference() -> torch.nn.Sequential:
    """Return torchvision's network; it takes seconds to make one."""
    return reference.network()


def plain(image: Tensor, precision: str, layout: torch.memory_format, *, compiled: bool = False) -> Gradient:
    """Return the gradient of the same objective by torchvision's layers and autograd, with zeros around the picture."""
    dtype = getattr(torch, PRECISIONS[precision][0])
    layers = deepcopy(_reference()).to(image.device, dtype).to(memory_format=layout)
    mean = reference.MEAN.to(image.device)
    wanted = {22, 25}  # relu4_3 and relu5_1

    def roots(x: Tensor) -> Tensor:
        x, found = (x * 255 - mean).to(dtype, memory_format=layout), []
        for index, layer in enumerate(layers):
            x = layer(x)
            if index in wanted:
                x = x.clone()  # the next layer works in place
                found.append(x.float().square().mean().sqrt())
        return torch.stack(found)

    with torch.no_grad():
        units = roots(image)

    def objective(x: Tensor) -> Tensor:
        return (roots(x) / units).mean()

    run = torch.compile(objective, dynamic=False) if compiled else objective

    def gradient(x: Tensor) -> tuple[Tensor, Tensor]:
        x = x.detach().requires_grad_()
        value = run(x)
        return value.detach(), torch.autograd.grad(value, x)[0]

    return gradient


def _benchmarked(gradient: Gradient) -> Gradient:
    """Return the same where cuDNN tries out its algorithms for each shape, and keeps the fastest."""

    def run(image: Tensor) -> tuple[Tensor, Tensor]:
        torch.backends.cudnn.benchmark = True
        try:
            return gradient(image)
        finally:
            torch.backends.cudnn.benchmark = False

    return run


def graphed(gradient: Gradient, image: Tensor) -> Gradient:
    """Return the same as a CUDA graph: recorded once, then started by a single call."""
    side = torch.cuda.Stream(image.device)
    side.wait_stream(torch.cuda.current_stream(image.device))
    with torch.cuda.stream(side):
        for _ in range(3):
            gradient(image)
    torch.cuda.current_stream(image.device).wait_stream(side)
    graph, shown = torch.cuda.CUDAGraph(), image.clone()
    with torch.cuda.graph(graph):
        results = gradient(shown)

    def replay(other: Tensor) -> tuple[Tensor, Tensor]:
        shown.copy_(other)
        graph.replay()
        return results

    return replay


def _step(recorder: Recorder, kind: str, size: int, precision: str) -> Iterator[Row]:
    """Yield the median time of an engine's steps at one size, without the first two."""
    device, count = recorder.setup.device, 3 if recorder.setup.tiny else 12
    recipe, inputs = step_inputs(kind, device, size, precision, count)
    engine = engine_of(recipe)
    network = engine.networks.load(recipe, inputs, device)
    times = list[float]()
    with tf32(PRECISIONS[precision][1]):
        forget_peak(device)
        begin = perf_counter()
        for _ in engine.steps(recipe, inputs, network, UNTILED, None, None):
            wait(device)
            times.append(perf_counter() - begin)
            begin = perf_counter()
    taken = median(times[2:])
    yield {
        "name": kind,
        "size": size,
        "precision": precision,
        "per_second": 1 / taken,
        "first_seconds": times[0],
        "multiplications": engine.costs.step_multiplications(recipe, (size, size)),
        "peak_bytes": peak_bytes(device),
    }


def step_inputs(kind: str, device: torch.device, size: int, precision: str, count: int) -> tuple[Any, Any]:
    """Return the recipe of ``count`` steps of an engine at one size, and its inputs."""
    of, preset = STEPS[kind]
    precise = PRECISIONS[precision][0]
    image = square(device, size)
    if of == "dream":
        recipe = load_recipe("dream", preset, size=size, octaves=1, steps=count, precision=precise)
        return recipe, DreamInputs(image)
    recipe = load_recipe("style", preset, size=size, min_size=size, fine_steps=count, precision=precise)
    return recipe, StyleInputs(image, (StyleSource(square(device, size, "church_at_auvers.jpg")),))
