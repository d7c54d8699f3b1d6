"""``artcnn inspect report``: everything that can be found within a time, as one page."""

from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.command import show_progress, warn
from artcnn.cli.inspect.options import DEFAULT_MODEL, Lang, ModelName, Out, Own, Scale
from artcnn.inspection.input_kind import REPORT_DIGIT
from artcnn.inspection.input_kinds import kind_of_file
from artcnn.inspection.outline import read_outline
from artcnn.inspection.own_networks import OwnSettings
from artcnn.inspection.progress import silent
from artcnn.inspection.subject import open_subject

_SIDE = 224  # longer side of a photo, in pixels


def report(
    image: Annotated[
        Path | None, typer.Argument(metavar="[IMAGE]", help="A picture or a recording [default: one of the package].")
    ] = None,
    model: ModelName = DEFAULT_MODEL,
    minutes: Annotated[float, typer.Option(min=0, max=10_000, help="What takes longer is left out.")] = 3,
    lang: Lang = "en",
    scale: Scale = "screen",
    out: Out = None,
    quiet: options.Quiet = False,
    own: Own = OwnSettings(),  # noqa: B008 - it is frozen
) -> None:
    """Explain a network on one page: report.html, which opens in any browser, without the internet.

    Examples: artcnn inspect report · artcnn inspect report photo.jpg --model vgg16 --minutes 10
    """
    from artcnn.reports.style import read_style

    started, style, known = monotonic(), read_style(lang, scale), read_outline(model, own)
    known.check_method("report")
    if image is not None:
        known.check_input(image)
        kind_of_file(image).check_file(image)
    subject = open_subject(model, image, _SIDE, REPORT_DIGIT, own)
    from artcnn.inspection.report import make_report
    from artcnn.inspection.writing import choose_folder

    folder = choose_folder(out, "report", subject, image.stem if image else "")
    warn(subject)
    made = make_report(subject, style, minutes, started, silent if quiet else show_progress)
    path = made.write(folder)
    if not quiet:
        typer.echo(path)
