"""``artcnn inspect saliency``: which pixels an answer depends on."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import Answer, AnyPicture, ModelName, Out
from artcnn.errors import ArtcnnError, did_you_mean
from artcnn.inspection.options import SALIENCY_METHODS

if TYPE_CHECKING:
    pass


def saliency(
    image: AnyPicture,
    target: Answer = None,
    method: Annotated[str, typer.Option(metavar="|".join((*SALIENCY_METHODS, "all")), help="How it is told.")] = "all",
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Show which pixels an answer depends on, by gradients: bright ones matter; red speaks for, blue against."""
    if method not in (*SALIENCY_METHODS, "all"):
        raise ArtcnnError(f"--method {method}", hint=did_you_mean(method, (*SALIENCY_METHODS, "all")))
    look = Look("saliency", model, image, target=target)
    number = look.target(target)
    look.go_to(out, image.stem)
    from artcnn.inspection.saliency import find_saliency, methods_of

    picture, methods = look.picture(), methods_of(look.network) if method == "all" else (method,)
    moves = look.move_probabilities()
    finding = find_saliency(look.network, picture, number, methods, look.board, moves)
    path = look.write(finding, html)
    if not quiet:
        for row in finding.rows:
            if row["change"] is not None:
                says = f"{row['method']}: adds up to {row['sum']:.4g}; from all zeros y changes by {row['change']:.4g}"
                typer.echo(f"{says}: gap {row['gap']:.2g}", err=True)
        says = f"{finding.settings['class']}, p = {finding.settings['probability']:.3f}"
        if moves is not None:
            alone = finding.settings["probability_alone"]
            says += (
                f" by all eight views of the board, as in 'go suggest'; {alone:.3f} by this one, which the maps explain"
            )
        typer.echo(says)
        typer.echo(path)
