"""``artcnn inspect saliency``: which pixels an answer depends on."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look, answer
from artcnn.cli.inspect.model import Answer, AnyPicture, ModelName, Out, beside, hears, plays, visible
from artcnn.errors import ArtcnnError, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.network import Network
    from artcnn.media.findings import Finding, Tile

METHODS = "gradient", "smoothgrad", "integrated", "guided", "gradcam"
_SIGNED = "integrated"


def saliency(
    image: AnyPicture,
    target: Answer = None,
    method: Annotated[str, typer.Option(metavar="|".join((*METHODS, "all")), help="How it is told.")] = "all",
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Show which pixels an answer depends on, by gradients: bright ones matter; red speaks for, blue against."""
    if method not in (*METHODS, "all"):
        raise ArtcnnError(f"--method {method}{did_you_mean(method, (*METHODS, 'all'))}")
    look = Look("saliency", model, image)
    number = look.target(target)
    look.go_to(out, image.stem)
    finding = find_saliency(look.network, look.picture(), number, METHODS if method == "all" else (method,))
    path = look.write(finding, html)
    if not quiet:
        typer.echo(f"{finding.settings['class']}, p = {finding.settings['probability']:.3f}")
        typer.echo(path)


def find_saliency(network: "Network", picture: "Tensor", target: int | None, methods: tuple[str, ...]) -> "Finding":
    """Return which pixels an answer, the network's own for None, depends on, by each of the methods."""
    from artcnn.inspect.saliency import METHODS as FUNCTIONS
    from artcnn.media.findings import Finding
    from artcnn.media.phrase import phrase

    chosen, probabilities = answer(network, picture, target)
    maps = {name: FUNCTIONS[name](network, picture, chosen) for name in methods}
    name, probability = network.classes[chosen], float(probabilities[chosen])
    pictures, tiles = _tiles(network, picture, maps)
    title = phrase("{network}: why {answer}? (p = {p:.3f})", network=network.name, answer=name, p=probability)
    rows = [
        {"method": key, "least": float(found.min()), "most": float(found.max()), "sum": float(found.sum())}
        for key, found in maps.items()
    ]
    first = next(iter(maps.values()))
    arrays = {"image": picture, "saliency": first} | {f"saliency_{key}": found for key, found in maps.items()}
    settings = {"class": name, "probability": probability, "methods": list(methods)}
    columns = 3 if hears(network) or plays(network) else len(tiles)  # a spectrogram is wide, a board is large
    return Finding("saliency", title, rows, pictures, tiles, columns, 1, arrays, settings, beside(network, picture))


def _tiles(network: "Network", inputs: "Tensor", maps: "dict[str, Tensor]") -> "tuple[Tensor, list[Tile]]":
    """Return the picture and the maps as tiles of one size, each map from 0 to nearly its own largest magnitude.

    Of a spectrogram or a board each map is laid over it: nobody could tell which sounds or stones are meant without.
    """
    import torch
    from torch.nn import functional as F

    from artcnn.image import size_of
    from artcnn.inspect.receptive_field import ReceptiveField
    from artcnn.inspect.saliency import lay_grad_cam
    from artcnn.media.findings import Tile
    from artcnn.media.phrase import phrase
    from artcnn.media.tint import over, scale_of, tile

    picture, laid_over = visible(network, inputs), hears(network) or plays(network)
    height, width = picture.shape[2:]
    scale = max(1, 168 / max(height, width))
    size = round(height * scale), round(width * scale)
    pictures, tiles = [tile(picture, size)], [Tile(phrase("the picture"))]
    for row, (name, found) in enumerate(maps.items()):
        # A few pixels of a photo are far above all others: they may be as bright as the scale goes.
        limit = float(found.abs().flatten().quantile(0.995))
        if name == "gradcam":
            fine = lay_grad_cam(network, found, size_of(inputs), size)
        else:
            fine = F.interpolate(found[None, None], size, mode="nearest")
        key = scale_of(found, phrase("{method}", method=name), limit, signed=name == _SIGNED)
        tinted = key.tint(fine)
        if laid_over:
            tinted = over(pictures[0], tinted, (fine.abs() / max(limit, 1e-30)).clamp(max=1).sqrt())
        elif name == "gradcam" and picture.shape[1] == 3:
            tinted = over(pictures[0], tinted, 0.5)
        pictures.append(tinted)
        field, grid = ReceptiveField((1, 1), (1, 1), (0, 0)), (height, width)
        tiles.append(Tile(phrase("{method}", method=name), row, field=field, grid=grid, key=key))
    return torch.cat(pictures), tiles
