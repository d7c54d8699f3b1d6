"""A picture of the documents: what it is made by, and making it."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from making.keep import MASKS

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Picture:
    """A picture of the documents.

    Attributes:
        file: where it is, from the repository's root.
        commands: what is typed, from there, to make what it consists of; or a file that is there. What stands in braces
            is a mask that is drawn for it, or a file that is not in the repository.
        keep: a function of ``keep.py``, with its settings: what becomes of the results.
    """

    file: str
    commands: tuple[str, ...]
    keep: partial[None]

    @property
    def name(self) -> str:
        """Its file's name, without the ending."""
        return Path(self.file).stem

    def make(self, out: Path, given: Mapping[str, str]) -> None:
        """Make it anew as the file ``out``; ``given`` has the files that are not in the repository, by their names."""
        with tempfile.TemporaryDirectory() as folder:
            masks = {name: f"{folder}/{name}.png" for name in MASKS}
            for name, path in masks.items():
                MASKS[name](out=Path(path))
            names = {**given, **masks}
            made = [
                run(words_of(command, names), Path(folder) / str(number), out.suffix)
                for number, command in enumerate(self.commands)
            ]
            self.keep(made, out)


def words_of(command: str, names: Mapping[str, str]) -> list[str]:
    """Return the words of a command, with the files that it names in braces."""
    return [word.format_map(_Known(names)) for word in shlex.split(command)]


class _Known(dict[str, str]):
    """Names; where a result goes is not known yet, and stays as it is."""

    def __missing__(self, name: str) -> str:
        if name in ("out", "folder"):
            return f"{{{name}}}"
        raise MissingError(name)


class MissingError(Exception):
    """A picture needs a file that is not in the repository, and that was not given."""


def run(words: list[str], folder: Path, suffix: str) -> Path:
    """Run a command, or take the file that it is, and return the file that it made.

    Args:
        words: of the command.
        folder: a new one, for what it makes.
        suffix: of a film; a picture is made as PNG.
    """
    if len(words) == 1:
        return ROOT / words[0]
    folder.mkdir()
    is_look = words[:2] == ["artcnn", "inspect"]
    out = folder / ("look" if is_look else f"picture{suffix if suffix == '.webp' else '.png'}")
    if not {"{out}", "{folder}"} & {*words}:
        words = [*words, "--out", "{out}"]
    places = {"{out}": str(out), "{folder}": str(folder)}
    program = [sys.executable, *(["-m", "artcnn"] if words[0] == "artcnn" else [])]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*program, *(places.get(word, word) for word in words[1:])], check=True, cwd=ROOT, env=environment)
    found = [out, out / "sheet.png", out / "picture" / "sheet.png", *sorted(folder.glob("*.jpg"))]
    return next(path for path in found if path.is_file())
