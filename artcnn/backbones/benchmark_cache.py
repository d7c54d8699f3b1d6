"""What was measured on this machine, remembered from one run to the next."""

import json
import platform
from contextlib import suppress
from statistics import median

import torch

from artcnn.locations import measurements_file

_KEPT = 5
"""Numbers that are kept of each kind: one of a busy moment does not count then, and five of a slower machine do."""


def load_median(key: str) -> float | None:
    """Return the median of the last numbers that were remembered under a key, or None."""
    known = _all().get(key)
    return median(known) if known else None


def record(key: str, value: float) -> None:
    """Remember a number; where nothing can be kept, it is measured again the next time."""
    known = _all()
    known[key] = [*known.get(key, []), value][-_KEPT:]
    path = measurements_file()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(known, indent=2) + "\n")


def device_key(device: torch.device) -> str:
    """Return what a measurement on a device depends on: torch, the processor, the number of threads."""
    if device.type == "cuda":
        place = torch.cuda.get_device_name(device)
    else:
        place = f"{platform.node()} {torch.backends.cpu.get_cpu_capability()} {torch.get_num_threads()}"
    return f"torch {torch.__version__} {device.type} {place}"


def _all() -> dict[str, list[float]]:
    try:
        known = json.loads(measurements_file().read_text())
    except (OSError, ValueError):
        return {}  # nothing was measured yet, or the file is damaged: it is measured again
    whole = isinstance(known, dict) and all(_is_list(values) for values in known.values())
    return known if whole else {}


def _is_list(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, float) for value in values)
