"""What layers compute in."""

from typing import Literal

import torch

from artcnn.backbones.precision import fastest


def autocast(precision: Literal["auto", "float32", "bfloat16"], device: torch.device) -> torch.autocast:
    """Return a context in which layers compute in a precision; auto is the fastest on that device.

    Weights stay in float32, and so do sums such as losses.
    """
    chosen = fastest(device) if precision == "auto" else precision
    return torch.autocast(device.type, torch.bfloat16, enabled=chosen == "bfloat16")
