"""The command line: the only place that knows of Typer, Rich and exit codes.

Modules in here import nothing but the standard library, typer and ``artcnn.errors`` until a command runs, so that
``--help`` answers at once.
"""

from typing import Annotated, Any

import typer

from artcnn.cli import again, dream, outputs, presets, sheet, show, signals, style, texture, weights
from artcnn.cli.group import ABOUT, Group, group
from artcnn.cli.signals import ending_as_by_ctrl_c
from artcnn.errors import ArtcnnError, enough_memory, usable_names

_FREE_SOME = "end other programs, raise the limit (ulimit -v, or the container's), or ask for something smaller"


class _Commands(Group):
    """The commands, with what every one of them does about errors.

    Its exit code is 1 where the user can mend it, 2 for a mistake of usage, 130 for Ctrl-C, 143 for SIGTERM, 129 for
    SIGHUP.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer names its context class in private
        """Parse the arguments, of which none is empty: as a name it would be the folder that we are in."""
        if "" in args:
            ctx.fail("an argument is empty: is it a variable that has no value?")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer names its context class in private
        try:
            with usable_names(), enough_memory(_FREE_SOME), ending_as_by_ctrl_c():
                return super().invoke(ctx)
        except ArtcnnError as error:
            for line in error.lines:
                typer.echo(f"error: {line}", err=True)
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(signals.exit_code()) from error
        except typer.Exit as error:  # a command that has kept what was reached
            raise typer.Exit(signals.exit_code() if error.exit_code == 130 else error.exit_code) from error


app = typer.Typer(
    cls=_Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,  # its two options make typer import pydantic for every --help
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with: artcnn dream photo.jpg",
)
app.command("dream")(dream.dream)
app.command("style")(style.style)
app.command("texture")(texture.texture)
app.add_typer(sheet.app, name="sheet")
app.command("again")(again.again)
app.command("show")(show.show)
app.add_typer(presets.app, name="presets")
app.add_typer(weights.app, name="weights")
for _name in ABOUT:
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
    """Deep Dream, neural style transfer, and convolutional networks from scratch."""


def main() -> None:
    """Run the command line."""
    out = outputs.keep_telling()
    try:
        app(prog_name="artcnn")
    except SystemExit as end:
        raise SystemExit(outputs.exit_code(out, end.code)) from None
