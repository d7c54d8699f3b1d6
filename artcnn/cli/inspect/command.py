"""The command of a method of inspection: its options, and what all such commands do."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from artcnn.cli.inspect.options import Image, Look, LookOptions, OptionalImage, Own
from artcnn.cli.inspect.summaries import SUMMARIES
from artcnn.inspection.method import Method, Option
from artcnn.inspection.outline import outline_of, read_outline
from artcnn.inspection.own_networks import OwnSettings
from artcnn.inspection.progress import silent
from artcnn.inspection.subject import Subject, open_subject


def command(method: type[Method]) -> Callable[..., None]:
    """Return the function that typer makes a command of: its parameters are the method's options, and some of all."""

    def run(*, look: LookOptions, own: OwnSettings, image: Path | None = None, **chosen: object) -> None:
        run_method(method(**chosen), image, look, own)

    parameters = _parameters(method)
    run.__doc__ = inspect.getdoc(method)
    run.__annotations__ = {name: annotation for name, (annotation, _) in parameters.items()} | {"return": None}
    keyword = inspect.Parameter.KEYWORD_ONLY
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, keyword, default=default, annotation=annotation)
            for name, (annotation, default) in parameters.items()
        ]
    )
    return run


def _parameters(method: type[Method]) -> dict[str, tuple[Any, Any]]:
    """Return the annotation and the default of each parameter: a picture, the method's options, those of all."""
    found: dict[str, tuple[Any, Any]] = {}
    if method.picture == "needed":
        found["image"] = Image, inspect.Parameter.empty
    elif method.picture == "optional":
        found["image"] = OptionalImage, None
    hints = get_type_hints(method, include_extras=True)
    for field in fields(method):  # type: ignore[arg-type]  # every method is a dataclass
        of_type, option = get_args(hints[field.name])
        default = inspect.Parameter.empty if field.default is MISSING else field.default
        found[field.name] = Annotated[of_type, _parameter(option)], default
    return found | {"look": (Look, inspect.Parameter.empty), "own": (Own, inspect.Parameter.empty)}


def _parameter(option: Option) -> Any:  # noqa: ANN401 - typer's own classes
    """Return how typer declares an option."""
    shown: dict[str, Any] = {"metavar": option.metavar, "help": option.help, "min": option.min, "max": option.max}
    if option.positional:
        return typer.Argument(**shown)
    return typer.Option(*([option.flag] if option.flag else []), **shown)


def run_method(method: Method, image: Path | None, look: LookOptions, own: OwnSettings) -> None:
    """Inspect a network by a method: check, open, find, write and print.

    Raises:
        ArtcnnError: something cannot be done, or was not reached.
    """
    from artcnn.reports.style import read_style

    style = read_style(look.lang, look.scale)
    method.check(read_outline(look.model, own), image)
    subject = open_subject(look.model, image, method.size or method.side, method.example_digit, own)
    method.check(outline_of(subject.network), None)
    from artcnn.inspection.writing import choose_folder, write

    folder = choose_folder(look.out, method.name, subject, image.stem if image else method.label(subject.network))
    warn(subject)
    found = method.find(subject, silent if look.quiet else show_progress)
    path = write(folder, method.name, subject, found, style, look.html)
    if isinstance(found, Mapping):
        if not look.quiet:
            for part, finding in found.items():
                typer.echo(f"{path / part / 'sheet.png'}: {style.catalog.translate(finding.title)}")
            if look.html:
                typer.echo(path / "page.html")
        return
    if not look.quiet:
        if method.name in SUMMARIES:
            SUMMARIES[method.name](found, method)
        typer.echo(path)
    method.check_result(found)


show_progress = partial(typer.echo, err=True)
"""Show a line of progress on stderr."""


def warn(subject: Subject) -> None:
    """Show on stderr what was noticed about the picture's file, and what is doubtful about it."""
    image = subject.facts.get("image")
    for note in subject.notes:
        typer.echo(f"note: {image or subject.network.name}: {note}", err=True)
    if subject.doubt is not None:
        typer.echo(f"{image}: {subject.doubt}", err=True)
