"""``artcnn inspect saliency``: which pixels an answer depends on."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import Answer, DigitPicture, ModelName, Out
from artcnn.errors import ArtcnnError, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

_METHODS = "gradient", "smoothgrad", "integrated", "guided", "gradcam"
_SIGNED = "integrated"
_SCALE = 6


def saliency(
    image: DigitPicture,
    target: Answer = None,
    method: Annotated[str, typer.Option(metavar="|".join((*_METHODS, "all")), help="How it is told.")] = "all",
    model: ModelName = "mnist-lecture",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Show which pixels an answer depends on, by gradients: bright ones matter; red speaks for, blue against."""
    if method not in (*_METHODS, "all"):
        raise ArtcnnError(f"--method {method}{did_you_mean(method, (*_METHODS, 'all'))}")
    look = Look("saliency", model, image)
    network, number = look.network, look.target(target)
    look.go_to(out, image.stem)
    from artcnn.inspect.saliency import METHODS
    from artcnn.media.sheet import Sheet

    picture = look.picture()
    chosen, probabilities = look.answer(picture, number)
    names = _METHODS if method == "all" else (method,)
    maps = {name: METHODS[name](network, picture, chosen) for name in names}
    name, probability = network.classes[chosen], float(probabilities[chosen])
    tiles, captions = _tiles(picture, maps)
    title = f"{network.name}: why {name}? (p = {probability:.3f})"
    rows = [
        {"method": key, "least": float(found.min()), "most": float(found.max()), "sum": float(found.sum())}
        for key, found in maps.items()
    ]
    first = next(iter(maps.values()))
    arrays = {"image": picture, "saliency": first} | {f"saliency_{key}": found for key, found in maps.items()}
    settings = {"class": name, "probability": probability, "methods": list(names)}
    path = look.write(Sheet(tiles, len(tiles), captions, title, scale=1), arrays, rows, **settings)
    if not quiet:
        typer.echo(f"{name}, p = {probability:.3f}")
        typer.echo(path)


def _tiles(picture: "Tensor", maps: "dict[str, Tensor]") -> "tuple[Tensor, list[str]]":
    """Return the picture and the maps as tiles of one size, each map from 0 to its own largest magnitude."""
    import torch
    from torch.nn import functional as F

    from artcnn.media.tint import heat, signed_colours, tile

    size = picture.shape[2] * _SCALE, picture.shape[3] * _SCALE
    tiles, captions = [tile(picture, size)], ["the picture"]
    for name, found in maps.items():
        limit = float(found.abs().max())
        fine = F.interpolate(found[None, None], size, mode="bilinear" if name == "gradcam" else "nearest")
        tiles.append(signed_colours(fine, limit) if name == _SIGNED else heat(fine, 0, limit))
        captions.append(f"{name}, {'±' if name == _SIGNED else '0 to '}{limit:.3g}")
    return torch.cat(tiles), captions
