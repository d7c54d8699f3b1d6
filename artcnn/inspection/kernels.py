"""What units of a linear layer want to see: exactly their kernels. A part of ``artcnn inspect maximize``."""

from typing import Any

import torch

from artcnn.reports.colormaps import Scale
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.linear_units import linear_units
from artcnn.visualizers.network import Network

_SIDE = 112  # pixels of a picture on the sheet, about
_TITLE = "{network}: what units of {layer} want to see, exactly: before them nothing is nonlinear"
_KERNELS = "The kernel: of all patterns of the same strength, the best"
_BEST = "The best patch of pixels from black to white: white where a weight is positive, black where it is negative"
_COLORED = "The best patch of colors: of red, green and blue each all where its weight is positive, else none"
_DEAD = "{unit}: dead\n{best_value:.3g} whatever it sees"
_UNIFORM = "{unit}: {best_value:.3g}\n{uniform} is its best"


def find_kernels(network: Network, layer: str, units: list[int]) -> Finding:
    """Return the kernels of units of a linear layer, and the pixels that maximize each.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    found = linear_units(network, layer, units)
    limit, (channels, height, width) = float(found.kernels.abs().max()), found.kernels.shape[1:]
    weight = message("weight, in each of red, green and blue") if channels == 3 else message("weight")
    key = Scale("gray" if channels == 3 else "diverging", -limit, limit, weight)
    names = [f"{layer}:{unit}" for unit in units]
    measured = [found.values(patch) for patch in (found.best, torch.zeros(1), torch.ones(1))]
    rows: list[dict[str, Any]] = [
        dict(zip(("unit", "best_value", "black_value", "white_value", "dead"), (name, *values), strict=True))
        for name, *values in zip(names, *(each.tolist() for each in (*measured, found.dead)), strict=True)
    ]
    tiles = [
        Tile(message("{unit}", unit=name), row, name, message(_KERNELS), key=key) for row, name in enumerate(names)
    ]
    under = message(_COLORED if channels == 3 else _BEST)
    for number, (row, best) in enumerate(zip(rows, found.best, strict=True)):
        uniform = {0.0: "black", 1.0: "white"}.get(float(best.mean()), "")
        says = _DEAD if row["dead"] else _UNIFORM if uniform else "{unit}: {best_value:.3g}"
        tiles.append(Tile(message(says, **row, uniform=uniform), number, names[number], under))
    shown = torch.where(found.dead[:, None, None, None], 0.5, found.best)
    pictures = torch.cat([key.to_rgb(found.kernels), shown.expand(-1, 3, -1, -1).mul(255).byte()])
    title = message(_TITLE, network=network.name, layer=layer)
    what = "conv" if len(network.shapes()[layer]) == 3 else "fc"
    arrays = {"kernels": found.kernels, "image": found.best, "bias": found.bias}
    scale, columns = max(1, _SIDE // max(height, width)), min(6, len(units))
    settings = {"what": what, "units": names}
    return Finding(
        look=f"maximize-{what}",
        title=title,
        rows=rows,
        pictures=pictures,
        tiles=tiles,
        columns=columns,
        scale=scale,
        arrays=arrays,
        settings=settings,
    )
