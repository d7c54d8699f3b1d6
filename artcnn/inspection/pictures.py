"""Pictures and maps of one's own, beside each other in the colors that all findings have."""

from collections.abc import Mapping

import torch
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.reports.colormaps import enlarge, fit_scale, tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile


def find_pictures(
    named: Mapping[str, Tensor], title: str = "", *, columns: int = 6, side: int = 140, shared: bool = True
) -> Finding:
    """Return pictures and maps as one sheet, with the range of each as a row.

    Args:
        named: by caption, pictures (1, 1 or 3, H, W) in [0, 1], or maps (H, W) of any numbers, with a color scale.
        title: of the sheet.
        columns: in a row.
        side: height of each on the sheet, in pixels.
        shared: whether one scale is for all maps, so that they can be compared.

    Raises:
        ArtcnnError: there are none, or one is neither a picture nor a map.
    """
    if not named:
        raise ArtcnnError("there are no pictures to show")
    for name, values in named.items():
        if values.ndim != 2 and (values.ndim != 4 or len(values) != 1 or values.shape[1] not in (1, 3)):
            shape = " x ".join(map(str, values.shape))
            raise ArtcnnError(f"{name}: {shape} is neither a picture, 1 x 3 x H x W, nor a map, H x W")
    height, width = next(iter(named.values())).shape[-2:]
    size = side, round(side * width / height)
    maps = {name: values.detach().float().cpu() for name, values in named.items() if values.ndim == 2}
    common = fit_scale(torch.cat([values.flatten() for values in maps.values()])) if maps and shared else None
    pictures, tiles = list[Tensor](), list[Tile]()
    for name, values in named.items():
        key = (common or fit_scale(maps[name], message("{name}", name=name))) if name in maps else None
        colors = tile(values.detach().cpu(), size) if key is None else enlarge(key.to_rgb(maps[name][None, None]), size)
        pictures.append(colors)
        tiles.append(Tile(message("{name}", name=name), len(tiles), key=key))
    measured = ((name, values.detach().float()) for name, values in named.items())
    return Finding(
        look="pictures",
        title=message("{title}", title=title),
        rows=[
            {"name": name, "shape": "x".join(map(str, values.shape)), "min": float(values.min())}
            | {"mean": float(values.mean()), "max": float(values.max())}
            for name, values in measured
        ],
        pictures=torch.cat(pictures),
        tiles=tiles,
        columns=columns,
        arrays=dict(named),
        settings={"shared": shared},
    )
