"""``artcnn studio``: the studio is a program of its own, which this starts."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from artcnn.extras import require


def studio(
    host: Annotated[
        str, typer.Option(help="The address to listen at. Any but this machine's own lets others in who have the key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any that is free.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    folder: Annotated[Path | None, typer.Option(help="Where pictures and jobs are kept, if not as usual.")] = None,
) -> None:
    """Open artcnn in the browser: pictures, looks and masks by hand. Nothing leaves this machine.

    Examples: artcnn studio · artcnn studio --port 8000 --no-browser
    """
    require("studio")
    command = [sys.executable, "-m", "artcnn.studio", f"--host={host}", f"--port={port}"]
    command += [] if browser else ["--no-browser"]
    command += [] if folder is None else [f"--folder={folder}"]
    if sys.platform == "win32":  # there, a program cannot take the place of another
        import subprocess

        raise typer.Exit(subprocess.call(command))  # noqa: S603 - our own program
    os.execv(command[0], command)  # noqa: S606 - it needs no shell
