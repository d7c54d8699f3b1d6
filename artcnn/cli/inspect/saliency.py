"""``artcnn inspect saliency``: which pixels an answer depends on."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import Answer, DigitPicture, ModelName, Out, hears
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
    tiles, captions = _tiles(picture, maps, hears(network))
    title = f"{network.name}: why {name}? (p = {probability:.3f})"
    rows = [
        {"method": key, "least": float(found.min()), "most": float(found.max()), "sum": float(found.sum())}
        for key, found in maps.items()
    ]
    first = next(iter(maps.values()))
    arrays = {"image": picture, "saliency": first} | {f"saliency_{key}": found for key, found in maps.items()}
    settings = {"class": name, "probability": probability, "methods": list(names)}
    columns = 3 if hears(network) else len(tiles)  # a spectrogram is wide
    path = look.write(Sheet(tiles, columns, captions, title, scale=1), arrays, rows, **settings)
    if not quiet:
        typer.echo(f"{name}, p = {probability:.3f}")
        typer.echo(path)


def _tiles(picture: "Tensor", maps: "dict[str, Tensor]", laid_over: bool) -> "tuple[Tensor, list[str]]":
    """Return the picture and the maps as tiles of one size, each map from 0 to its own largest magnitude.

    Of a spectrogram each map is laid over it: without it nobody could tell which sounds are meant.
    """
    import torch
    from torch.nn import functional as F

    from artcnn.media.tint import heat, over, signed_colours, tile

    size = picture.shape[2] * _SCALE, picture.shape[3] * _SCALE
    tiles, captions = [tile(picture, size)], ["the picture"]
    for name, found in maps.items():
        limit = float(found.abs().max())
        fine = F.interpolate(found[None, None], size, mode="bilinear" if name == "gradcam" else "nearest")
        colours = signed_colours(fine, limit) if name == _SIGNED else heat(fine, 0, limit)
        share = (fine.abs() / max(limit, 1e-30)).sqrt()
        tiles.append(over(tiles[0], colours, share) if laid_over else colours)
        captions.append(f"{name}, {'±' if name == _SIGNED else '0 to '}{limit:.3g}")
    return torch.cat(tiles), captions
