"""``artcnn inspect filters``: the patterns that a layer looks for."""

from collections.abc import Mapping, Sequence
from typing import Any

from artcnn.reports.colormaps import Scale, scale_of
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.filters import LayerFilters, read_filters
from artcnn.visualizers.network import Network

_CELL, _WIDEST = 12, 1000  # pixels: a weight of a matrix, and all of a row
_KERNELS, _SOME = "{layer} of {network}: {count} kernels", "{layer} of {network}: {some} of {count} kernels"
_LEARNT_HERE = (
    "{layer} of {network}: {count} kernels of AlexNet's shape, but not AlexNet's: learnt from {teacher}'s features"
)


def find_filters(network: Network, name: str, units: Sequence[int] | None = None) -> Finding:
    """Return a layer's kernels as pictures; of a deeper layer their strongest slices.

    Kernels of a single pixel are a number for each map that they read: a row of a matrix.

    Args:
        network: whose layer it is.
        name: the layer's.
        units: which of its kernels; all by default.

    Raises:
        ArtcnnError: there is no such layer, or it has no kernels.
    """
    found = read_filters(network, name)
    shown = list(range(len(found.kernels)) if units is None else units)
    count = len(found.kernels)
    fields = {"layer": name, "network": network.name, "count": count, "teacher": network.teacher}
    colored = found.slices is None and found.kernels.shape[1] == 3
    says = message("weight, in each of red, green and blue") if colored else message("weight")
    key = Scale("gray" if colored else "diverging", -found.limit, found.limit, says)
    every = [f"{name}:{unit}" for unit in range(count)]
    names = [layer.name for layer in network.layers]
    planes, before = network.planes if name == names[0] else (), ""
    if network.is_chain:
        before = names[names.index(name) - 1]
    rows = [
        {"unit": own, "norm": float(found.norms[unit])}
        | ({} if found.slices is None else {"strongest_inputs": " ".join(map(str, found.slices[unit].tolist()))})
        for unit, own in enumerate(every)
    ]
    if found.weight.shape[2:] == (1, 1) and found.slices is not None:
        return _matrix(name, network, found, shown, rows)
    if found.slices is None:
        pictures, columns = key.to_rgb(found.kernels[shown]), min(len(shown), 8 if len(shown) <= 64 else 16)
        tiles = [Tile(message(":{unit}", unit=unit), unit, every[unit], key=key) for unit in shown]
        template = _LEARNT_HERE if network.teacher else _KERNELS if len(shown) == count else _SOME
        title = message(template, **fields, some=len(shown))
    else:
        columns = found.kernels.shape[1]
        pictures = key.to_rgb(found.kernels[shown].flatten(0, 1)[:, None])
        tiles = [
            Tile(
                message("reads {source}", source=planes[source] if planes else f"{before}:{source}"),
                unit,
                every[unit],
                message("{unit}", unit=every[unit]),
                key=key,
            )
            for unit in shown
            for source in found.slices[unit].tolist()
        ]
        title = message("{layer} of {network}: strongest slices, a filter a row", **fields)
    settings, scale = {"layer": name, "limit": found.limit}, max(1, (120 if planes else 72) // pictures.shape[-1])
    return Finding("filters", title, rows, pictures, tiles, columns, scale, {"filters": found.weight}, settings)


def _matrix(
    name: str, network: Network, found: LayerFilters, shown: list[int], rows: Sequence[Mapping[str, Any]]
) -> Finding:
    weights = found.weight[shown, :, 0, 0]  # (filters, maps)
    key = scale_of(weights, message("weight"), signed=True)
    title = message(
        "{layer} of {network}: kernels of one pixel, a weight for each map", layer=name, network=network.name
    )
    says = message(
        "down: filters :{first} to :{last}; across: the {count} maps they read",
        first=shown[0],
        last=shown[-1],
        count=weights.shape[1],
    )
    scale = max(1, min(_CELL, _WIDEST // weights.shape[1]))
    settings = {"layer": name, "limit": key.high}
    return Finding(
        "filters",
        title,
        rows,
        key.to_rgb(weights[None, None]),
        [Tile(says, key=key)],
        1,
        scale,
        {"filters": found.weight},
        settings,
    )
