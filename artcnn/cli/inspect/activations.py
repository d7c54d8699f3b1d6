"""``artcnn inspect activations``: what each map of a layer answers to a picture."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.activations import Activations

_SHOWN = 64
_TILE = 84  # pixels on the sheet


def activations(
    image: AnyPicture,
    layers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LAYER]...", help="Layers ('artcnn inspect layers') [default: all with maps]."),
    ] = None,
    model: ModelName = "mnist-lecture",
    size: Annotated[int, typer.Option(min=32, max=4096, help="Longer side of a photo, in pixels.")] = 224,
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Show a picture's feature maps, and each map's maximum, mean and degree of activation (the sum over it)."""
    look = Look("activations", model, image, size)
    network = look.network
    names = layers or [layer.name for layer in network.layers if layer.kind in ("convolution", "pooling")]
    for name in names:
        network.layer(name)
    look.go_to(out, image.stem)
    from artcnn.inspect.activations import activations as maps_of
    from artcnn.media.sheet import Sheet

    picture = look.picture()
    found = maps_of(network, picture, names)
    rows = [
        {
            "unit": f"{name}:{unit}",
            "maximum": float(maps.maximum[unit]),
            "mean": float(maps.mean[unit]),
            "degree": float(maps.degree[unit]),
        }
        for name, maps in found.items()
        for unit in range(len(maps.maps))
    ]
    tiles, captions = _tiles(picture, found)
    title = f"{network.name}: {image.name}, then the maps; each layer from its own lowest (black) to highest (yellow)"
    sheet = Sheet(tiles, 12, captions, title, scale=1)
    arrays = {"image": picture, "activations": found[names[-1]].maps}
    arrays |= {f"activations_{name}": maps.maps for name, maps in found.items()}
    ranges = {name: [float(maps.maps.min()), float(maps.maps.max())] for name, maps in found.items()}
    path = look.write(sheet, arrays, rows, layers=names, size=size, ranges=ranges)
    if not quiet:
        headings = "layer", "maps", "lowest", "highest", "flat maps", "strongest by degree"
        print_table(headings, [_summary(name, maps) for name, maps in found.items()])
        typer.echo(path)


def _tiles(picture: "Tensor", found: "dict[str, Activations]") -> "tuple[Tensor, list[str]]":
    """Return the picture and the first maps of each layer as tiles of one size, and what stands below them."""
    import torch

    from artcnn.media.tint import enlarged, heat, tile

    height, width = picture.shape[2:]
    scale = _TILE / max(height, width)
    box = max(1, round(height * scale)), max(1, round(width * scale))
    tiles, captions = [tile(picture, box)], ["the picture"]
    for name, maps in found.items():
        low, high = float(maps.maps.min()), float(maps.maps.max())
        shown = maps.maps[:_SHOWN, None]
        tiles.append(enlarged(heat(shown, low, high), box))
        captions += [f"{name}:{unit}" for unit in range(len(shown))]
    return torch.cat(tiles), captions


def _summary(name: str, found: "Activations") -> tuple[str, ...]:
    flat = int((found.maps.amax((1, 2)) == found.maps.amin((1, 2))).sum()) if found.maps[0].numel() > 1 else 0
    degrees, units = found.degree.topk(min(3, len(found.degree)))
    strongest = ", ".join(
        f"{unit} ({degree:.4g})" for unit, degree in zip(units.tolist(), degrees.tolist(), strict=True)
    )
    return (
        name,
        str(len(found.maps)),
        f"{float(found.maps.min()):.4g}",
        f"{float(found.maps.max()):.4g}",
        str(flat),
        strongest,
    )
