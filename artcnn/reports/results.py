"""Findings of inspection methods: a sheet of pictures, a table, raw data and settings; and their folders."""

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
from artcnn.reports.slides import to_slides
from artcnn.reports.style import Style, read_style
from artcnn.visualizers.convolution import Convolution
from artcnn.visualizers.receptive_field import ReceptiveField

Rows = Sequence[Mapping[str, Any]]
"""Rows of a table, all with the same keys."""


@dataclass(frozen=True, eq=False)
class Tile:
    """The description of one picture of a finding.

    Attributes:
        caption: below the picture; empty for an empty tile.
        row: index of its row in the table.
        unit: LAYER:UNIT; for a ReLU, that of the layer before it.
        group: heading shared with adjacent tiles.
        field: for a map, its receptive field.
        grid: for a map, its rows and columns.
        laid: for a map, whether values are drawn at the centers of their receptive fields, instead of as a grid.
        key: scale or legend of its colors, or None.
        axes: of the picture, or None.
        values: for a map, its values, shape ``grid``.
        kernel: for a map of the finding's convolution, or of the ReLU after it, the index of the kernel.
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
    """The result of one inspection method.

    Attributes:
        look: name of the method: ``filters``, ``maximize-class`` ...
        title: of the sheet.
        rows: the table.
        pictures: shape (N, 1 or 3, H, W), uint8; None if there is only a table.
        tiles: descriptions of the pictures.
        columns: pictures in a row.
        scale: factor by which pixels are enlarged.
        arrays: raw data by name.
        settings: of the method.
        picture: the input picture, shape (1, C, H, W) in [0, 1]; it is the first tile then.
        convolution: some tiles are its maps; a page shows each of their values as a sum.
        matrix: whether a page shows the convolution also as a matrix.
        note: a warning, such as that the picture does not suit the network.
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

    def to_pil(self, lang: str = "en") -> Image.Image:
        """Return the sheet as a picture.

        Args:
            lang: language of what stands on it: en or zh.

        Raises:
            ArtcnnError: this finding has only a table, or no font has the language's characters.
        """
        return draw_sheet(_sheet(self, self._drawn(), read_style(lang)))

    def slides(self, lang: str = "en") -> list[Image.Image]:
        """Return the sheet as pictures for a projector, 1920 x 1080 pixels at most, letters at least 1/40 of that.

        Args:
            lang: language of what stands on them: en or zh.

        Raises:
            ArtcnnError: this finding has only a table, or no font has the language's characters.
        """
        return [draw_sheet(slide) for slide in to_slides(_sheet(self, self._drawn(), read_style(lang)))]

    def _drawn(self) -> Tensor:
        if self.pictures is None:
            raise ArtcnnError(f"{self.look} gives a table, not a picture", hint="look at its rows")
        return self.pictures

    def save(self, folder: Path | str, lang: str = "en", scale: str = "screen") -> Path:
        """Write sheet, table, data and settings into a new folder; return its path.

        Args:
            folder: a new one.
            lang: language of what stands on the sheet: en or zh.
            scale: screen, or projector for slides.

        Raises:
            ArtcnnError: the folder exists, or cannot be written.
        """
        check_new_folder(Path(folder))
        run = {"command": self.look, **self.settings}
        return write_finding(Path(folder), self, run, read_style(lang, scale))

    def _repr_html_(self) -> str:
        return finding_html(self)


def unique_folder(name: str) -> Path:
    """Return a new folder name: ``name``, else ``name-2`` and so on."""
    return unique_path(lambda number: Path(fit_name(name, number)))


def check_new_folder(path: Path) -> None:
    """Raise an OutputExistsError if a path exists, or another ArtcnnError if a folder cannot be made there."""
    if os.path.lexists(path):
        raise OutputExistsError(f"{path} already exists", hint="choose another --out, or delete it")
    check_folder(path)


def make_folder(path: Path) -> Path:
    """Make a new folder, with a number if the name exists by then; return its path.

    Raises:
        ArtcnnError: it cannot be made there.
    """
    return write_folder(path, lambda _: None)


def write_finding(path: Path, finding: Finding, run: Mapping[str, Any], style: Style, page: str | None = None) -> Path:
    """Write ``sheet.png``, ``data.npz``, ``values.csv`` and ``run.json`` into a new folder; return its path.

    Of several slides those behind the first are ``sheet-2.png`` and so on. A finding with only a table has
    neither sheet nor data.

    Args:
        path: the folder.
        finding: what was found.
        run: model, settings and seed.
        style: of the sheet.
        page: content of ``page.html``, if wanted.

    Raises:
        ArtcnnError: it cannot be written there.
    """

    def fill(folder: Path) -> None:
        _fill(folder, finding, run, style)
        if page is not None:
            _write_page(folder / "page.html", page)

    return write_folder(path, fill)


def write_findings(
    path: Path, findings: Mapping[str, Finding], run: Mapping[str, Any], style: Style, page: str | None = None
) -> Path:
    """Write several findings into subfolders of a new folder, as ``write_finding`` does.

    Args:
        path: the folder.
        findings: by name of the subfolder.
        run: model, settings and seed of all.
        style: of the sheets.
        page: content of ``page.html``, if wanted.

    Raises:
        ArtcnnError: it cannot be written there.
    """

    def fill(folder: Path) -> None:
        for name, finding in findings.items():
            (folder / name).mkdir()
            _fill(folder / name, finding, {**run, **finding.settings}, style)
        if page is not None:
            _write_page(folder / "page.html", page)

    return write_folder(path, fill)


def _fill(folder: Path, finding: Finding, run: Mapping[str, Any], style: Style) -> None:
    """Write the files of a finding into a folder."""
    if finding.pictures is not None:
        sheet = _sheet(finding, finding.pictures, style)
        for number, one in enumerate(to_slides(sheet) if style.projector else [sheet], start=1):
            write_sheet(folder / ("sheet.png" if number == 1 else f"sheet-{number}.png"), one)
    if finding.arrays:
        raw: dict[str, Any] = {name: array.cpu().numpy() for name, array in finding.arrays.items()}
        np.savez_compressed(folder / "data.npz", **raw)
    with (folder / "values.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, finding.rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(finding.rows)
    (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")


def _sheet(finding: Finding, pictures: Tensor, style: Style) -> Sheet:
    tiles, catalog = finding.tiles, style.catalog
    return Sheet(
        pictures,
        finding.columns,
        captions=[catalog.translate(tile.caption) for tile in tiles],
        title=catalog.translate(finding.title),
        scale=finding.scale,
        groups=[catalog.translate(tile.group) for tile in tiles],
        keys=[tile.key for tile in tiles],
        note=catalog.translate(finding.note),
        axes=[tile.axes for tile in tiles],
        catalog=catalog,
    )


def write_report(path: Path, page: str, run: Mapping[str, Any]) -> Path:
    """Write ``report.html`` and ``run.json`` into a new folder, atomically; return its path.

    Raises:
        ArtcnnError: it cannot be written there.
    """

    def fill(folder: Path) -> None:
        _write_page(folder / "report.html", page)
        (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")

    return write_folder(path, fill)


def _write_page(path: Path, page: str) -> None:
    # File names need not be valid text; invalid characters become question marks.
    path.write_text(page, encoding="utf-8", errors="replace")
