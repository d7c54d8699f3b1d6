"""Adversarial examples: a small change of a picture that makes a network sure of something else."""

import torch
from torch import Tensor

from artcnn.image import size_of
from artcnn.inspection.options import ADVERSARIAL_STEPS, CONFIDENCE
from artcnn.inspection.prediction import predict
from artcnn.reports.colormaps import fit_scale, tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.adversarial import ddn_attack
from artcnn.visualizers.network import Network

_FOOLED = (
    "{network}: p({was}) from {p_was_before:.3f} to {p_was_after:.3f}, "
    "p({to}) from {p_to_before:.3f} to {p_to_after:.3f}, by a change of length {length:.3g}"
)


_NOT_FOOLED = "{network}: not fooled in {steps} steps: p({to}) from {p_to_before:.3f} to {p_to_after:.3f}"


def find_adversarial(
    network: Network, picture: Tensor, target: int, confidence: float = CONFIDENCE, steps: int = ADVERSARIAL_STEPS
) -> Finding:
    """Return a small change of a picture (1, C, H, W) for which the target has at least that probability."""
    found = ddn_attack(network, picture, target, confidence, steps)
    change = found.image - picture
    (was, before), (now, after) = (predict(network, inputs) for inputs in (picture, found.image))
    names = network.classes
    strongest = change.gather(1, change.abs().argmax(1, keepdim=True))  # of the colors
    size = size_of(picture)
    key = fit_scale(strongest, message("the change"), signed=True)
    tiles = torch.cat([tile(picture, size), key.to_rgb(strongest), tile(found.image, size)])
    row = {
        "was": names[was],
        "p_was_before": float(before[was]),
        "p_was_after": float(after[was]),
        "to": names[target],
        "p_to_before": float(before[target]),
        "p_to_after": float(after[target]),
        "is": names[now],
        "length": float(change.norm()),
        "largest": float(change.abs().max()),
        "fooled": found.success,
    }
    captions = [
        message("{answer}, p = {p:.3f}", answer=names[was], p=float(before[was])),
        message("the change"),
        message("{answer}, p = {p:.3f}", answer=names[now], p=float(after[now])),
    ]
    title = message(_FOOLED if found.success else _NOT_FOOLED, network=network.name, steps=steps, **row)
    arrays = {"original": picture, "change": change, "result": found.image}
    said = [Tile(caption, 0, key=key if number == 1 else None) for number, caption in enumerate(captions)]
    settings = {"to": names[target], "confidence": confidence, "steps": steps}
    return Finding(
        look="fool",
        title=title,
        rows=[row],
        pictures=tiles,
        tiles=said,
        columns=3,
        scale=max(1, 168 // max(size)),
        arrays=arrays,
        settings=settings,
    )
