"""What a network predicts."""

import torch
from torch import Tensor

from artcnn.visualizers.network import Network


def predict(network: Network, picture: Tensor, target: int | None = None) -> tuple[int, Tensor]:
    """Return the number of the answer in question, a network's own to a picture (1, C, H, W) by default, and all p."""
    with torch.no_grad():
        probabilities = network.logits(picture).softmax(1)[0]
    return int(probabilities.argmax()) if target is None else target, probabilities
