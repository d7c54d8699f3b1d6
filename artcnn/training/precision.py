"""Mixed precision."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import torch

from artcnn.backbones.precision import fastest


def autocast(precision: Literal["auto", "float32", "bfloat16"], device: torch.device) -> Callable[[], torch.autocast]:
    """Return a maker of contexts in which layers compute in this precision; auto is the fastest on the device.

    It is decided here, once: finding the fastest reads a file, and what it says may change during a run. Weights and
    losses stay in float32.
    """
    chosen = fastest(device) if precision == "auto" else precision
    return partial(torch.autocast, device.type, torch.bfloat16, enabled=chosen == "bfloat16")
