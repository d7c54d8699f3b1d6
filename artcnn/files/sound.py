"""Sound files: checked before slow work, and read as one channel at 8000 Hz. Checking imports no torch."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from artcnn.datasets.utterance import OTHER, Utterance
from artcnn.errors import DataError, missing
from artcnn.extras import importing

if TYPE_CHECKING:  # files are checked before the slow import of torch
    import soundfile
    from torch import Tensor

    from artcnn.datasets.spoken import Word

READABLE = "WAV, FLAC, OGG, Opus, MP3, AIFF"

_SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff"}
_FOREIGN = {".m4a", ".aac", ".amr", ".wma", ".3gp", ".caf", ".webm"}  # sounds that libsndfile does not read
_SIGNATURES = (b"RIFF....WAVE", b"RIFX....WAVE", b"RF64....WAVE", b"fLaC", b"OggS", b"ID3", b"FORM....AIF[FC]")

Samples = np.ndarray[Any, np.dtype[np.float32]]

LONGEST = 60
"""Longest recording of a word, in seconds."""

_RATE = 8000  # the same as in ``artcnn.datasets.spectrogram``, which would import torch
_MOST = 1 << 26  # samples in a file
_SLOWEST, _FASTEST = 1000, 1_000_000  # samples a second
_UNKNOWN = (1 << 63) - 1  # libsndfile's number of samples of a FLAC stream
_HEADER = 1 << 16  # bytes of a WAV before its samples

_LABEL = r"[\w .,:/+()-]{1,80}"


def list_sounds(folder: Path) -> list[Path]:
    """Return the sound files of a folder, by ending or content, sorted by name, without hidden files.

    Sounds in formats that cannot be read are included, so that they are reported.
    """
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and is_sound(path))


def is_sound(path: Path) -> bool:
    """Return whether a file is a sound, by ending or content."""
    if path.suffix.lower() in _SUFFIXES | _FOREIGN:
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(12)
    return any(re.match(signature, start, re.DOTALL) for signature in _SIGNATURES)


def find_recordings(folder: Path) -> dict[Path, Utterance]:
    """Return the recordings in a folder, sorted by name: ``LABEL_*.wav``, or a subfolder for each label.

    Raises:
        DataError: there are none, or a name has no label.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}")
    below = {label: list_sounds(label) for label in sorted(folder.iterdir()) if label.is_dir()}
    found = {path: Utterance.parse(label.name, path.stem) for label, paths in below.items() for path in paths}
    if not found:
        for path in list_sounds(folder):
            label, line, rest = path.stem.partition("_")
            if not line:
                raise DataError(f"{path}: its name has no label: call it LABEL_{path.name}")
            found[path] = Utterance.parse(label, rest)
    if not found:
        raise DataError(
            f"{folder}: there are no recordings in it ({READABLE})",
            hint="name them LABEL_SPEAKER_TAKE.wav, or give it a subfolder for each label",
        )
    for label in {utterance.label for utterance in found.values()}:
        if not re.fullmatch(_LABEL, label) or label == OTHER:
            raise DataError(f"{folder}: {label!r} will not do as a label, use letters and digits")
    return found


def check_enough(folder: Path, utterances: Sequence[Utterance]) -> None:
    """Raise a DataError unless there are two labels, with two recordings each: for training and for validation."""
    counts = Counter(one.label for one in utterances)
    if len(counts) < 2:
        raise DataError(f"{folder}: all recordings have the label '{min(counts)}': it takes two to tell them apart")
    single = [label for label, count in counts.items() if count < 2]
    if single:
        raise DataError(
            f"{folder}: the label '{min(single)}' has one recording: it needs two, to learn from and to hold out"
        )


def check_sound(path: Path) -> None:
    """Check the header of a sound file; done before slow work.

    Raises:
        DataError: the file does not exist, is not a sound, or is too long for a word.
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
    """Return the clearest channel of a recording: shape (samples,) at 8000 Hz, usually in [-1, 1].

    Raises:
        DataError: as ``check_sound``, or it is damaged.
    """
    import torch

    with importing("speech"):
        import soundfile
    with _opened(path) as file:
        try:
            samples = file.read(dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, RuntimeError) as error:
            raise DataError(f"{path} is damaged or cut short", hint="get a fresh copy") from error
        rate = file.samplerate
    if not np.isfinite(samples).all():
        raise DataError(f"{path}: some of its samples are not numbers", hint="get a fresh copy")
    return torch.from_numpy(resample(clearest_channel(samples, rate), rate))


def clearest_channel(samples: Samples, rate: int) -> Samples:
    """Return the channel with the highest contrast of loud to quiet parts, shape (samples,).

    Channels are not mixed, because inverted or delayed channels would cancel. A channel more than 30 dB below the
    loudest, such as an unplugged microphone, is ignored.

    Args:
        samples: shape (samples, channels), finite.
        rate: samples a second.
    """
    frame = max(1, rate // 50)
    count = len(samples) // frame
    if samples.shape[1] == 1 or not count:
        return samples[:, 0]
    frames = samples[: count * frame].astype(np.float64).reshape(count, frame, -1)
    loud, quiet = np.quantile(frames.var(1), (0.95, 0.1), axis=0)  # variance ignores a constant offset
    contrast = np.where(loud > 1e-3 * loud.max(), loud / (quiet + 1e-12), -1)
    return samples[:, contrast.argmax()]


def resample(samples: Samples, rate: int) -> Samples:
    """Resample one channel to 8000 Hz."""
    with importing("speech"):
        import soxr

    return samples if rate == _RATE or not len(samples) else soxr.resample(samples, rate, _RATE)


def _opened(path: Path) -> soundfile.SoundFile:
    with importing("speech"):
        import soundfile

    if path.is_dir():
        raise DataError(f"{path} is a folder", hint="give a sound file")
    if not path.exists():
        raise DataError(missing(path))
    source: Path | BytesIO | bytes = _with_length(path)
    if isinstance(source, Path) and os.name == "posix":
        source = os.fsencode(source)  # a name need not be valid text
    try:
        file = soundfile.SoundFile(source)
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise DataError(f"{path} is not a sound that artcnn can read ({READABLE})") from error
    try:
        _check_length(path, file)
    except DataError:
        file.close()
        raise
    return file


def _check_length(path: Path, file: soundfile.SoundFile) -> None:
    """Raise a DataError if a file's header cannot be that of a recorded word."""
    seconds = file.frames / file.samplerate
    if file.frames == _UNKNOWN:
        raise DataError(f"{path} does not say how long it is, as a recorded stream", hint="convert it to WAV")
    if seconds > LONGEST:
        raise DataError(f"{path} lasts {seconds:,.0f} s", hint=f"cut the word out first, in at most {LONGEST} s")
    if not _SLOWEST <= file.samplerate <= _FASTEST or file.frames * file.channels > _MOST:
        raise DataError(
            f"{path}: {file.channels} channels of {file.samplerate:,} samples a second are no recording of a word"
        )


def _with_length(path: Path) -> Path | BytesIO:
    """Return a file to read a sound from; for a WAV whose header says 0 bytes of samples, a corrected copy.

    Programs that write to a pipe cannot go back and fill in the size. (libsndfile handles 0xFFFFFFFF itself.)
    """
    with path.open("rb") as file:
        start = file.read(_HEADER)
        if not re.match(b"RIF[FX]....WAVE", start, re.DOTALL):
            return path
        order: Literal["little", "big"] = "little" if start[3:4] == b"F" else "big"
        at = 12
        while (name := start[at : at + 4]) != b"data" and len(name) == 4:
            size = int.from_bytes(start[at + 4 : at + 8], order)
            at += 8 + size + size % 2
        samples, after = at + 8, start[at + 8 : at + 16]
        length = path.stat().st_size - samples
        empty = int.from_bytes(after[4:8], order) + 8 <= length and after[:4].isalnum()  # another chunk follows
        if start[at : at + 8] != b"data\0\0\0\0" or empty or not 0 < length < _MOST:
            return path
        return BytesIO(start[: at + 4] + length.to_bytes(4, order) + start[samples:] + file.read())
