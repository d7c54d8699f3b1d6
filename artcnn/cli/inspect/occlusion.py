"""``artcnn inspect occlusion``: what an answer loses where a square hides the picture."""

from pathlib import Path
from typing import Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.model import ModelName, Out, check_model, class_of, model_sha256, open_model, read_input

_SIDE = 168


def occlusion(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture of a digit.")],
    target: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="The answer in question [default: the network's].")
    ] = None,
    window: Annotated[int, typer.Option(min=1, max=512, help="Side of the square, in pixels.")] = 5,
    stride: Annotated[int, typer.Option(min=1, max=512, help="Pixels from one place to the next.")] = 1,
    fill: Annotated[float, typer.Option(min=0, max=1, help="What it is filled with: 0 black, 1 white.")] = 0.5,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Slide a grey square over the picture: where it hides what matters, the answer's probability falls."""
    check_model(model)
    from artcnn.media.findings import check_new, new_folder, write_findings
    from artcnn.media.open import check_picture

    check_picture(image, smallest=8)
    network = open_model(model)
    number = None if target is None else class_of(network, target)
    path = out or new_folder(f"inspect-occlusion-{network.name}-{image.stem}")
    check_new(path)
    import torch
    from torch.nn import functional as F

    from artcnn.inspect.occlusion import occlusion as look
    from artcnn.media.hashes import sha256_of
    from artcnn.media.sheet import Sheet
    from artcnn.media.tint import class_colours, heat

    picture = read_input(network, image, 224)
    with torch.no_grad():
        whole = network.logits(picture).softmax(1)[0]
    chosen = int(whole.argmax()) if number is None else number
    found = look(network, picture, window, stride, fill)
    labels, ours = found.argmax(2), found[..., chosen]
    large = [
        F.interpolate(picture.expand(-1, 3, -1, -1), (_SIDE, _SIDE), mode="nearest").mul(255).round().byte(),
        F.interpolate(heat(ours[None, None], 0, 1).float(), (_SIDE, _SIDE), mode="nearest").byte(),
        F.interpolate(class_colours(labels[None, None]).float(), (_SIDE, _SIDE), mode="nearest").byte(),
    ]
    name = network.classes[chosen]
    seen = ", ".join(network.classes[label] for label in sorted(set(labels.flatten().tolist())))
    captions = ["the picture", f"p({name}), black 0 to yellow 1", f"taken for: {seen}"]
    title = f"{network.name}: a square of {window} hides it, p({name}) was {float(whole[chosen]):.3f}"
    rows = [
        {"row": row, "column": column, "probability": float(ours[row, column]), "label": network.classes[label]}
        for row, line in enumerate(labels.tolist())
        for column, label in enumerate(line)
    ]
    run: dict[str, Any] = {"command": "occlusion", "model": network.name, "model_sha256": model_sha256(model)}
    run |= {"image": str(image), "image_sha256": sha256_of(image), "class": name}
    run |= {"window": window, "stride": stride, "fill": fill, "probability": float(whole[chosen])}
    arrays = {"image": picture, "occlusion": found}
    write_findings(path, Sheet(torch.cat(large), 3, captions, title, scale=1), arrays, rows, run)
    if not quiet:
        typer.echo(f"{name}: {float(whole[chosen]):.3f}, at the worst place of the square {float(ours.min()):.3f}")
        typer.echo(path / "sheet.png")
