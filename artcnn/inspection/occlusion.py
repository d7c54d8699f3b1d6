"""Occlusion: what an answer loses where a square hides the picture."""

from collections import Counter

import torch
from torch import Tensor

from artcnn.image import blur, size_of
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.options import BACKGROUND
from artcnn.inspection.prediction import predict
from artcnn.reports.colormaps import Key, Legend, Scale, overlay, tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.network import Network
from artcnn.visualizers.occlusion import occlude
from artcnn.visualizers.receptive_field import ReceptiveField, resample_centered

_SIDE = 168  # of a small picture on the sheet
_PHOTO = 224  # pixels: a side of what most networks of photos take


def default_square(network: Network) -> tuple[int, int]:
    """Return the side of the square, and pixels from one place to the next, where nobody chose them.

    A module's pictures may be of any size: the square is the same part of them as of those that networks of ours take.
    """
    kind = input_kind(network.kind)
    if network.is_chain:
        return kind.square
    usual = kind.side or _PHOTO
    window, stride = (max(1, round(pixels * min(network.input_shape[1:]) / usual)) for pixels in kind.square)
    return window, stride


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
    return fill, torch.full_like(picture, 0.5 if fill == "gray" else float(fill))


def find_occlusion(
    network: Network, picture: Tensor, target: int | None, window: int, stride: int, fill: str = BACKGROUND
) -> Finding:
    """Return the probability of an answer by the place of the square that hides.

    Args:
        network: with classes.
        picture: shape (1, C, H, W), in [0, 1].
        target: number of the answer, the network's own for None.
        window: side of the square, in pixels.
        stride: pixels from one place to the next.
        fill: what the square shows: ``background``, ``gray``, ``blur``, or a level from 0 to 1.
    """
    chosen, whole = predict(network, picture, target)
    shows, hidden = _filling(network, picture, fill)
    *_, found = occlude(network, picture, window, stride, hidden)
    name, p = network.classes[chosen], float(whole[chosen])
    pictures, tiles = _tiles(network, picture, found, chosen, p, (window, stride))
    rows = [
        {
            "top": row * stride,
            "left": column * stride,
            "probability": float(found[row, column, chosen]),
            "label": network.classes[label],
        }
        for row, line in enumerate(found.argmax(2).tolist())
        for column, label in enumerate(line)
    ]
    says = "{network}: a square of {window} ({fill}) hides it, p({answer}) was {p:.3f}"
    return Finding(
        look="occlusion",
        title=message(says, network=network.name, fill=shows, window=window, answer=name, p=p),
        rows=rows,
        pictures=pictures,
        tiles=tiles,
        columns=3,
        arrays={"image": picture, "occlusion": found},
        settings={"class": name, "window": window, "stride": stride, "fill": shows, "probability": p},
        picture=picture,
    )


def _tiles(
    network: Network, picture: Tensor, found: Tensor, chosen: int, p: float, square: tuple[int, int]
) -> tuple[Tensor, list[Tile]]:
    """Return the picture, a class's probability by the place of the square, and the answer by its place.

    Args:
        network: with classes.
        picture: shape (1, C, H, W), in [0, 1].
        found: each class's probability by the place, shape (rows, columns, classes).
        chosen: number of the class.
        p: its probability for the whole picture.
        square: its side, and pixels from one place to the next.
    """
    (window, stride), name, kind = square, network.classes[chosen], input_kind(network.kind)
    labels, ours = found.argmax(2), found[..., chosen]
    common = [label for label, _ in Counter(labels.flatten().tolist()).most_common()]
    high = max(float(ours.max()), p, 0.1)  # below 0.1 there is little to see
    probability = Scale("sequential", 0, high, message("p({answer})", answer=name))
    answers = Legend([network.classes[label] for label in common], message("another answer"))
    drawn: list[tuple[Key, Tensor]] = [(probability, ours), (answers, labels.clone().apply_(common.index))]
    scale = max(1, _SIDE // picture.shape[2])
    size, middles = (scale * picture.shape[2], scale * picture.shape[3]), centers(window, stride)
    pictures = [tile(picture, size)]
    for key, values in drawn:
        tint = key.to_rgb(values[None, None]).float()
        large = resample_centered(tint, middles, size_of(picture), size, "nearest").byte()
        pictures.append(overlay(pictures[0], large, 0.65) if kind.colored or kind.overlay else large)
    field, grid = ReceptiveField((window, window), (stride, stride), (0, 0)), (found.shape[0], found.shape[1])
    says = message("p({answer}) with the square there", answer=name)
    taken = message("what it is taken for then")
    return torch.cat(pictures), [
        Tile(message("the picture")),
        Tile(says, field=field, grid=grid, laid=True, key=probability, values=ours),
        Tile(taken, field=field, grid=grid, laid=True, key=answers),
    ]
