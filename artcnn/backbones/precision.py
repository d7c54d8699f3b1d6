"""Which precision the convolutions are fastest in on this machine: measured once, then remembered."""

from time import perf_counter
from typing import Literal

import torch
import torch.nn.functional as F

from artcnn.backbones.benchmark_cache import device_key, load_median, record

Precision = Literal["float32", "bfloat16"]

DTYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}

_WORTH_IT = 0.8
"""Part of float32's time below which half as many digits are worth it."""

_ROUNDS = 5


def fastest(device: torch.device) -> Precision:
    """Return the precision to compute convolutions in on a device, measuring it where that was not done before."""
    part = load_median(device_key(device))
    if part is None:
        part = _measured(device)
        record(device_key(device), part)
    return "bfloat16" if part < _WORTH_IT else "float32"


def _measured(device: torch.device) -> float:
    """Return how long a convolution and its gradient take in bfloat16, as a part of what they take in float32."""
    times: dict[torch.dtype, list[float]] = {dtype: [] for dtype in DTYPES.values()}
    for _ in range(_ROUNDS):  # in turn, so that a busy moment hits both
        for dtype, seconds in times.items():
            seconds.append(_seconds(dtype, device))
    return min(times[torch.bfloat16]) / min(times[torch.float32])


def _seconds(dtype: torch.dtype, device: torch.device) -> float:
    x, weight = (
        torch.ones(shape, dtype=dtype, device=device).to(memory_format=torch.channels_last)
        for shape in ((1, 128, 48, 48), (128, 128, 3, 3))
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
