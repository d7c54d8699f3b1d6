"""Which precision the convolutions are fastest in on this machine: measured once, then remembered."""

import json
import platform
from contextlib import suppress
from time import perf_counter
from typing import Literal

import torch
import torch.nn.functional as F

from artcnn.locations import measurements_file

Precision = Literal["float32", "bfloat16"]

DTYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}

_WORTH_IT = 0.8
"""Part of float32's time below which half as many digits are worth it."""

_ROUNDS = 5


def fastest(device: torch.device) -> Precision:
    """Return the precision to compute convolutions in on a device, measuring it where that was not done before."""
    key = _machine(device)
    known = _remembered()
    if key not in known:
        known[key] = _measured(device)
        _remember(known)
    return "bfloat16" if known[key] < _WORTH_IT else "float32"


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


def _machine(device: torch.device) -> str:
    """Return what the answer depends on."""
    if device.type == "cuda":
        place = torch.cuda.get_device_name(device)
    else:
        place = f"{platform.node()} {torch.backends.cpu.get_cpu_capability()} {torch.get_num_threads()}"
    return f"torch {torch.__version__} {device.type} {place}"


def _remembered() -> dict[str, float]:
    try:
        known = json.loads(measurements_file().read_text())
    except (OSError, ValueError):
        return {}  # nothing was measured yet, or the file is damaged: it is measured again
    whole = isinstance(known, dict) and all(isinstance(value, float) for value in known.values())
    return known if whole else {}


def _remember(known: dict[str, float]) -> None:
    path = measurements_file()
    with suppress(OSError):  # where nothing can be kept it is measured each time: some milliseconds
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(known, indent=2) + "\n")
