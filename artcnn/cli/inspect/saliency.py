"""``artcnn inspect saliency``: which pixels an answer depends on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.model import ModelName, Out, check_model, class_of, model_sha256, open_model, read_input
from artcnn.errors import ArtcnnError, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

_METHODS = "gradient", "smoothgrad", "integrated", "guided", "gradcam"
_SIGNED = "integrated"
_SCALE = 6


def saliency(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture of a digit.")],
    target: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="The answer in question [default: the network's].")
    ] = None,
    method: Annotated[str, typer.Option(metavar="|".join((*_METHODS, "all")), help="How it is told.")] = "all",
    model: ModelName = "mnist-lecture",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Show which pixels an answer depends on, by gradients: bright ones matter; red speaks for, blue against."""
    check_model(model)
    if method not in (*_METHODS, "all"):
        raise ArtcnnError(f"--method {method}{did_you_mean(method, (*_METHODS, 'all'))}")
    from artcnn.media.findings import check_new, new_folder, write_findings
    from artcnn.media.open import check_picture

    check_picture(image, smallest=8)
    network = open_model(model)
    number = None if target is None else class_of(network, target)
    path = out or new_folder(f"inspect-saliency-{network.name}-{image.stem}")
    check_new(path)
    import torch

    from artcnn.inspect.saliency import METHODS
    from artcnn.media.hashes import sha256_of
    from artcnn.media.sheet import Sheet

    picture = read_input(network, image, 224)
    with torch.no_grad():
        probabilities = network.logits(picture).softmax(1)[0]
    chosen = int(probabilities.argmax()) if number is None else number
    names = _METHODS if method == "all" else (method,)
    maps = {name: METHODS[name](network, picture, chosen) for name in names}
    name, probability = network.classes[chosen], float(probabilities[chosen])
    tiles, captions = _tiles(picture, maps)
    title = f"{network.name}: why {name}? (p = {probability:.3f})"
    rows = [
        {"method": key, "least": float(found.min()), "most": float(found.max()), "sum": float(found.sum())}
        for key, found in maps.items()
    ]
    run: dict[str, Any] = {"command": "saliency", "model": network.name, "model_sha256": model_sha256(model)}
    run |= {"image": str(image), "image_sha256": sha256_of(image), "class": name, "probability": probability}
    first = next(iter(maps.values()))
    arrays = {"image": picture, "saliency": first} | {f"saliency_{key}": found for key, found in maps.items()}
    write_findings(
        path, Sheet(tiles, len(tiles), captions, title, scale=1), arrays, rows, run | {"methods": list(names)}
    )
    if not quiet:
        typer.echo(f"{name}, p = {probability:.3f}")
        typer.echo(path / "sheet.png")


def _tiles(picture: "Tensor", maps: "dict[str, Tensor]") -> "tuple[Tensor, list[str]]":
    """Return the picture and the maps as tiles of one size, each map from 0 to its own largest magnitude."""
    import torch
    from torch.nn import functional as F

    from artcnn.media.tint import heat, signed_colours

    size = picture.shape[2] * _SCALE, picture.shape[3] * _SCALE
    shown = F.interpolate(picture.expand(-1, 3, -1, -1), size, mode="nearest").mul(255).round().byte()
    tiles, captions = [shown], ["the picture"]
    for name, found in maps.items():
        limit = float(found.abs().max())
        fine = F.interpolate(found[None, None], size, mode="bilinear" if name == "gradcam" else "nearest")
        tiles.append(signed_colours(fine, limit) if name == _SIGNED else heat(fine, 0, limit))
        captions.append(f"{name}, {'±' if name == _SIGNED else '0 to '}{limit:.3g}")
    return torch.cat(tiles), captions
