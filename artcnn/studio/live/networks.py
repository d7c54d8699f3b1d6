"""The networks that the classroom shows: those that ship, by name."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.backbones.weights import WEIGHTS, status
from artcnn.errors import ModelError, did_you_mean
from artcnn.files.model_registry import bundled_models
from artcnn.inspection.outline import read_outline

if TYPE_CHECKING:
    from artcnn.visualizers.network import Network

_INPUTS = {"mnist": "digit", "speech": "sound", "go": "board", "photo": "photo"}
"""What pages call a kind of input."""

_SIDE = 224
"""Pixels of the picture that a network without classes is thought to see."""


def describe_networks() -> list[dict[str, Any]]:
    """Return the networks, without loading them: name, kind of input, and whether they have classes."""
    outlines = {name: read_outline(str(file)) for name, file in _files().items()}
    return [
        {"name": name, "kind": _INPUTS[known.kind.name], "answers": not known.features}
        for name, known in outlines.items()
        if known.kind is not None
    ]


@cache
def open_shipped(name: str) -> "Network":
    """Return a network, which is loaded once.

    Raises:
        ModelError: none of that name ships.
    """
    from artcnn.inspection.models import open_network

    files = _files()
    if name not in files:
        raise ModelError(f"there is no network '{name}'", hint=did_you_mean(name, files))
    return open_network(files[name], _SIDE)


def input_name(network: "Network") -> str:
    """Return what pages call the kind of input of a network: photo, digit, board or sound."""
    return _INPUTS[network.kind]


def _files() -> dict[str, str | Path]:
    """Return the networks by name: model files, and the names of pretrained weights that are here."""
    own: dict[str, str | Path] = {name: path for name, path in bundled_models().items() if name != "instant"}
    here = [weights for weights in WEIGHTS.values() if weights.entry is None and status(weights) != "not installed"]
    return own | {weights.name: weights.name for weights in here}
