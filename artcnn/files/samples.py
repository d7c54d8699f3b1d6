"""The samples that ship inside the package: photos, paintings, a digit, a word and a game."""

from pathlib import Path

from artcnn.errors import DataError, did_you_mean
from artcnn.locations import bundled_samples_dir


def sample(name: str) -> Path:
    """Return where a sample is, such as ``castle.jpg``, ``digit.png``, ``word.wav`` or ``game.sgf``.

    Raises:
        DataError: there is none of that name.
    """
    names = sorted(path.name for path in bundled_samples_dir().iterdir() if path.suffix != ".csv")
    if name not in names:
        raise DataError(f"there is no sample '{name}'", hint=did_you_mean(name, names))
    return bundled_samples_dir() / name
