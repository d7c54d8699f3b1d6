"""A folder of recordings as examples; spectrograms that were made before come from the cache."""

import hashlib
from inspect import getfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.recordings import Recordings
from artcnn.datasets.spectrogram import band_powers
from artcnn.datasets.spoken import find_word
from artcnn.hashes import sha256_of
from artcnn.locations import cached_data_dir
from artcnn.media.atomic import write_whole
from artcnn.media.sound import check_sound, find_recordings, read_word


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
