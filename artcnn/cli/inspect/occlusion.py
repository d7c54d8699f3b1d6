"""``artcnn inspect occlusion``: what an answer loses where a square hides the picture."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import Answer, AnyPicture, ModelName, Out
from artcnn.inspection.options import BACKGROUND, check_fill
from artcnn.inspection.outline import outline

if TYPE_CHECKING:
    pass


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
    from artcnn.inspection.occlusion import find_occlusion, usual_square

    usual = usual_square(look.network)
    finding = find_occlusion(look.network, look.picture(), number, window or usual[0], stride or usual[1], fill)
    path = look.write(finding, html)
    if not quiet:
        name, whole = finding.settings["class"], finding.settings["probability"]
        least = min(row["probability"] for row in finding.rows)
        typer.echo(f"{name}: {whole:.3f}, at the worst place of the square {least:.3f}")
        typer.echo(path)
