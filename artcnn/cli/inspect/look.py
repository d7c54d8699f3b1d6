"""One look inside a network, from the names on the command line to the folder with what was found."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from artcnn.errors import ArtcnnError
from artcnn.inspection.inputs import annotate, check_input, plays, read_board, read_doubtful
from artcnn.inspection.models import find, open_model
from artcnn.inspection.names import class_of
from artcnn.inspection.outline import outline

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspection.board import Board
    from artcnn.inspection.progress import Progress
    from artcnn.reports.messages import Message
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network

_OF_BOARDS = "layers", "filters", "activations", "saliency"
_OF_ANSWERS = "saliency", "occlusion", "fool", "check"

SIDE = 224
"""Longer side, in pixels, of a photo for a pretrained backbone."""


class Look:
    """One look: the network, what it is shown, and the folder that what is found goes to.

    Attributes:
        network: what is looked into.
        doubt: why the picture may not be what the network knows, once it was read.
        board: the position, where the network plays Go, once it was read.
    """

    network: "Network"
    doubt: "Message | None" = None
    board: "Board | None" = None

    def __init__(
        self,
        command: str,
        model: str,
        image: Path | None = None,
        side: int = SIDE,
        *,
        size: int | None = None,
        units: Sequence[str] = (),
        target: str | None = None,
    ) -> None:
        """Check what is named, as far as that goes before torch is loaded, then open the network.

        Args:
            command: which look.
            model: the network.
            image: what it is shown.
            side: longer side of a photo, in pixels, where nobody asks for another.
            size: that somebody asks for.
            units: as LAYER or LAYER:UNIT.
            target: the answer in question.

        Raises:
            ArtcnnError: there is no such network, picture, unit or answer.
        """
        known = outline(model)
        if known.kind == "go" and command not in _OF_BOARDS:
            ways = ", ".join(_OF_BOARDS)
            raise ArtcnnError(f"{known.name} plays Go, and '{command}' is for pictures: look by {ways}")
        known.check_size(size)
        if image is not None:
            known.check_input(image)
            check_input(image)
        for unit in units:
            known.check_unit(unit)
        if target is not None:
            known.check_class(target)
        elif command in _OF_ANSWERS:
            known.check_classes()
        self._file = find(model)
        self._command, self._model, self._image, self._folder = command, model, image, Path()
        self._side = size or side
        self.network = open_model(model, self._side)

    def go_to(self, out: Path | None, *parts: str) -> None:
        """Choose the folder: ``out``, or a new one named after command, network and ``parts``.

        Raises:
            ArtcnnError: it is there already, or cannot be made.
        """
        from artcnn.reports.results import check_new_folder, unique_folder

        self._folder = out or unique_folder("-".join(("inspect", self._command, self.network.name, *parts)))
        check_new_folder(self._folder)

    def picture(self) -> "Tensor":
        """Return the picture as the network takes it, shape (1, C, H, W), in [0, 1]; say what is doubtful about it."""
        assert self._image is not None  # noqa: S101 - a command that asks for it has given it
        if plays(self.network):
            picture, self.board, notes = read_board(self.network, self._image)
            for note in notes:
                typer.echo(f"note: {self._image}: {note}", err=True)
            return picture
        picture, self.doubt = read_doubtful(self.network, self._image, self._side)
        if self.doubt is not None:
            typer.echo(f"{self._image}: {self.doubt}", err=True)
        return picture

    def move_probabilities(self) -> "Tensor | None":
        """Return how probable each move is, as ``artcnn go suggest`` has it; None where the network plays no Go."""
        if self.board is None:
            return None
        from artcnn.inspection.board import move_probabilities

        return move_probabilities(self.network, self.board)

    def progress(self, quiet: bool) -> "Progress":
        """Return what shows the progress on stderr, or nowhere."""
        from artcnn.inspection.progress import silent

        return silent if quiet else partial(typer.echo, err=True)

    def target(self, name: str | None) -> int | None:
        """Return the number of the answer in question, where one is named."""
        return None if name is None else class_of(self.network, name)

    def run(self) -> dict[str, Any]:
        """Return what was looked into and at, with the sha256 of both."""
        from artcnn.hashes import sha256_of

        run: dict[str, Any] = {"model": self.network.name, "model_sha256": sha256_of(self._file)}
        if self._image is not None:
            run |= {"image": str(self._image), "image_sha256": sha256_of(self._image)}
        return run

    def doubts(self) -> dict[str, str]:
        """Return why the picture may not be what the network knows, for the settings."""
        return {} if self.doubt is None else {"doubt": str(self.doubt)}

    def write(self, finding: "Finding", html: bool = False) -> Path:
        """Write what was found, with how it was had, and a page of it with ``html``; return what to look at."""
        from artcnn.reports.results import write_finding

        finding = annotate(finding, self.network, self.doubt)
        run = {"command": self._command, **self.run(), **self.doubts(), **finding.settings}
        if not html:
            folder = write_finding(self._folder, finding, run)
            return folder / ("values.csv" if finding.pictures is None else "sheet.png")
        from artcnn.reports.html_report import Page, render
        from artcnn.reports.i18n import load_catalog
        from artcnn.reports.messages import message

        title = message("What {network} has learnt", network=self.network.name)
        page = render(Page(title, [finding], self.run(), self.network.name, doubt=self.doubt), load_catalog("en"))
        return write_finding(self._folder, finding, run, page) / "page.html"

    def write_parts(self, findings: "Mapping[str, Finding]", image: str, html: bool = False) -> Path:
        """Write what was found into a folder for each part, and a page of all with ``html``; return the folder."""
        from artcnn.reports.html_report import Page, render
        from artcnn.reports.i18n import load_catalog
        from artcnn.reports.messages import message
        from artcnn.reports.results import write_findings

        # The lecture's example is no picture of anyone's.
        findings = {
            part: one if part == "example" else annotate(one, self.network, self.doubt)
            for part, one in findings.items()
        }
        run = {"command": self._command, "image": image, **self.run(), **self.doubts()}
        if not html:
            return write_findings(self._folder, findings, run)
        title = message("What a convolution computes: {network}", network=self.network.name)
        made = Page(title, list(findings.values()), self.run(), self.network.name, doubt=self.doubt)
        page = render(made, load_catalog("en"))
        return write_findings(self._folder, findings, run, page)

    def write_report(self, page: str, run: Mapping[str, Any]) -> Path:
        """Write a page of many findings, with how they were had; return where it is."""
        from artcnn.reports.results import write_report

        return write_report(self._folder, page, {"command": self._command, **run}) / "report.html"
