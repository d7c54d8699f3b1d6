"""The pictures that are searched for what a unit answers to most."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.files.collection import bundled_photos
from artcnn.files.folder import list_pictures
from artcnn.files.recordings import read_bundled_recordings
from artcnn.files.sound import list_sounds
from artcnn.inspection.inputs import hears, read_input
from artcnn.visualizers.network import Network

_BATCH = 500
_PHOTO_SIDE = 320


class Collection:
    """The pictures that are looked through, one or a batch in memory at a time.

    Attributes:
        origin: where they are from.
        kind: what they are, "pictures" or "recordings".
    """

    def __init__(self, network: Network, folder: Path | None) -> None:
        """Look through a folder; without one, through what ships: digits, spoken or written, or photos and paintings.

        Raises:
            ArtcnnError: there is no such folder, or no picture in it.
        """
        self._network, self._files = network, list[Path]()
        self.kind = "recordings" if hears(network) else "pictures"
        self._examples: Examples | None = None
        self._names = tuple[str, ...]()
        if folder is None and hears(network):
            recordings = read_bundled_recordings()
            self._examples, self.origin = recordings.examples, recordings.examples.name
            self._names = tuple(f"{utterance.label}, {utterance.speaker}" for utterance in recordings.utterances)
            return
        if folder is None and network.input_shape[0] == 1:
            self._examples = load_mnist("train")
            self.origin = self._examples.name
            self._names = tuple(f"#{number}" for number in range(len(self._examples)))
            return
        if folder is None:
            self.origin, self._files = "shipped pictures", bundled_photos()
            return
        self.origin = str(folder)
        self._files = list_sounds(folder) if hears(network) else list_pictures(folder)
        if not self._files:
            raise ArtcnnError(f"--images {self.origin}: there are no {self.kind} in it")

    def __len__(self) -> int:
        return len(self._files if self._examples is None else self._examples)

    def batches(self) -> Iterator[Tensor]:
        """Yield all pictures, some at a time: shape (N, C, H, W), in [0, 1]."""
        if self._examples is not None:
            for indices in torch.split(torch.arange(len(self._examples)), _BATCH):
                yield self._examples.batch(indices)[0]
        else:
            for number in range(len(self._files)):
                yield self.picture(number)

    def picture(self, number: int) -> Tensor:
        """Return one picture, shape (1, C, H, W), in [0, 1]."""
        if self._examples is not None:
            return self._examples.batch(torch.tensor([number]))[0]
        return read_input(self._network, self._files[number], _PHOTO_SIDE)

    def name(self, number: int) -> str:
        """Return what a picture is called."""
        return self._names[number] if self._names else self._files[number].name
