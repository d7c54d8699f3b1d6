"""Measurements of this machine's speed, kept from one run to the next."""

import json
import os
import platform
from contextlib import suppress
from statistics import median

import torch

from artcnn.locations import measurements_file

_LIMITS = "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"
"""Variables that limit oneDNN to older instructions: bfloat16 without its own is ten times slower than float32."""

_KEPT = 5
"""Measurements kept for each key. The median ignores one taken in a busy moment."""


def load_median(key: str) -> float | None:
    """Return the median of the last measurements of a key, or None."""
    known = _all().get(key)
    return median(known) if known else None


def record(key: str, value: float) -> None:
    """Keep a measurement. If the file cannot be written, it is measured again next time."""
    known = _all()
    known[key] = [*known.get(key, []), value][-_KEPT:]
    path = measurements_file()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(known, indent=2) + "\n")


def device_key(device: torch.device) -> str:
    """Return a key of what a measurement depends on: torch, the processor, its limits and the number of threads."""
    if device.type == "cuda":
        place = torch.cuda.get_device_name(device)
    else:
        place = f"{platform.node()} {torch.backends.cpu.get_cpu_capability()} {torch.get_num_threads()}"
        place += "".join(f" {os.environ[name]}" for name in _LIMITS if name in os.environ)
    return f"torch {torch.__version__} {device.type} {place}"


def _all() -> dict[str, list[float]]:
    try:
        known = json.loads(measurements_file().read_text())
    except (OSError, ValueError):
        return {}  # no such file yet, or a damaged one: it is measured again
    whole = isinstance(known, dict) and all(_is_list(values) for values in known.values())
    return known if whole else {}


def _is_list(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, float) for value in values)
