"""Mixed precision."""

from typing import Literal

import torch

from artcnn.backbones.precision import fastest


def autocast(precision: Literal["auto", "float32", "bfloat16"], device: torch.device) -> torch.autocast:
    """Return a context in which layers compute in this precision; auto is the fastest on the device.

    Weights and losses stay in float32.
    """
    chosen = fastest(device) if precision == "auto" else precision
    return torch.autocast(device.type, torch.bfloat16, enabled=chosen == "bfloat16")
