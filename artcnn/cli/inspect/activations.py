"""``artcnn inspect activations``: what each map of a layer answers to a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.model import ModelName, Out, check_model, model_sha256, open_model, read_input
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.activations import Activations

_SHOWN = 64
_TILE = 84  # pixels on the sheet


def activations(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture: of a digit, or a photo for a backbone.")],
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
    check_model(model)
    from artcnn.media.open import check_picture

    check_picture(image, smallest=8)
    network = open_model(model, size)
    names = layers or [layer.name for layer in network.layers if layer.kind in ("convolution", "pooling")]
    for name in names:
        network.layer(name)
    from artcnn.media.findings import check_new, new_folder, write_findings

    path = out or new_folder(f"inspect-activations-{network.name}-{image.stem}")
    check_new(path)
    from artcnn.inspect.activations import activations as look
    from artcnn.media.hashes import sha256_of
    from artcnn.media.sheet import Sheet

    picture = read_input(network, image, size)
    found = look(network, picture, names)
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
    run: dict[str, Any] = {"command": "activations", "model": network.name, "model_sha256": model_sha256(model)}
    run |= {"image": str(image), "image_sha256": sha256_of(image), "layers": names, "size": size}
    ranges = {name: [float(maps.maps.min()), float(maps.maps.max())] for name, maps in found.items()}
    write_findings(path, sheet, arrays, rows, run | {"ranges": ranges})
    if not quiet:
        headings = "layer", "maps", "lowest", "highest", "flat maps", "strongest by degree"
        print_table(headings, [_summary(name, maps) for name, maps in found.items()])
        typer.echo(path / "sheet.png")


def _tiles(picture: "Tensor", found: "dict[str, Activations]") -> "tuple[Tensor, list[str]]":
    """Return the picture and the first maps of each layer as tiles of one size, and what stands below them."""
    import torch
    from torch.nn import functional as F

    from artcnn.media.tint import heat

    height, width = picture.shape[2:]
    scale = _TILE / max(height, width)
    box = max(1, round(height * scale)), max(1, round(width * scale))
    whole = F.interpolate(picture.expand(-1, 3, -1, -1), box, mode="area").clamp(0, 1)
    tiles, captions = [whole.mul(255).round().byte()], ["the picture"]
    for name, maps in found.items():
        low, high = float(maps.maps.min()), float(maps.maps.max())
        shown = maps.maps[:_SHOWN, None]
        tiles.append(F.interpolate(heat(shown, low, high).float(), box, mode="nearest").byte())
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
