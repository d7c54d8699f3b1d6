"""Collections of pictures that are searched for top patches."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.files.collection import bundled_photos
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.subject import show
from artcnn.visualizers.module_network import ModuleNetwork
from artcnn.visualizers.network import Network

_BATCH_SIZE = 500
_PHOTO_SIDE = 320  # pixels


class Collection(Protocol):
    """Pictures, of which one or a batch is in memory at a time."""

    @property
    def origin(self) -> str:
        """Their origin: a data set or a folder."""

    @property
    def kind(self) -> str:
        """What they are, "pictures" or "recordings"."""

    def __len__(self) -> int: ...

    def batches(self) -> Iterator[Tensor]:
        """Yield all pictures, some at a time: shape (N, C, H, W), in [0, 1]."""

    def picture(self, number: int) -> Tensor:
        """Return one picture, shape (1, C, H, W), in [0, 1]."""

    def name(self, number: int) -> str:
        """Return what a picture is called."""


class _Dataset:
    """Examples of a data set."""

    def __init__(self, examples: Examples, names: Sequence[str], kind: str) -> None:
        self._examples, self._names = examples, names
        self.origin, self.kind = examples.name, kind

    def __len__(self) -> int:
        return len(self._examples)

    def batches(self) -> Iterator[Tensor]:
        for indices in torch.split(torch.arange(len(self)), _BATCH_SIZE):
            yield self._examples.batch(indices)[0]

    def picture(self, number: int) -> Tensor:
        return self._examples.batch(torch.tensor([number]))[0]

    def name(self, number: int) -> str:
        return self._names[number]


class _Files:
    """Files, as a network takes them."""

    def __init__(self, network: Network, files: Sequence[Path], origin: str) -> None:
        self._network, self._files, self._kind = network, files, input_kind(network.kind)
        self.origin, self.kind = origin, self._kind.plural

    def __len__(self) -> int:
        return len(self._files)

    def batches(self) -> Iterator[Tensor]:
        for number in range(len(self)):
            yield self.picture(number)

    def picture(self, number: int) -> Tensor:
        if isinstance(self._network, ModuleNetwork):
            return show(self._network, self._files[number]).picture
        return self._kind.load(self._network, self._files[number], _PHOTO_SIDE)  # without asking what is doubtful

    def name(self, number: int) -> str:
        return self._files[number].name


def open_collection(network: Network, folder: Path | None = None) -> Collection:
    """Return the files in a folder; without one what ships: digits, spoken words, or photos and paintings.

    Raises:
        ArtcnnError: the folder has no such file.
    """
    kind = input_kind(network.kind)
    if folder is not None:
        files = kind.list_files(folder)
        if not files:
            raise ArtcnnError(f"--images {folder}: there are no {kind.plural} in it")
        return _Files(network, files, str(folder))
    if kind.name == "speech":
        from artcnn.files.recordings import read_bundled_recordings  # needs the extra "speech"

        recordings = read_bundled_recordings()
        names = [f"{utterance.label}, {utterance.speaker}" for utterance in recordings.utterances]
        return _Dataset(recordings.examples, names, kind.plural)
    if network.input_shape == (1, 28, 28):
        digits = load_mnist("train")
        return _Dataset(digits, [f"#{number}" for number in range(len(digits))], kind.plural)
    return _Files(network, bundled_photos(), "shipped pictures")
