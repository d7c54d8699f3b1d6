"""Read a folder of recordings as examples; spectrograms are cached."""

import hashlib
from collections.abc import Callable
from inspect import getfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.recordings import Recordings
from artcnn.datasets.spectrogram import RATE, band_powers
from artcnn.datasets.spoken import find_word
from artcnn.datasets.utterance import Utterance
from artcnn.errors import DataError
from artcnn.files.cache import discard, store
from artcnn.files.sound import find_recordings, read_sound, read_word
from artcnn.hashes import sha256_of
from artcnn.locations import bundled_spoken_dir, cached_data_dir


def read_recordings(folder: Path, skip: Callable[[DataError], None]) -> Recordings:
    """Return the recordings in a folder as spectrograms, shape (N, 1, BANDS, FRAMES), uint8.

    Args:
        folder: the folder.
        skip: called with the error of each recording that cannot be read.

    Raises:
        DataError: as ``find_recordings``, or no recording of a label can be read.
    """
    found = find_recordings(folder)
    inputs, errors = _spectrograms(list(found))
    classes = tuple(sorted({utterance.label for utterance in found.values()}))
    missing = set(classes) - {found[path].label for path in inputs}
    if missing:
        raise DataError(f"no recording of '{min(missing)}' can be read: {errors[0]}")
    for error in errors:
        skip(error)
    labels = torch.tensor([classes.index(found[path].label) for path in inputs])
    examples = Examples(torch.cat(list(inputs.values())), labels, classes, "a folder of recordings")
    files = tuple(str(path.relative_to(folder)) for path in inputs)
    return Recordings(examples, files, tuple(found[path] for path in inputs))


def read_bundled_recordings() -> Recordings:
    """Return the bundled spoken digits, made by a synthesizer: one file for each voice, one word a second."""
    inputs, utterances, files = [], [], []
    for path in sorted(bundled_spoken_dir().glob("*.ogg")):
        seconds = torch.split(read_sound(path), RATE)
        inputs += [find_word(second).spectrogram for second in seconds]
        utterances += [Utterance(f"{index % 10}", path.stem, index // 10) for index in range(len(seconds))]
        files += [f"{path.name}, second {index}" for index in range(len(seconds))]
    classes = tuple("0123456789")
    labels = torch.tensor([classes.index(one.label) for one in utterances])
    examples = Examples(torch.cat(inputs).mul(255).round().byte(), labels, classes, "digits of a synthesizer")
    return Recordings(examples, tuple(files), tuple(utterances))


def _spectrograms(paths: list[Path]) -> tuple[dict[Path, Tensor], list[DataError]]:
    """Return the spectrograms of the words, and the errors of files that cannot be read.

    They are cached under the files' contents and the source code that makes them.
    """
    digest = hashlib.sha256(b"".join(bytes.fromhex(sha256_of(path)) for path in paths))
    for source in (band_powers, find_word, read_sound):  # other code makes other spectrograms
        digest.update(Path(getfile(source)).read_bytes())
    cached = cached_data_dir() / f"speech-{digest.hexdigest()[:32]}.safetensors"
    try:
        return dict(zip(paths, load(cached.read_bytes())["inputs"].unsqueeze(1), strict=True)), []
    except OSError:
        pass  # not cached yet, or not readable
    except (SafetensorError, KeyError, ValueError):
        discard(cached)  # damaged
    inputs, errors = {}, []
    for path in paths:
        try:
            inputs[path] = read_word(path).spectrogram.mul(255).round().byte()
        except DataError as error:
            errors.append(error)
    if not errors:  # bad files are reported every time
        store(cached, save({"inputs": torch.cat(list(inputs.values()))}))
    return inputs, errors
