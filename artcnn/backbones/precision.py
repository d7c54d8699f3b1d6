"""The precision in which convolutions are fastest on this machine: measured once, then kept."""

from time import perf_counter
from typing import Literal

import torch
import torch.nn.functional as F

from artcnn.backbones.benchmark_cache import device_key, load_median, record

Precision = Literal["float32", "bfloat16"]

DTYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}

_WORTH_IT = 0.8
"""bfloat16 is used if it takes less than this part of float32's time."""

_ROUNDS = 5

_CPU_SIDE, _GPU_SIDE = 48, 512
"""Pixels of the map that is convolved. A GPU takes longer to start on a small one than to compute it."""


def fastest(device: torch.device) -> Precision:
    """Return the fastest precision for convolutions on a device; measure it if it is not known yet."""
    part = load_median(device_key(device))
    if part is None:
        part = _measured(device)
        record(device_key(device), part)
    return "bfloat16" if part < _WORTH_IT else "float32"


def _measured(device: torch.device) -> float:
    """Return the time of a convolution and its gradient in bfloat16 divided by that in float32."""
    times: dict[torch.dtype, list[float]] = {dtype: [] for dtype in DTYPES.values()}
    for _ in range(_ROUNDS):  # alternating, so that a busy moment affects both
        for dtype, seconds in times.items():
            seconds.append(_seconds(dtype, device))
    return min(times[torch.bfloat16]) / min(times[torch.float32])


def _seconds(dtype: torch.dtype, device: torch.device) -> float:
    side = _CPU_SIDE if device.type == "cpu" else _GPU_SIDE
    x, weight = (
        torch.ones(shape, dtype=dtype, device=device).to(memory_format=torch.channels_last)
        for shape in ((1, 128, side, side), (128, 128, 3, 3))
    )
    x.requires_grad_()
    _wait(device)
    start = perf_counter()
    torch.autograd.grad(F.conv2d(x, weight, padding=1).float().sum(), x)
    _wait(device)
    return perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
