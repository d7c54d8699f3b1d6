"""Sound files: checked before the slow work, read as one channel at the rate that spectrograms are made from.

Quick: checking needs no torch.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
import soxr

from artcnn.datasets.said import OTHER, Said
from artcnn.errors import DataError

if TYPE_CHECKING:  # what a file holds is checked before the slow import of torch
    from torch import Tensor

    from artcnn.datasets.spoken import Word

SUFFIXES = {".wav", ".flac", ".ogg", ".mp3"}
"""Endings of the files that are listened to where a folder is given."""

LONGEST = 60
"""Seconds; a word is said in one of them."""

_RATE = 8000  # as ``artcnn.datasets.spectrogram`` has it, which would import torch
_MOST = 1 << 26  # numbers in a file: an hour of stereo is no word
_SLOWEST, _FASTEST = 1000, 1_000_000  # samples a second

_LABEL = r"[\w .,:/+()-]{1,80}"


def sounds_in(folder: Path) -> list[Path]:
    """Return the sound files of a folder by their endings, in order of their names; hidden ones are left out."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))


def find_recordings(folder: Path) -> dict[Path, Said]:
    """Return the recordings in a folder, ``LABEL_*.wav`` or a subfolder for each label, in order of their names.

    Raises:
        DataError: there are none, or a name gives no label.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}")
    below = {label: sounds_in(label) for label in sorted(folder.iterdir()) if label.is_dir()}
    found = {path: Said.of(label.name, path.stem) for label, paths in below.items() for path in paths}
    if not found:
        for path in sounds_in(folder):
            label, line, rest = path.stem.partition("_")
            if not line:
                raise DataError(f"{path}: its name has no label: call it LABEL_{path.name}")
            found[path] = Said.of(label, rest)
    if not found:
        raise DataError(
            f"{folder}: there are no recordings in it (WAV, FLAC, OGG, MP3): name them LABEL_SPEAKER_TAKE.wav, "
            "or give it a subfolder for each label"
        )
    for label in {said.label for said in found.values()}:
        if not re.fullmatch(_LABEL, label) or label == OTHER:
            raise DataError(f"{folder}: {label!r} will not do as a label, use letters and digits")
    return found


def check_enough(folder: Path, said: Sequence[Said]) -> None:
    """Check that there are two labels, and of each two recordings, to learn from and to hold out.

    Raises:
        DataError: there are not.
    """
    counts = Counter(one.label for one in said)
    if len(counts) < 2:
        raise DataError(f"{folder}: all recordings have the label '{min(counts)}': it takes two to tell them apart")
    single = [label for label, count in counts.items() if count < 2]
    if single:
        raise DataError(
            f"{folder}: the label '{min(single)}' has one recording: it needs two, to learn from and to hold out"
        )


def check_sound(path: Path) -> None:
    """Check, before the slow work, that a file is a recording that can be read; only its header is.

    Raises:
        DataError: there is no such file, it is no sound, or it is too long for a word.
    """
    with _opened(path):
        pass


def read_word(path: Path) -> Word:
    """Return the word in a sound file.

    Raises:
        DataError: the file cannot be read as a recording of a word.
    """
    from artcnn.datasets.spoken import find_word

    return find_word(read_sound(path))


def read_sound(path: Path) -> Tensor:
    """Return a recording, its channels mixed down: shape (samples,) at 8000 Hz, in [-1, 1] as a rule.

    Raises:
        DataError: as ``check_sound``, or it is damaged.
    """
    import torch

    with _opened(path) as file:
        try:
            samples = file.read(dtype="float32", always_2d=True).mean(1)
        except (soundfile.SoundFileError, RuntimeError) as error:
            raise DataError(f"{path} is damaged or cut short: get a fresh copy") from error
        rate = file.samplerate
    return torch.from_numpy(resampled(samples, rate, path))


def resampled(samples: np.ndarray[Any, np.dtype[np.float32]], rate: int, source: object) -> Any:  # noqa: ANN401
    """Return samples of one channel at 8000 Hz.

    Raises:
        DataError: some of them are no numbers.
    """
    if not np.isfinite(samples).all():
        raise DataError(f"{source}: some of its samples are not numbers: get a fresh copy")
    if rate == _RATE or not len(samples):
        return samples
    return soxr.resample(samples, rate, _RATE)


def _opened(path: Path) -> soundfile.SoundFile:
    if path.is_dir():
        raise DataError(f"{path} is a folder: give a sound file")
    if not path.exists():
        raise DataError(f"no such file: {path}")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise DataError(f"{path} is not a sound that artcnn can read (WAV, FLAC, OGG, MP3)") from error
    seconds = file.frames / file.samplerate
    if not _SLOWEST <= file.samplerate <= _FASTEST or file.frames * file.channels > _MOST or seconds > LONGEST:
        file.close()
        raise DataError(
            f"{path} lasts {seconds:,.0f} s: cut the word out first, in at most {LONGEST} s"
            if seconds > LONGEST
            else f"{path}: {file.channels} channels of {file.samplerate:,} samples a second are no recording of a word"
        )
    return file
