"""Filters: the patterns that a layer looks for."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from artcnn.reports.colormaps import Scale, fit_scale
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.filters import LayerFilters, read_filters
from artcnn.visualizers.network import Network

_TILE, _SLICE, _GO_TILE = 72, 100, 120  # pixels of a kernel on the sheet; of a slice, whose caption is longer
_CELL, _WIDEST = 12, 1000  # pixels: a weight of a matrix, and all of a row
_KERNELS, _SOME = "{layer} of {network}: {count} kernels", "{layer} of {network}: {some} of {count} kernels"
_LEARNED_HERE = (
    "{layer} of {network}: {count} kernels of AlexNet's shape, but not AlexNet's: learned from {teacher}'s features"
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
    if found.slices is None:
        return _whole_kernels(network, name, found, shown)
    if found.weight.shape[2:] == (1, 1):
        return _matrix(network, name, found, shown)
    return _slices(network, name, found, found.slices, shown)


def _rows(name: str, found: LayerFilters) -> list[dict[str, Any]]:
    """Return a row for each filter of a layer."""
    rows: list[dict[str, Any]] = [{"unit": f"{name}:{unit}", "norm": float(n)} for unit, n in enumerate(found.norms)]
    if found.slices is None:
        return rows
    return [
        row | {"strongest_inputs": " ".join(map(str, inputs))}
        for row, inputs in zip(rows, found.slices.tolist(), strict=True)
    ]


def _whole_kernels(network: Network, name: str, found: LayerFilters, shown: list[int]) -> Finding:
    count, colored = len(found.kernels), found.kernels.shape[1] == 3
    says = message("weight, in each of red, green and blue") if colored else message("weight")
    key = Scale("gray" if colored else "diverging", -found.limit, found.limit, says)
    pictures = key.to_rgb(found.kernels[shown])
    template = _LEARNED_HERE if network.teacher else _KERNELS if len(shown) == count else _SOME
    fields = {"layer": name, "network": network.name, "count": count, "teacher": network.teacher}
    return Finding(
        look="filters",
        title=message(template, **fields, some=len(shown)),
        rows=_rows(name, found),
        pictures=pictures,
        tiles=[Tile(message(":{unit}", unit=unit), unit, f"{name}:{unit}", key=key) for unit in shown],
        columns=min(len(shown), 8 if len(shown) <= 64 else 16),
        scale=max(1, (_GO_TILE if network.planes else _TILE) // pictures.shape[-1]),
        arrays={"filters": found.weight},
        settings={"layer": name, "limit": found.limit},
    )


def _slices(network: Network, name: str, found: LayerFilters, slices: Tensor, shown: list[int]) -> Finding:
    """Return the strongest slices of a deeper layer's filters, a filter a row."""
    names = [layer.name for layer in network.layers]
    planes, before = network.planes if name == names[0] else (), ""
    if network.is_chain:
        before = names[names.index(name) - 1]
    key = Scale("diverging", -found.limit, found.limit, message("weight"))
    pictures = key.to_rgb(found.kernels[shown].flatten(0, 1)[:, None])
    tiles = [
        Tile(
            message("reads {source}", source=planes[source] if planes else f"{before}:{source}"),
            unit,
            f"{name}:{unit}",
            message("{unit}", unit=f"{name}:{unit}"),
            key=key,
        )
        for unit in shown
        for source in slices[unit].tolist()
    ]
    return Finding(
        look="filters",
        title=message("{layer} of {network}: strongest slices, a filter a row", layer=name, network=network.name),
        rows=_rows(name, found),
        pictures=pictures,
        tiles=tiles,
        columns=found.kernels.shape[1],
        scale=max(1, (_GO_TILE if planes else _SLICE) // pictures.shape[-1]),
        arrays={"filters": found.weight},
        settings={"layer": name, "limit": found.limit},
    )


def _matrix(network: Network, name: str, found: LayerFilters, shown: list[int]) -> Finding:
    """Return kernels of one pixel as the rows of a matrix."""
    weights = found.weight[shown, :, 0, 0]  # (filters, maps)
    key, count = fit_scale(weights, message("weight"), signed=True), weights.shape[1]
    says = "down: filters :{first} to :{last}; across: the {count} maps they read"
    title = "{layer} of {network}: kernels of one pixel, a weight for each map"
    return Finding(
        look="filters",
        title=message(title, layer=name, network=network.name),
        rows=_rows(name, found),
        pictures=key.to_rgb(weights[None, None]),
        tiles=[Tile(message(says, first=shown[0], last=shown[-1], count=count), key=key)],
        columns=1,
        scale=max(1, min(_CELL, _WIDEST // count)),
        arrays={"filters": found.weight},
        settings={"layer": name, "limit": key.high},
    )
