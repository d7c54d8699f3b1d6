"""``artcnn inspect occlusion``: what an answer loses where a square hides the picture."""

from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import Answer, DigitPicture, ModelName, Out, hears

_SIZE = 168  # pixels of the sheet, the shorter side


def occlusion(
    image: DigitPicture,
    target: Answer = None,
    window: Annotated[int, typer.Option(min=1, max=512, help="Side of the square, in pixels.")] = 5,
    stride: Annotated[int, typer.Option(min=1, max=512, help="Pixels from one place to the next.")] = 1,
    fill: Annotated[float, typer.Option(min=0, max=1, help="What it is filled with: 0 black, 1 white.")] = 0.5,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Slide a grey square over the picture: where it hides what matters, the answer's probability falls."""
    look = Look("occlusion", model, image)
    network, number = look.network, look.target(target)
    look.go_to(out, image.stem)
    import torch

    from artcnn.image import size_of
    from artcnn.inspect.occlusion import occlusion as slide
    from artcnn.media.sheet import Sheet
    from artcnn.media.tint import class_colours, enlarged, heat, over, tile

    picture = look.picture()
    chosen, whole = look.answer(picture, number)
    *_, found = slide(network, picture, window, stride, fill)
    labels, ours = found.argmax(2), found[..., chosen]
    tints = heat(ours[None, None], 0, 1), class_colours(labels[None, None])
    height, width = size_of(picture)
    size = _SIZE * height // min(height, width), _SIZE * width // min(height, width)
    seen, maps = tile(picture, size), [enlarged(tint, size) for tint in tints]
    tiles = torch.cat([seen, *(over(seen, tint, 0.6) if hears(network) else tint for tint in maps)])
    name = network.classes[chosen]
    takes = ", ".join(network.classes[label] for label in sorted(set(labels.flatten().tolist())))
    captions = ["the picture", f"p({name}), black 0 to yellow 1", f"taken for: {takes}"]
    title = f"{network.name}: a square of {window} hides it, p({name}) was {float(whole[chosen]):.3f}"
    rows = [
        {"row": row, "column": column, "probability": float(ours[row, column]), "label": network.classes[label]}
        for row, line in enumerate(labels.tolist())
        for column, label in enumerate(line)
    ]
    settings = {"class": name, "window": window, "stride": stride, "fill": fill, "probability": float(whole[chosen])}
    sheet = Sheet(tiles, 3, captions, title, scale=1)
    path = look.write(sheet, {"image": picture, "occlusion": found}, rows, **settings)
    if not quiet:
        typer.echo(f"{name}: {float(whole[chosen]):.3f}, at the worst place of the square {float(ours.min()):.3f}")
        typer.echo(path)
