"""The command line: the only place that knows of Typer, Rich and exit codes.

Until a command runs, modules in here import the standard library, typer, and modules of artcnn that import no more
than these, so that ``--help`` answers at once.
"""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TextIO

import typer

from artcnn.cli import (
    again,
    copies,
    doctor,
    dream,
    outputs,
    presets,
    sheet,
    show,
    signals,
    studio,
    style,
    texture,
    weights,
)
from artcnn.cli.group import LAZY, App, Group, group
from artcnn.cli.signals import ending_as_by_ctrl_c
from artcnn.deprecation import OldNameWarning
from artcnn.errors import ArtcnnError, enough_memory, usable_names

_FREE_SOME = "end other programs, raise the limit (ulimit -v, or the container's), or ask for something smaller"
_AS_JSON, _QUIET = "artcnn.json", "artcnn.quiet"


class _Commands(Group):
    """The commands, and how errors of all of them are reported: on stderr, with ``--json`` on stdout as well.

    The exit code is 1 for an error in the input, 2 for wrong usage, 130 after Ctrl-C, 143 after SIGTERM, 129 after
    SIGHUP. Old names that a command line or a preset uses are told of on stderr, but for ``--quiet``.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's context class is private
        """Parse the arguments; an empty one is refused, as a file name it would mean the current folder."""
        ctx.meta[_AS_JSON], ctx.meta[_QUIET] = "--json" in args, not {"--quiet", "-q"}.isdisjoint(args)
        with _usage_errors(ctx):
            if "" in args:
                ctx.fail("an argument is empty: is it a variable that has no value?")
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's context class is private
        try:
            with (
                _usage_errors(ctx),
                usable_names(),
                enough_memory(_FREE_SOME),
                ending_as_by_ctrl_c(),
                _old_names(ctx.meta[_QUIET]),
            ):
                return super().invoke(ctx)
        except ArtcnnError as error:
            if ctx.meta[_AS_JSON]:
                typer.echo(json.dumps({"error": error.to_json()}))
            for line in error.lines:
                typer.echo(f"error: {line}", err=True)
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(signals.exit_code()) from error
        except typer.Exit as error:  # a command that has kept what was reached
            raise typer.Exit(signals.exit_code() if error.exit_code == 130 else error.exit_code) from error


@contextmanager
def _usage_errors(ctx: Any) -> Iterator[None]:  # noqa: ANN401 - typer's context class is private
    """Print what typer says of wrong usage as JSON, too, if ``--json`` is among the arguments."""
    try:
        yield
    except typer.TyperException as error:
        if ctx.meta[_AS_JSON]:
            command = getattr(error, "ctx", None) or ctx
            hint = f"{command.command_path} --help"
            typer.echo(json.dumps({"error": {"code": "usage", "message": error.format_message(), "hint": hint}}))
        raise


@contextmanager
def _old_names(quiet: bool) -> Iterator[None]:
    """Say once on stderr what each old name that is used within the block is called now; nothing if ``quiet``."""
    said: set[str] = set()
    with warnings.catch_warnings():
        show = warnings.showwarning

        def show_line(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if not issubclass(category, OldNameWarning):
                show(message, category, filename, lineno, file, line)
            elif str(message) not in said:
                said.add(str(message))
                typer.echo(f"warning: {message}", err=True)

        warnings.showwarning = show_line
        warnings.simplefilter("ignore" if quiet else "always", OldNameWarning)
        yield


app = App(
    "Turn photos into dreams, paintings and films; train networks, and look inside them.",
    kind=_Commands,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: artcnn dream photo.jpg",
)
app.command("dream")(dream.dream)
app.command("style")(style.style)
app.command("texture")(texture.texture)
app.add_typer(sheet.app, name="sheet")
app.command("studio")(studio.studio)
app.command("again")(again.again)
app.command("show")(show.show)
app.command("doctor")(doctor.doctor)
app.command("samples")(copies.samples)
app.command("lessons")(copies.lessons)
app.add_typer(presets.app, name="presets")
app.add_typer(weights.app, name="weights")
for _name in LAZY:
    app.add_typer(group(_name), name=_name)


def _print_version(wanted: bool) -> None:
    if wanted:
        from artcnn import __version__

        typer.echo(f"artcnn {__version__}")
        raise typer.Exit


@app.callback()
def artcnn(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Turn photos into dreams, paintings and films; train networks, and look inside them."""


def main() -> None:
    """Run the command line."""
    out = outputs.tolerate_output_errors()
    try:
        app(prog_name="artcnn")
    except SystemExit as end:
        raise SystemExit(outputs.exit_code(out, end.code)) from None
