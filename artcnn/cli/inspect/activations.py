"""``artcnn inspect activations``: what each map of a layer answers to a picture."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out, beside, visible
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.activations import Activations
    from artcnn.inspect.network import Network
    from artcnn.media.findings import Finding

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
    html: options.Html = False,
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

    picture = look.picture()
    found = maps_of(network, picture, names)
    path = look.write(activations_found(network, picture, image.name, found), html)
    if not quiet:
        headings = "layer", "maps", "lowest", "highest", "flat maps", "strongest by degree"
        print_table(headings, [_summary(name, maps) for name, maps in found.items()])
        typer.echo(path)


def activations_found(
    network: "Network", picture: "Tensor", image: str, found: "dict[str, Activations]", shown: int = 64
) -> "Finding":
    """Return the maps of each layer, the first ``shown`` of them as pictures.

    Args:
        network: whose maps they are.
        picture: shape (1, C, H, W), in [0, 1].
        image: its name.
        found: by layer.
        shown: pictures of each layer.
    """
    import torch

    from artcnn.inspect.receptive_field import receptive_fields
    from artcnn.media.findings import Finding, Tile
    from artcnn.media.phrase import phrase
    from artcnn.media.tint import enlarged, scale_of, tile

    fields = receptive_fields(network.layers)
    own = {second.name: first.name for first, second in pairwise(network.layers) if second.kind == "ReLU"}
    height, width = picture.shape[2:]
    scale = _TILE / max(height, width)
    box = max(1, round(height * scale)), max(1, round(width * scale))
    pictures, tiles = [tile(visible(network, picture), box)], [Tile(phrase("the picture"))]
    rows = list[dict[str, Any]]()
    for name, maps in found.items():
        group = phrase("{layer}", layer=name)
        key = scale_of(maps.maps, group)
        pictures.append(enlarged(key.tint(maps.maps[:shown, None]), box))
        for unit in range(len(maps.maps)):
            if unit < shown:
                caption, grid = phrase("{unit}", unit=f"{name}:{unit}"), (maps.maps.shape[1], maps.maps.shape[2])
                tiles.append(
                    Tile(caption, len(rows), f"{own.get(name, name)}:{unit}", group, fields[name], grid, key=key)
                )
            measures = {"maximum": maps.maximum, "mean": maps.mean, "degree": maps.degree}
            rows.append({"unit": f"{name}:{unit}"} | {key: float(values[unit]) for key, values in measures.items()})
    title = phrase("{network}: {image}, then its maps; one scale for each layer", network=network.name, image=image)
    arrays = {"image": picture, "activations": list(found.values())[-1].maps}
    arrays |= {f"activations_{name}": maps.maps for name, maps in found.items()}
    ranges = {name: [float(maps.maps.min()), float(maps.maps.max())] for name, maps in found.items()}
    settings = {"layers": list(found), "size": max(height, width), "ranges": ranges}
    return Finding(
        "activations", title, rows, torch.cat(pictures), tiles, 12, 1, arrays, settings, beside(network, picture)
    )


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
