"""A folder of recordings as examples; spectrograms that were made before come from the cache."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from inspect import getfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.others import OTHER
from artcnn.datasets.recordings import Recordings, Said
from artcnn.datasets.spectrogram import band_powers
from artcnn.datasets.spoken import find_word
from artcnn.errors import DataError
from artcnn.hashes import sha256_of
from artcnn.locations import cached_data_dir
from artcnn.media.atomic import write_whole
from artcnn.media.sound import check_sound, read_word, sounds_in

_LABEL = r"[\w .,:/+()-]{1,80}"


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


def read_recordings(folder: Path) -> Recordings:
    """Return the recordings in a folder as spectrograms, (N, 1, BANDS, FRAMES), bytes of 0 to 255.

    Raises:
        DataError: as ``find_recordings``, or one of them cannot be read.
    """
    found = find_recordings(folder)
    for path in found:
        check_sound(path)
    inputs = _spectrograms(list(found))
    classes = tuple(sorted({said.label for said in found.values()}))
    labels = torch.tensor([classes.index(said.label) for said in found.values()])
    examples = Examples(inputs, labels, classes, "a folder of recordings")
    return Recordings(examples, tuple(str(path.relative_to(folder)) for path in found), tuple(found.values()))


def _spectrograms(paths: list[Path]) -> Tensor:
    """Return the words' spectrograms, from the cache where the very same files were read before."""
    digest = hashlib.sha256(b"".join(bytes.fromhex(sha256_of(path)) for path in paths))
    for source in (band_powers, find_word):  # made in another way, they are other pictures
        digest.update(Path(getfile(source)).read_bytes())
    cached = cached_data_dir() / f"speech-{digest.hexdigest()[:32]}.safetensors"
    if cached.exists():
        try:
            return load(cached.read_bytes())["inputs"]
        except (SafetensorError, KeyError, OSError):
            cached.unlink(missing_ok=True)  # a damaged copy of what can be made anew
    inputs = torch.cat([read_word(path).spectrogram for path in paths]).mul(255).round().byte()
    cached.parent.mkdir(parents=True, exist_ok=True)
    write_whole(cached, save({"inputs": inputs}))
    return inputs
