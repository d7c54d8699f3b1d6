"""The command of a method of inspection: its options, and what all such commands do."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from artcnn.cli import options
from artcnn.cli.inspect.options import DEFAULT_MODEL, Image, ModelName, OptionalImage, Out
from artcnn.cli.inspect.summaries import SUMMARIES
from artcnn.inspection.method import Method, Option
from artcnn.inspection.outline import read_outline
from artcnn.inspection.progress import silent
from artcnn.inspection.subject import Subject, open_subject


def command(method: type[Method]) -> Callable[..., None]:
    """Return the function that typer makes a command of: its parameters are the method's options, and some of all."""

    def run(
        *, model: str, image: Path | None = None, out: Path | None, html: bool, quiet: bool, **chosen: object
    ) -> None:
        run_method(method(**chosen), model, image, out, html=html, quiet=quiet)

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
    found |= {"model": (ModelName, DEFAULT_MODEL), "out": (Out, None)}
    return found | {"html": (options.Html, False), "quiet": (options.Quiet, False)}


def _parameter(option: Option) -> Any:  # noqa: ANN401 - typer's own classes
    """Return how typer declares an option."""
    shown: dict[str, Any] = {"metavar": option.metavar, "help": option.help, "min": option.min, "max": option.max}
    if option.positional:
        return typer.Argument(**shown)
    return typer.Option(*([option.flag] if option.flag else []), **shown)


def run_method(
    method: Method, model: str, image: Path | None, out: Path | None, *, html: bool = False, quiet: bool = False
) -> None:
    """Inspect a network by a method: check, open, find, write and print.

    Raises:
        ArtcnnError: something cannot be done, or was not reached.
    """
    method.check(read_outline(model), image)
    subject = open_subject(model, image, method.size or method.side, method.example_digit)
    from artcnn.inspection.writing import choose_folder, write

    folder = choose_folder(out, method.name, subject, image.stem if image else method.label(subject.network))
    warn(subject)
    found = method.find(subject, silent if quiet else show_progress)
    path = write(folder, method.name, subject, found, html)
    if isinstance(found, Mapping):
        if not quiet:
            for part, finding in found.items():
                typer.echo(f"{path / part / 'sheet.png'}: {finding.title}")
            if html:
                typer.echo(path / "page.html")
        return
    if not quiet:
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
        typer.echo(f"note: {image}: {note}", err=True)
    if subject.doubt is not None:
        typer.echo(f"{image}: {subject.doubt}", err=True)
