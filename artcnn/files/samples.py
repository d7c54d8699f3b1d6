"""What ships inside the package to work with: sample photos, paintings, a digit, a word, a game, and the lessons."""

import csv
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile

from artcnn.errors import DataError, OutputExistsError, did_you_mean
from artcnn.files.atomic import check_folder, write_folder
from artcnn.locations import bundled_lessons_dir, bundled_samples_dir


def sample(name: str) -> Path:
    """Return where a sample is, such as ``castle.jpg``, ``digit.png``, ``word.wav`` or ``game.sgf``.

    Raises:
        DataError: there is none of that name.
    """
    names = sorted(path.name for path in bundled_samples_dir().iterdir() if path.suffix != ".csv")
    if name not in names:
        raise DataError(f"there is no sample '{name}'", hint=did_you_mean(name, names))
    return bundled_samples_dir() / name


def copy_samples(folder: Path) -> int:
    """Copy all samples, and the list of their sources and licenses, into a new folder; return their number.

    Raises:
        ArtcnnError: the folder exists, or cannot be written.
    """
    source = bundled_samples_dir()
    with (source / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)]  # in a checkout, what was made of them lies beside them
    return _copy(source, [*(source / name for name in names), source / "MANIFEST.csv"], folder) - 1


def copy_lessons(folder: Path) -> int:
    """Copy the notebooks of all lessons into a new folder, in one for each language; return their number.

    Raises:
        ArtcnnError: the folder exists, or cannot be written.
    """
    source = bundled_lessons_dir()
    return _copy(source, sorted(source.glob("*/*.ipynb")), folder)


def _copy(source: Path, files: Sequence[Path], folder: Path) -> int:
    """Copy files below a folder into a new one; return their number."""
    if folder.exists():
        raise OutputExistsError(f"{folder} already exists", hint="choose another name")
    check_folder(folder)

    def fill(draft: Path) -> None:
        for file in files:
            copy = draft / file.relative_to(source)
            copy.parent.mkdir(exist_ok=True)
            copyfile(file, copy)

    write_folder(folder, fill)
    return len(files)
