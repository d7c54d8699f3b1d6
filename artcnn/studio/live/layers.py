"""What a layer computes for an input: its maps as pictures, and the units that answer at a place."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.errors import ArtcnnError
from artcnn.image import fit_size
from artcnn.inspection.subject import Subject
from artcnn.reports.colormaps import fit_scale
from artcnn.reports.i18n import Catalog
from artcnn.reports.messages import message
from artcnn.studio.live.pictures import plain_key, png
from artcnn.visualizers.activations import compute_activations
from artcnn.visualizers.receptive_field import receptive_fields


def find_maps(subject: Subject, layer: str, first: int, side: int, catalog: Catalog) -> dict[str, Any]:
    """Return a layer's maps, the strongest first, all on one scale; of a layer without maps its values.

    Args:
        subject: the network, and what it is shown.
        layer: its name.
        first: so many of them.
        side: longer side of a picture, in pixels, at most; smaller maps are not enlarged.
        catalog: words for the scale.
    """
    found = compute_activations(subject.network, subject.picture, [layer])[layer]
    scale = fit_scale(found.maps, message("{layer}", layer=layer))
    order, (height, width) = found.order[:first], found.maps.shape[1:]
    facts = {"layer": layer, "count": len(found.maps), "height": height, "width": width}
    facts["scale"] = plain_key(scale, catalog)
    if height * width == 1:
        return facts | {"values": found.maps.flatten().tolist(), "maps": []}
    drawn = scale.to_rgb(_at_most(found.maps[order, None], side))
    maps = [
        {
            "unit": unit,
            "maximum": float(found.maximum[unit]),
            "mean": float(found.mean[unit]),
            "silent": bool(found.silent[unit]),
            "picture": png(picture),
        }
        for unit, picture in zip(order, drawn, strict=True)
    ]
    return facts | {"values": None, "maps": maps}


def _at_most(maps: Tensor, side: int) -> Tensor:
    """Return maps (N, 1, H, W) reduced to a size; each pixel is the mean of what it stands for."""
    if max(maps.shape[2:]) <= side:
        return maps
    return F.interpolate(maps, fit_size((maps.shape[2], maps.shape[3]), side), mode="area")


def find_at(subject: Subject, layer: str, place: tuple[int, int], first: int) -> dict[str, Any]:
    """Return the units of a layer that answer most at a place of the input, and what they see there.

    Args:
        subject: the network, and what it is shown.
        layer: one with maps.
        place: row and column of the input, in pixels.
        first: so many units.

    Raises:
        ArtcnnError: the layer's units see everything, or the place is not in the input.
    """
    network, size = subject.network, subject.picture.shape[2:]
    field = receptive_fields(network)[network.layer(layer).name]
    if field is None:
        raise ArtcnnError(f"every unit of {layer} sees the whole input", hint="choose a layer before it")
    if any(at >= side for at, side in zip(place, size, strict=True)):
        raise ArtcnnError(f"the input has {size[0]} x {size[1]} places: there is none at {place[0]}, {place[1]}")
    with torch.no_grad():
        maps = network.run(subject.picture, [layer])[layer][0]
    row, column = (
        min(max(round((at - start - (seen - 1) / 2) / step), 0), count - 1)
        for at, start, seen, step, count in zip(
            place, field.start, field.size, field.stride, maps.shape[1:], strict=True
        )
    )
    values, highest = maps[:, row, column], maps.amax((1, 2))
    top, left, bottom, right = field.box(row, column)
    units = values.argsort(descending=True, stable=True).tolist()[:first]
    return {
        "place": [row, column],
        "field": [top, left, bottom - top, right - left],
        "units": [{"unit": unit, "value": float(values[unit]), "maximum": float(highest[unit])} for unit in units],
    }
