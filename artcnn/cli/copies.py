"""``artcnn samples`` and ``artcnn lessons``: copies of what ships inside the package."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="[FOLDER]", help="A new folder.")]


def samples(folder: Folder = Path("samples")) -> None:
    """Copy the samples that ship into a folder. They are photos, paintings, a digit, a word and a game of Go.

    Examples: artcnn samples · artcnn dream samples/castle.jpg
    """
    from artcnn.files.samples import copy_samples

    typer.echo(f"{folder}: {copy_samples(folder)} samples")


def lessons(folder: Folder = Path("lessons")) -> None:
    """Copy the lessons that ship into a folder. They are ten notebooks, in English (en) and in Chinese (zh).

    They are opened by Jupyter, which has to be installed beside artcnn: pip install jupyterlab

    Examples: artcnn lessons · jupyter lab lessons
    """
    from artcnn.files.samples import copy_lessons

    typer.echo(f"{folder}: {copy_lessons(folder)} notebooks; open them by: jupyter lab {folder}")
