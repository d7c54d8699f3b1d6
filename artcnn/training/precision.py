"""Mixed precision, decided once for a training."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import torch

from artcnn.backbones.precision import Precision, fastest


def choose_precision(precision: Literal["auto", "float32", "bfloat16"], device: torch.device) -> Precision:
    """Return a precision; auto is the fastest on the device.

    Finding the fastest reads a file, and what it says may change during a run: decide once.
    """
    return fastest(device) if precision == "auto" else precision


def autocast(precision: Literal["auto", "float32", "bfloat16"], device: torch.device) -> Callable[[], torch.autocast]:
    """Return a maker of contexts in which layers compute in this precision; weights and losses stay in float32."""
    chosen = choose_precision(precision, device)
    return partial(torch.autocast, device.type, torch.bfloat16, enabled=chosen == "bfloat16")
