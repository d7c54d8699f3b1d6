"""Charts that commands draw beside their results."""

from pathlib import Path

import typer

from artcnn.extras import install_command, is_installed, require


def can_draw(what: str, out: Path | None = None, *, quiet: bool = False) -> bool:
    """Return whether a chart can be drawn; say so before any work if it cannot.

    Args:
        what: the chart, for the message.
        out: where the user asked for it, if so.
        quiet: whether to say nothing.

    Raises:
        MissingExtraError: it cannot be drawn, and was asked for.
    """
    if out is not None:
        require("report")
    if is_installed("report"):
        return True
    if not quiet:
        typer.echo(f"note: no {what} will be drawn: {install_command('report')}", err=True)
    return False
