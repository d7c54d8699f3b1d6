"""One look inside a network, from the names on the command line to the folder with what was found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.cli.inspect.model import check_input, class_of, find, open_model, read_input

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.network import Network
    from artcnn.media.sheet import Sheet

SIDE = 224
"""Longer side, in pixels, of a photo for a pretrained backbone."""


class Look:
    """One look: the network, what it is shown, and the folder that what is found goes to.

    Attributes:
        network: what is looked into.
    """

    network: "Network"

    def __init__(self, command: str, model: str, image: Path | None = None, side: int = SIDE) -> None:
        """Check what is named, then open the network.

        Raises:
            ArtcnnError: there is no such network or picture.
        """
        self._file = find(model)
        if image is not None:
            check_input(image)
        self._command, self._image, self._side, self._folder = command, image, side, Path()
        self.network = open_model(model, side)

    def go_to(self, out: Path | None, *parts: str) -> None:
        """Choose the folder: ``out``, or a new one named after command, network and ``parts``.

        Raises:
            ArtcnnError: it is there already, or cannot be made.
        """
        from artcnn.media.findings import check_new, new_folder

        self._folder = out or new_folder("-".join(("inspect", self._command, self.network.name, *parts)))
        check_new(self._folder)

    def picture(self) -> "Tensor":
        """Return the picture as the network takes it, shape (1, C, H, W), in [0, 1]."""
        assert self._image is not None  # noqa: S101 - a command that asks for it has given it
        return read_input(self.network, self._image, self._side)

    def target(self, name: str | None) -> int | None:
        """Return the number of the answer in question, where one is named."""
        return None if name is None else class_of(self.network, name)

    def answer(self, picture: "Tensor", target: int | None) -> "tuple[int, Tensor]":
        """Return the number of the answer in question, the network's own by default, and all probabilities."""
        import torch

        with torch.no_grad():
            probabilities = self.network.logits(picture).softmax(1)[0]
        return (int(probabilities.argmax()) if target is None else target), probabilities

    def write(
        self,
        sheet: "Sheet",
        arrays: "Mapping[str, Tensor]",
        rows: Sequence[Mapping[str, Any]],
        **settings: Any,  # noqa: ANN401
    ) -> Path:
        """Write what was found, with how it was had; return where the sheet is."""
        from artcnn.hashes import sha256_of
        from artcnn.media.findings import write_findings

        run = {"command": self._command, "model": self.network.name, "model_sha256": sha256_of(self._file)}
        if self._image is not None:
            run |= {"image": str(self._image), "image_sha256": sha256_of(self._image)}
        write_findings(self._folder, sheet, arrays, rows, run | settings)
        return self._folder / "sheet.png"
