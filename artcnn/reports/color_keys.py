"""Color keys of a page as HTML: scales and legends."""

from collections.abc import Sequence
from html import escape

from artcnn.reports.axes import Axes
from artcnn.reports.colormaps import Legend, Rgb, Scale, shared_scales
from artcnn.reports.i18n import Catalog
from artcnn.reports.messages import EMPTY_MESSAGE, Message
from artcnn.reports.results import Tile

_STOPS = 17  # colors of a gradient, between which the browser interpolates


def tile_key_html(tile: Tile, tiles: Sequence[Tile], catalog: Catalog) -> str:
    """Return the color key of a tile; empty if it is shared, and so shown above the group."""
    if tile.key is None or tile.key in shared_scales([other.key for other in tiles]):
        return ""
    return _legend(tile.key, catalog) if isinstance(tile.key, Legend) else _scale(tile.key, EMPTY_MESSAGE, catalog)


def group_keys_html(scales: Sequence[Scale], group: Message, catalog: Catalog) -> str:
    """Return the scales above a group of tiles, or above all groups."""
    shown = "".join(_scale(s, EMPTY_MESSAGE if s.label == group else s.label, catalog) for s in scales)
    return f'<div class="keys">{shown}</div>\n' if shown else ""


def with_axes(image: str, axes: Axes | None) -> str:
    """Add axes to the HTML of a picture."""
    if axes is None:
        return image
    down, across = (
        "".join(f'<span style="{side}:{100 * part:.1f}%">{escape(text)}</span>' for part, text in marks)
        for side, marks in (("top", axes.down), ("left", axes.across))
    )
    return f'<div class="axes"><div class="down">{down}</div>{image}<div class="across">{across}</div></div>'


def _scale(scale: Scale, label: Message, catalog: Catalog) -> str:
    stops = ",".join(_hex((red, green, blue)) for red, green, blue in scale.bar(_STOPS)[:, 0].T.tolist())
    low, high = (escape(end.replace("<=", "≤").replace(">=", "≥").replace("-", "−")) for end in scale.ends)
    middle = "<span>0</span>" if scale.low < 0 < scale.high else ""
    label_html = f"<span>{escape(catalog.translate(label))}</span>" if label.template else ""
    return (
        f'<div class="key">{label_html}<div>'
        f'<div class="colors" style="background:linear-gradient(to right,{stops})"></div>'
        f'<div class="ends"><span>{low}</span>{middle}<span>{high}</span></div></div></div>'
    )


def _legend(legend: Legend, catalog: Catalog) -> str:
    named = [(name if isinstance(name, str) else catalog.translate(name), color) for name, color in legend.entries]
    items = "".join(f'<li><span style="background:{_hex(color)}"></span>{escape(name)}</li>' for name, color in named)
    return f'<ul class="legend">{items}</ul>'


def _hex(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
