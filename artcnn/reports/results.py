"""What a look inside a network found: a sheet to look at, the numbers, and how they were had; and its folder."""

import csv
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from artcnn.errors import ArtcnnError, OutputExistsError
from artcnn.files.atomic import check_folder, write_folder
from artcnn.files.file_names import fit_name, unique_path
from artcnn.reports.axes import Axes
from artcnn.reports.colormaps import Key
from artcnn.reports.messages import EMPTY_MESSAGE, Message
from artcnn.reports.notebook import finding_html
from artcnn.reports.sheet import Sheet, draw_sheet, write_sheet
from artcnn.visualizers.convolution import Convolution
from artcnn.visualizers.receptive_field import ReceptiveField

Rows = Sequence[Mapping[str, Any]]
"""Lines of a table, all with the same headings."""


@dataclass(frozen=True, eq=False)
class Tile:
    """What is to be said of one of the small pictures.

    Attributes:
        caption: what stands below it; nothing for a place that stays free.
        row: number of the row of the table that tells of it.
        unit: which unit's it is, as LAYER:UNIT; a ReLU has none of its own, but those of the layer before it.
        group: what it stands under, together with those before and after it.
        field: of a map, what of the picture each of its places sees.
        grid: of a map, its places down and across.
        laid: of a map, whether each place is drawn in the middle of what it sees, not as its part of the map.
        key: which of its colors stands for which number or answer, where they stand for one.
        axes: what its sides stand for, where they are no pixels.
        values: of a map, the number at each of its places, shape ``grid``.
        kernel: of a map of the finding's convolution, or of the ReLU behind it, which kernel made it.
    """

    caption: Message = EMPTY_MESSAGE
    row: int | None = None
    unit: str = ""
    group: Message = EMPTY_MESSAGE
    field: ReceptiveField | None = None
    grid: tuple[int, int] = (1, 1)
    laid: bool = False
    key: Key | None = None
    values: Tensor | None = None
    kernel: int | None = None
    axes: Axes | None = None


@dataclass(frozen=True, eq=False)
class Finding:
    """What one look found.

    Attributes:
        look: which look: ``filters``, ``maximize-class`` ...
        title: what there is to see.
        rows: numbers, a line each.
        pictures: small pictures, shape (N, 1 or 3, H, W), bytes of 0 to 255; none for a look that gives a table alone.
        tiles: what is to be said of each of them.
        columns: pictures in a row.
        scale: how many times as large each pixel is drawn.
        arrays: raw numbers by name, as they were computed.
        settings: how they were had.
        picture: what was looked at, shape (1, C, H, W) in [0, 1]; the first tile is that picture then.
        convolution: of which some tiles are maps; a page shows each of their numbers as a sum.
        matrix: whether a page shows the convolution as a matrix, too.
        note: why all of it may mean little: a picture that is not what the network knows.
    """

    look: str
    title: Message
    rows: Rows
    pictures: Tensor | None = None
    tiles: Sequence[Tile] = ()
    columns: int = 1
    scale: int = 1
    arrays: Mapping[str, Tensor] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    picture: Tensor | None = None
    convolution: Convolution | None = None
    matrix: bool = False
    note: Message = EMPTY_MESSAGE

    def __repr__(self) -> str:
        return f"<Finding of {self.look}: {self.title}>"

    def to_pil(self) -> Image.Image:
        """Return the sheet as a picture.

        Raises:
            ArtcnnError: this finding is a table alone.
        """
        if self.pictures is None:
            raise ArtcnnError(f"{self.look} finds a table, no picture", hint="look at its rows")
        return draw_sheet(_sheet(self, self.pictures))

    def save(self, folder: Path | str) -> Path:
        """Write the sheet, the numbers and the settings into a new folder; return where it is.

        Raises:
            ArtcnnError: it is there already, or cannot be written there.
        """
        check_new_folder(Path(folder))
        return write_finding(Path(folder), self, {"command": self.look, **self.settings})

    def _repr_html_(self) -> str:
        return finding_html(self)


def unique_folder(name: str) -> Path:
    """Return a folder's name that is not taken: ``name``, else ``name-2`` and so on."""
    return unique_path(lambda number: Path(fit_name(name, number)))


def check_new_folder(path: Path) -> None:
    """Raise an OutputExistsError where a folder of findings cannot be made, or something has its name."""
    if os.path.lexists(path):
        raise OutputExistsError(f"{path} already exists", hint="choose another --out, or delete it")
    check_folder(path)


def make_folder(path: Path) -> Path:
    """Make a new folder, under another name where something took that one meanwhile; return where it is.

    Raises:
        ArtcnnError: it cannot be made there.
    """
    return write_folder(path, lambda _: None)


def write_finding(path: Path, finding: Finding, run: Mapping[str, Any], page: str | None = None) -> Path:
    """Write ``sheet.png``, ``data.npz``, ``values.csv`` and ``run.json`` into a new folder; return where it is.

    A finding that is a table alone has neither of the first two. All of them are there, or none.

    Args:
        path: the folder.
        finding: what was found.
        run: model, settings and seed.
        page: ``page.html``, where there is one.

    Raises:
        ArtcnnError: it cannot be written there.
    """

    def fill(folder: Path) -> None:
        _fill(folder, finding, run)
        if page is not None:
            _write_page(folder / "page.html", page)

    return write_folder(path, fill)


def write_findings(
    path: Path, findings: Mapping[str, Finding], run: Mapping[str, Any], page: str | None = None
) -> Path:
    """Write several findings into a new folder, each into one of its own there, as ``write_finding`` does.

    Args:
        path: the folder.
        findings: by the names of their folders.
        run: model, settings and seed of all; each has its own settings, too.
        page: ``page.html``, where there is one: of all.

    Raises:
        ArtcnnError: it cannot be written there.
    """

    def fill(folder: Path) -> None:
        for name, finding in findings.items():
            (folder / name).mkdir()
            _fill(folder / name, finding, {**run, **finding.settings})
        if page is not None:
            _write_page(folder / "page.html", page)

    return write_folder(path, fill)


def _fill(folder: Path, finding: Finding, run: Mapping[str, Any]) -> None:
    """Write the files of a finding into a folder."""
    if finding.pictures is not None:
        write_sheet(folder / "sheet.png", _sheet(finding, finding.pictures))
    if finding.arrays:
        raw: dict[str, Any] = {name: array.cpu().numpy() for name, array in finding.arrays.items()}
        np.savez_compressed(folder / "data.npz", **raw)
    with (folder / "values.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, finding.rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(finding.rows)
    (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")


def _sheet(finding: Finding, pictures: Tensor) -> Sheet:
    tiles = finding.tiles
    captions, groups = [str(tile.caption) for tile in tiles], [str(tile.group) for tile in tiles]
    keys, axes = [tile.key for tile in tiles], [tile.axes for tile in tiles]
    return Sheet(
        pictures, finding.columns, captions, str(finding.title), finding.scale, groups, keys, str(finding.note), axes
    )


def write_report(path: Path, page: str, run: Mapping[str, Any]) -> Path:
    """Write ``report.html`` and ``run.json`` into a new folder, both or none; return where it is.

    Raises:
        ArtcnnError: it cannot be written there.
    """

    def fill(folder: Path) -> None:
        _write_page(folder / "report.html", page)
        (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")

    return write_folder(path, fill)


def _write_page(path: Path, page: str) -> None:
    # A file's name need not be text; what is not is shown as a question mark.
    path.write_text(page, encoding="utf-8", errors="replace")
