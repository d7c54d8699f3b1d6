"""``artcnn inspect occlusion``: what an answer loses where a square hides the picture."""

from collections import Counter

import torch
from torch import Tensor

from artcnn.image import blur, size_of
from artcnn.inspection.answers import find_answer
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.options import BACKGROUND
from artcnn.reports.colormaps import Key, Legend, Scale, overlay, tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.network import Network
from artcnn.visualizers.occlusion import occlude
from artcnn.visualizers.receptive_field import ReceptiveField, resample_centered

_SIDE = 168  # of a small picture on the sheet


def centers(window: int, stride: int) -> list[tuple[float, float]]:
    """Return the middle of the first place of the square, and how far on the next is: down and across, in pixels."""
    return [((window - 1) / 2, stride)] * 2


def _filling(network: Network, picture: Tensor, fill: str) -> tuple[str, Tensor]:
    """Return what the square shows, by its name and as a picture of the same shape."""
    if fill == BACKGROUND:
        kind = input_kind(network.kind)
        return kind.background, kind.fill_background(picture)
    if fill == "blur":
        return fill, blur(picture, max(picture.shape[2:]) / 16)
    return fill, torch.full_like(picture, 0.5 if fill == "grey" else float(fill))


def find_occlusion(
    network: Network, picture: Tensor, target: int | None, window: int, stride: int, fill: str = BACKGROUND
) -> Finding:
    """Return the probability of an answer, the network's own for None, by the place of the square that hides."""
    chosen, whole = find_answer(network, picture, target)
    shows, hidden = _filling(network, picture, fill)
    *_, found = occlude(network, picture, window, stride, hidden)
    labels, ours = found.argmax(2), found[..., chosen]
    common = [label for label, _ in Counter(labels.flatten().tolist()).most_common()]
    ranks = labels.clone().apply_(common.index)
    name = network.classes[chosen]
    high = max(float(ours.max()), float(whole[chosen]), 0.1)  # below 0.1 there is little to see
    keys: tuple[Key, Key] = (
        Scale("sequential", 0, high, message("p({answer})", answer=name)),
        Legend([network.classes[label] for label in common], message("another answer")),
    )
    scale = max(1, _SIDE // picture.shape[2])
    size = scale * picture.shape[2], scale * picture.shape[3]
    seen = tile(picture, size)
    square, grid = ReceptiveField((window, window), (stride, stride), (0, 0)), (found.shape[0], found.shape[1])
    tints = [
        resample_centered(
            key.to_rgb(values[None, None]).float(), centers(window, stride), size_of(picture), size, "nearest"
        ).byte()
        for key, values in zip(keys, (ours, ranks), strict=True)
    ]
    kind = input_kind(network.kind)
    laid_over = kind.colored or kind.overlay
    pictures = torch.cat([seen, *([overlay(seen, tint, 0.65) for tint in tints] if laid_over else tints)])
    captions = message("p({answer}) with the square there", answer=name), message("what it is taken for then")
    tiles = [Tile(message("the picture"))]
    tiles += [
        Tile(caption, field=square, grid=grid, laid=True, key=key, values=values)
        for caption, key, values in zip(captions, keys, (ours, None), strict=True)
    ]
    title = message(
        "{network}: a square of {window} ({fill}) hides it, p({answer}) was {p:.3f}",
        network=network.name,
        fill=shows,
        window=window,
        answer=name,
        p=float(whole[chosen]),
    )
    rows = [
        {
            "top": row * stride,
            "left": column * stride,
            "probability": float(ours[row, column]),
            "label": network.classes[label],
        }
        for row, line in enumerate(labels.tolist())
        for column, label in enumerate(line)
    ]
    settings = {"class": name, "window": window, "stride": stride, "fill": shows, "probability": float(whole[chosen])}
    arrays = {"image": picture, "occlusion": found}
    return Finding("occlusion", title, rows, pictures, tiles, 3, 1, arrays, settings, picture)
