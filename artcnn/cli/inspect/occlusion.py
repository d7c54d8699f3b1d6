"""``artcnn inspect occlusion``: what an answer loses where a square hides the picture."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look, answer
from artcnn.cli.inspect.model import Answer, AnyPicture, ModelName, Out, hears
from artcnn.cli.inspect.outline import outline
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network

_SIDE = 168  # of a small picture on the sheet

BACKGROUND = "background"
_FILLS = BACKGROUND, "grey", "blur"


def occlusion(
    image: AnyPicture,
    target: Answer = None,
    window: Annotated[
        int | None, typer.Option(min=1, max=512, help="Side of the square, in pixels [default: 5; of a photo 48].")
    ] = None,
    stride: Annotated[
        int | None, typer.Option(min=1, max=512, help="Pixels from one place to the next [default: 1; of a photo 16].")
    ] = None,
    fill: Annotated[
        str,
        typer.Option(
            metavar="background|grey|blur|0..1",
            help="What the square shows: the picture's own background (black, silence; of a photo blur), grey, the "
            "picture out of focus, or a level from 0, black, to 1, white.",
        ),
    ] = BACKGROUND,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Slide a square of background over the picture: where it hides what matters, the answer's probability falls."""
    check_fill(fill)
    outline(model).check_square(window, stride)
    look = Look("occlusion", model, image, target=target)
    number = look.target(target)
    look.go_to(out, image.stem)
    usual = usual_square(look.network)
    finding = find_occlusion(look.network, look.picture(), number, window or usual[0], stride or usual[1], fill)
    path = look.write(finding, html)
    if not quiet:
        name, whole = finding.settings["class"], finding.settings["probability"]
        least = min(row["probability"] for row in finding.rows)
        typer.echo(f"{name}: {whole:.3f}, at the worst place of the square {least:.3f}")
        typer.echo(path)


def usual_square(network: "Network") -> tuple[int, int]:
    """Return the side of the square and the pixels from one place to the next that show most."""
    return (5, 1) if network.input_shape[0] == 1 else (48, 16)


def centers(window: int, stride: int) -> list[tuple[float, float]]:
    """Return the middle of the first place of the square, and how far on the next is: down and across, in pixels."""
    return [((window - 1) / 2, stride)] * 2


def check_fill(text: str) -> None:
    """Raise an ArtcnnError where a text names nothing that a square can show."""
    if text in _FILLS:
        return
    try:
        level = float(text)
    except ValueError:
        level = -1
    if not 0 <= level <= 1:
        raise ArtcnnError(
            f"--fill {text}: choose from {', '.join(_FILLS)}, or give a level from 0 (black) to 1 (white)"
        )


def _filling(network: "Network", picture: "Tensor", fill: str) -> "tuple[str, Tensor]":
    """Return what the square shows, by its name and as a picture of the same shape."""
    import torch

    from artcnn.image import blur
    from artcnn.visualizers.baselines import background

    if fill == BACKGROUND:
        name = "blur" if picture.shape[1] == 3 else "silence" if hears(network) else "black"
        return name, background(picture)
    if fill == "blur":
        return fill, blur(picture, max(picture.shape[2:]) / 16)
    return fill, torch.full_like(picture, 0.5 if fill == "grey" else float(fill))


def find_occlusion(
    network: "Network", picture: "Tensor", target: int | None, window: int, stride: int, fill: str = BACKGROUND
) -> "Finding":
    """Return the probability of an answer, the network's own for None, by the place of the square that hides."""
    import torch

    from artcnn.image import size_of
    from artcnn.reports.colormaps import Key, Legend, Scale, over, tile
    from artcnn.reports.messages import phrase
    from artcnn.reports.results import Finding, Tile
    from artcnn.visualizers.occlusion import occlude
    from artcnn.visualizers.receptive_field import ReceptiveField, resample_centered

    chosen, whole = answer(network, picture, target)
    shows, hidden = _filling(network, picture, fill)
    *_, found = occlude(network, picture, window, stride, hidden)
    labels, ours = found.argmax(2), found[..., chosen]
    common = [label for label, _ in Counter(labels.flatten().tolist()).most_common()]
    ranks = labels.clone().apply_(common.index)
    name = network.classes[chosen]
    high = max(float(ours.max()), float(whole[chosen]), 0.1)  # below 0.1 there is little to see
    keys: tuple[Key, Key] = (
        Scale("heat", 0, high, phrase("p({answer})", answer=name)),
        Legend([network.classes[label] for label in common], phrase("another answer")),
    )
    scale = max(1, _SIDE // picture.shape[2])
    size = scale * picture.shape[2], scale * picture.shape[3]
    seen = tile(picture, size)
    square, grid = ReceptiveField((window, window), (stride, stride), (0, 0)), (found.shape[0], found.shape[1])
    tints = [
        resample_centered(
            key.tint(values[None, None]).float(), centers(window, stride), size_of(picture), size, "nearest"
        ).byte()
        for key, values in zip(keys, (ours, ranks), strict=True)
    ]
    laid_over = picture.shape[1] == 3 or hears(network)
    pictures = torch.cat([seen, *([over(seen, tint, 0.65) for tint in tints] if laid_over else tints)])
    captions = phrase("p({answer}) with the square there", answer=name), phrase("what it is taken for then")
    tiles = [Tile(phrase("the picture"))]
    tiles += [
        Tile(caption, field=square, grid=grid, laid=True, key=key, values=values)
        for caption, key, values in zip(captions, keys, (ours, None), strict=True)
    ]
    title = phrase(
        "{network}: a square of {window} ({fill}) hides it, p({answer}) was {p:.3f}",
        network=network.name,
        fill=shows,
        window=window,
        answer=name,
        p=float(whole[chosen]),
    )
    rows = [
        {
            "top": row * stride,
            "left": column * stride,
            "probability": float(ours[row, column]),
            "label": network.classes[label],
        }
        for row, line in enumerate(labels.tolist())
        for column, label in enumerate(line)
    ]
    settings = {"class": name, "window": window, "stride": stride, "fill": shows, "probability": float(whole[chosen])}
    arrays = {"image": picture, "occlusion": found}
    return Finding("occlusion", title, rows, pictures, tiles, 3, 1, arrays, settings, picture)
