"""What there is of pretrained weights, without loading any."""

from collections.abc import Mapping
from typing import Any

from artcnn.backbones.layers import BLOCKS, layer_channels
from artcnn.backbones.weights import WEIGHTS, find, location, status, verify


def list_weights() -> list[dict[str, Any]]:
    """Return one row for each weight file: what it is, and whether it is on this disk."""
    rows: list[dict[str, Any]] = []
    for weights in WEIGHTS.values():
        state = status(weights)
        row = {
            "name": weights.name,
            "network": weights.architecture,
            "layers": _layers(weights.architecture),
            "megabytes": weights.megabytes,
            "license": weights.license,
            "status": state,
            "verified": verify(weights),
            "source": weights.source,
            "path": None if state == "not installed" else str(location(weights)),
        }
        rows.append(row)
    return rows


def _layers(architecture: str) -> str:
    """Return a few words about the layers of a network."""
    if architecture not in BLOCKS:
        return "classifier, 1000 classes"
    layers = list(layer_channels(architecture))
    return f"{sum(layer.startswith('conv') for layer in layers)} conv, to {layers[-1]}"


def layers_of(name: str) -> Mapping[str, int]:
    """Return the layers of the network with pretrained weights of that name, with their numbers of channels.

    Raises:
        WeightsError: there is no such network.
    """
    architecture = find(name).architecture
    if architecture in BLOCKS:
        return layer_channels(architecture)
    from artcnn.backbones.classifier_backbone import classifier_channels  # which loads torch

    return classifier_channels(architecture)
