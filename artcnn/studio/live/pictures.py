"""Pictures, scales and findings as plain data for a page."""

import base64
import math
from io import BytesIO
from typing import Any

from PIL import Image
from torch import Tensor

from artcnn.reports.axes import Axes
from artcnn.reports.colormaps import Key, Scale, tile
from artcnn.reports.i18n import Catalog
from artcnn.reports.messages import Message
from artcnn.reports.results import Finding, Tile

_MOST_VALUES = 4096
"""Values of a map that a page is told, to show the one under the pointer."""


def png(pixels: Tensor) -> str:
    """Return a picture, shape (3, H, W), uint8, as a PNG in base64."""
    content = BytesIO()
    Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy()).save(content, "PNG", compress_level=4)
    return base64.b64encode(content.getvalue()).decode()


def draw(pixels: Tensor) -> str:
    """Return a picture, shape (1, 1 or 3, H, W), in [0, 1], as a PNG in base64."""
    return png(tile(pixels, (pixels.shape[2], pixels.shape[3]))[0])


def plain_key(key: Key | None, catalog: Catalog) -> dict[str, Any] | None:
    """Return a scale of values or a legend of answers as plain data; None where there is none."""
    if key is None:
        return None
    if isinstance(key, Scale):
        low, high = key.ends
        facts = {"low": key.low, "high": key.high, "ends": [low, high], "colors": key.colors}
        return facts | {"label": catalog.translate(key.label), "bar": png(key.bar(128).permute(0, 1, 2))}
    names = [(name if isinstance(name, str) else catalog.translate(name), color) for name, color in key.entries]
    return {"names": [{"name": name, "color": list(color)} for name, color in names]}


def plain_axes(axes: Axes | None) -> dict[str, Any] | None:
    """Return the labels beside a picture as plain data: positions from 0 to 1, and texts."""
    return None if axes is None else {"across": list(axes.across), "down": list(axes.down)}


def plain_finding(finding: Finding, catalog: Catalog) -> dict[str, Any]:
    """Return a finding, with its pictures in order, as plain data."""
    pictures = [] if finding.pictures is None else [*finding.pictures.expand(-1, 3, -1, -1)]
    return {
        "title": catalog.translate(finding.title),
        "about": list(catalog.looks[finding.look]["text"]),
        "note": catalog.translate(finding.note) if finding.note.template else "",
        "columns": finding.columns,
        "pictures": [
            plain_tile(one, catalog) | {"picture": png(pixels), "height": pixels.shape[1], "width": pixels.shape[2]}
            for one, pixels in zip(finding.tiles, pictures, strict=True)
            if one.caption.template
        ],
        "rows": [] if finding.look == "occlusion" else finite(finding.rows),
        "settings": finite(finding.settings),
    }


def plain_tile(one: Tile, catalog: Catalog) -> dict[str, Any]:
    """Return what is known of a picture."""
    values = one.values if one.values is not None and one.values.numel() <= _MOST_VALUES else None
    return {
        "caption": translated(one.caption, catalog),
        "group": translated(one.group, catalog),
        "unit": one.unit,
        "scale": plain_key(one.key, catalog),
        "axes": plain_axes(one.axes),
        "grid": list(one.grid),
        "values": None if values is None else finite(values.flatten().tolist()),
    }


def translated(message: Message, catalog: Catalog) -> str:
    """Return a message in a page's language; an empty one stays empty."""
    return catalog.translate(message) if message.template else ""


def finite(value: Any) -> Any:  # noqa: ANN401 - plain data
    """Return plain data in which what is no finite number, and what JSON does not know, is None or a text."""
    if isinstance(value, dict):
        return {str(key): finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | None) else str(value)
