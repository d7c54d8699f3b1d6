"""What every kind of input has: how it is read from a file, its background, its axes, and what it is called."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.files.read import Picture
    from artcnn.inspection.board import Board
    from artcnn.reports.axes import Axes
    from artcnn.reports.messages import Message
    from artcnn.visualizers.network import InputName, Network

REPORT_DIGIT = 1290
"""Of MNIST's test set: a 3 that could nearly be a 5."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A file as a network takes it.

    Attributes:
        picture: shape (1, C, H, W), in [0, 1].
        doubt: why it may not be what the network knows.
        board: the position, where it is a game.
        notes: what was noticed about the file.
    """

    picture: "Tensor"
    doubt: "Message | None" = None
    board: "Board | None" = None
    notes: Sequence[str] = ()


class InputKind(ABC):
    """A kind of input.

    Attributes:
        name: of the kind, as networks have it.
        noun: one such file, in a message.
        plural: several of them, in a message.
        models: networks that take it, in a message.
        side: the shorter side of every input, in pixels; 0 where it depends on the network.
        sample: the name of such a file in the package.
        methods: the methods of inspection there are; empty for all.
        colored: whether its channels are red, green and blue; else it is bright ink on a black background.
        overlay: whether a map means nothing unless it is laid over the picture.
        square: side of the square that hides a part of it, and pixels from one place to the next: what shows most.
        background: what its background is called.
        brightness: what bright pixels are called.
        moves_down: whether it is the same thing when it is moved down.
        cells: so many places each way can be seen on one sheet.
        masks: so many random masks tell enough, and take no more than minutes.
        no_masks: why no part of it can be hidden at random; empty where it can.
        no_shrinking: why no smaller version of it is the same thing; empty where one is.
    """

    name: "ClassVar[InputName]"
    noun: ClassVar[str] = "a picture"
    plural: ClassVar[str] = "pictures"
    models: ClassVar[str] = "mnist-lecture, or efficientnet-lite0"
    side: ClassVar[int] = 0
    sample: ClassVar[str]
    methods: ClassVar[tuple[str, ...]] = ()
    colored: ClassVar[bool] = False
    overlay: ClassVar[bool] = False
    square: ClassVar[tuple[int, int]] = (5, 1)
    background: ClassVar[str] = "black"
    brightness: ClassVar[str] = "ink"
    moves_down: ClassVar[bool] = True
    cells: ClassVar[int] = 12
    masks: ClassVar[int] = 4000
    no_masks: ClassVar[str] = ""
    no_shrinking: ClassVar[str] = ""

    @abstractmethod
    def check_file(self, path: Path) -> None:
        """Check, without decoding all of it, that a file can be read.

        Raises:
            ArtcnnError: it cannot.
        """

    @abstractmethod
    def load(self, network: "Network", source: "Path | Picture", side: int) -> "Tensor":
        """Return a file, or a picture that was read, as a network takes it: shape (1, C, H, W), in [0, 1].

        Args:
            network: that takes it.
            source: the file, or the picture.
            side: longer side, in pixels, where the network takes any size.

        Raises:
            ArtcnnError: it cannot be read, or the network takes no pictures.
        """

    def read(self, network: "Network", source: "Path | Picture", side: int) -> Reading:
        """Return a source as a network takes it, with doubts and notes; the arguments are those of ``load``."""
        return Reading(self.load(network, source, side))

    def example(self, network: "Network", side: int, digit: int = REPORT_DIGIT) -> "tuple[str, Tensor]":  # noqa: ARG002
        """Return the name of an example in the package, and the example; for digits, one of MNIST's test set."""
        path = self.sample_file()
        return path.name, self.load(network, path, side)

    def sample_file(self) -> Path:
        """Return the path of the sample in the package."""
        from artcnn.locations import bundled_samples_dir

        return bundled_samples_dir() / self.sample

    def list_files(self, folder: Path) -> list[Path]:
        """Return the files of this kind in a folder."""
        from artcnn.files.folder import list_pictures

        return list_pictures(folder)

    def fill_background(self, picture: "Tensor") -> "Tensor":
        """Return what is left when everything is taken away from a picture (1, C, H, W), of the same shape.

        That is black paper, silence, or a photo out of focus: nothing that a network could take for a thing.
        """
        import torch

        return torch.zeros_like(picture)

    def axes(self) -> "Axes | None":
        """Return what the sides of the picture stand for; None for pixels."""
        return None

    def _file(self, network: "Network", source: "Path | Picture") -> Path:
        """Return the file.

        Raises:
            ArtcnnError: it is a picture, and the network takes none.
        """
        if isinstance(source, Path):
            return source
        needs = f"the file of {self.noun}, or a tensor (1, C, H, W)"
        raise ArtcnnError(f"{network.name} takes {needs}, and this is a picture")

    def page_picture(self, picture: "Tensor") -> "Tensor | None":
        """Return what stands beside a finding on a page: the picture, where its channels can be seen."""
        return picture
