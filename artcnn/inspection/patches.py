"""Top patches: what a unit responds to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.image import fit_size, size_of
from artcnn.inspection.collection import Collection
from artcnn.reports.colormaps import tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.network import Network
from artcnn.visualizers.patches import Patch, find_top_patches

_TILE = 84


def find_patches(
    network: Network, name: str, units: list[int], collection: Collection, count: int = 9, per_picture: int = 1
) -> Finding:
    """Return the patches that activate each of a layer's units most, alone and in their pictures."""
    found = find_top_patches(network, name, units, collection.batches(), count, per_picture)
    return show_patches(network, name, found, collection, count, per_picture)


def show_patches(
    network: Network,
    name: str,
    found: Mapping[int, Sequence[Patch]],
    collection: Collection,
    count: int = 9,
    per_picture: int = 1,
) -> Finding:
    """Return patches that were found as pictures.

    Args:
        network: whose units they are.
        name: of the layer.
        found: the patches of each unit, the best first.
        collection: that was searched.
        count: patches of a unit that there is place for.
        per_picture: how many of one picture there could be.
    """
    pictures, tiles, rows = list[Tensor](), list[Tile](), list[dict[str, Any]]()
    for unit, best in found.items():
        shown, described, told = _show_unit(f"{name}:{unit}", best, collection, count, len(rows))
        pictures, tiles, rows = pictures + shown, tiles + described, rows + told
    every = [patch for best in found.values() for patch in best]
    arrays = {
        "boxes": torch.tensor([patch.box for patch in every]),
        "values": torch.tensor([patch.value for patch in every]),
    }
    title = message(
        "{network}: largest values of {layer}'s units in {count:,} {kind} (others may hold larger ones), and where",
        network=network.name,
        layer=name,
        count=len(collection),
        kind=collection.kind,
    )
    settings = {"layer": name, "units": [*found], "images": collection.origin, "count": count}
    return Finding(
        look="patches",
        title=title,
        rows=rows,
        pictures=torch.cat(pictures),
        tiles=tiles,
        columns=count,
        arrays=arrays,
        settings=settings | {"per_picture": per_picture},
    )


def _show_unit(
    own: str, best: Sequence[Patch], collection: Collection, count: int, first: int
) -> tuple[list[Tensor], list[Tile], list[dict[str, Any]]]:
    """Return a unit's patches, alone and then in their pictures, what stands below them, and their rows.

    Args:
        own: the unit's name.
        best: its patches.
        collection: that they are of.
        count: patches that there is place for.
        first: index of their first row in the table.
    """
    whole = [collection.picture(patch.picture) for patch in best]
    crops, boxes = zip(*map(_show, whole, best), strict=True)
    spare = [torch.full_like(crops[0], 255)] * (count - len(best))
    free, at = [Tile()] * len(spare), range(first, first + len(best))
    stars = ["*" if touches else "" for touches in map(_touches, whole, best)]
    unit = int(own.rpartition(":")[2])
    values = [
        message(":{unit} {value:.4g}{star}", unit=unit, value=p.value, star=s) for p, s in zip(best, stars, strict=True)
    ]
    names = [message("{name}", name=Path(collection.name(p.picture)).stem[:12]) for p in best]
    alone = message("{unit}: what it answers to most", unit=own)
    tiles = [*(Tile(value, row, own, alone) for value, row in zip(values, at, strict=True)), *free]
    tiles += [*(Tile(where, row, own) for where, row in zip(names, at, strict=True)), *free]
    rows = [
        {"unit": own, "value": p.value, "picture": collection.name(p.picture)}
        | dict(zip(("top", "left", "bottom", "right"), p.box, strict=True))
        | {"touches_border": bool(star)}
        for p, star in zip(best, stars, strict=True)
    ]
    return [*crops, *spare, *boxes, *spare], tiles, rows


def _touches(picture: Tensor, patch: Patch) -> bool:
    top, left, bottom, right = patch.box
    return top < 0 or left < 0 or bottom > picture.shape[2] or right > picture.shape[3]


def _show(picture: Tensor, patch: Patch) -> tuple[Tensor, Tensor]:
    """Return a patch, and its whole picture with a box: (1, 3, 84, 84) bytes each.

    Outside of the picture a patch is gray; one that is larger than the picture is clipped to it.
    """
    top, left, bottom, right = patch.box
    height, width = size_of(picture)
    if bottom - top > height:
        top, bottom = 0, height
    if right - left > width:
        left, right = 0, width
    around = max(0, -top, -left, bottom - height, right - width)
    padded = F.pad(picture, [around] * 4, value=0.5)
    crop = padded[..., top + around : bottom + around, left + around : right + around]
    whole, size = _tile(picture)
    scale = _TILE / max(height, width)
    box = [round(min(max(edge * scale, 0), limit - 1)) for edge, limit in zip(patch.box, size * 2, strict=True)]
    red = torch.tensor([255, 51, 26], dtype=torch.uint8).view(3, 1)
    for row in (box[0], box[2]):
        whole[0, :, row, box[1] : box[3] + 1] = red
    for column in (box[1], box[3]):
        whole[0, :, box[0] : box[2] + 1, column] = red
    return _tile(crop)[0], whole


def _tile(picture: Tensor) -> tuple[Tensor, tuple[int, int]]:
    """Return a picture (1, C, H, W) as a tile, (1, 3, 84, 84) bytes, white beside what is not square, and its size."""
    size = fit_size(size_of(picture), _TILE)
    whole = torch.full((1, 3, _TILE, _TILE), 255, dtype=torch.uint8)
    whole[..., : size[0], : size[1]] = tile(picture, size)
    return whole, size
