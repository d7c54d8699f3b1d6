"""The device: precisions, memory, and what there is."""

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version

import torch
from record import Recorder, Row
from timing import matrix_rate
from torch.utils.flop_counter import FlopCounterMode

from artcnn.backbones.precision import Precision, fastest

PRECISIONS: dict[str, tuple[Precision, bool]] = {
    "float32": ("float32", False),
    "TF32": ("float32", True),
    "bfloat16": ("bfloat16", False),
}
"""By name: the precision of artcnn's recipes, and whether factors in float32 may be rounded to TF32."""


@contextmanager
def tf32(allowed: bool) -> Iterator[None]:
    """Let convolutions and matrix products in float32 round their factors to TF32, or not."""
    # Not by their fp32_precision, though newer: then what asks for allow_tf32, as parts of torch do, gets an error.
    backends = torch.backends.cudnn, torch.backends.cuda.matmul
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = allowed
    try:
        yield
    finally:
        for backend, value in zip(backends, before, strict=True):
            backend.allow_tf32 = value


def count_flops(work: Callable[[], object]) -> int:
    """Return the floating point operations of a call's convolutions and matrix products, two a multiplication."""
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


def forget_peak(device: torch.device) -> None:
    """Begin to measure the peak of the memory anew."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def peak_bytes(device: torch.device) -> int | None:
    """Return the most bytes of tensors since :func:`forget_peak`; None on a processor, where torch does not count."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None


def rates(device: torch.device, tiny: bool) -> dict[str, float]:
    """Return the operations a second of a large matrix product in each precision: what the device can do."""
    side, found = 256 if tiny else 8192, {}
    for name, (precision, allowed) in PRECISIONS.items():
        with tf32(allowed):
            found[name] = 2 * matrix_rate(getattr(torch, precision), device, side)
    return found


def run(recorder: Recorder) -> None:
    """Write what the device is, and which precision artcnn takes there."""
    recorder.attempt("machine", "machine", lambda: _describe(recorder.setup.device))


def _describe(device: torch.device) -> Iterator[Row]:
    cuda = device.type == "cuda"
    facts = {
        "device": torch.cuda.get_device_name(device) if cuda else platform.machine(),
        "memory": torch.cuda.get_device_properties(device).total_memory if cuda else None,
        "torch": torch.__version__,
        "CUDA": torch.version.cuda if cuda else None,
        "cuDNN": torch.backends.cudnn.version() if cuda else None,
        "torchvision": _version("torchvision"),
        "Python": platform.python_version(),
        "convolutions in float32 by TF32": torch.backends.cudnn.allow_tf32 if cuda else None,
        "--precision auto": fastest(device),
    }
    for name, value in facts.items():
        if value is not None:
            yield {"name": name, "value": value}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
