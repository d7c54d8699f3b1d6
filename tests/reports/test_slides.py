"""Sheets for a projector: everything is there once, and no letter is smaller than 1/40 of its slide."""

import pytest
import torch

from artcnn.errors import ArtcnnError
from artcnn.reports import pen
from artcnn.reports.axes import Axes
from artcnn.reports.colormaps import Legend, Scale
from artcnn.reports.i18n import load_catalog
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.reports.sheet import Sheet, draw_sheet
from artcnn.reports.slides import to_slides
from artcnn.reports.style import read_style


def a_sheet(count, columns, groups=1, caption="conv2:{}, silent", axes=None, side=28, scale=3):
    tiles = torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, side, side)
    shared, names = Scale("diverging", -1, 1, message("the change")), Legend(["cat", "dog"])
    keys = [names if at == 0 else shared for at in range(count)]
    headings = [f"a heading of group {at * groups // count}" for at in range(count)]
    captions = [caption.format(at) for at in range(count)]
    title = "a title that is much longer than a slide is wide, so that it has to be continued on another line below it"
    return Sheet(tiles, columns, captions, title, scale, headings, keys, "a note", [axes] * count)


SHEETS = {
    "few": a_sheet(3, 3),
    "many": a_sheet(64, 12, 3),
    "tall captions": a_sheet(9, 9, caption="layer1.0.downsample.1:{}\np = 0.123, ink 45 %\nand a line more"),
    "wide": a_sheet(4, 2, axes=Axes(((0.0, "0"), (1.0, "1 s")), ((0.2, "1 kHz"),))),
    "one": a_sheet(1, 1, side=224, scale=1),
    "rows": a_sheet(22, 7, 11),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHEETS)
def test_letters_are_large_and_every_picture_is_there_once(name, monkeypatch):
    sheet = SHEETS[name]
    slides = to_slides(sheet)
    assert sorted(int(tile[0, 0, 0]) for slide in slides for tile in slide.tiles) == list(range(len(sheet.tiles)))
    for number, slide in enumerate(slides, start=1):
        sizes = []
        write = pen.Pen.write

        def noted(self, at, text, size=12, anchor="la", color=pen.INK, sizes=sizes, write=write):
            sizes.append(self._letters.font(size).size)
            write(self, at, text, size, anchor, color)

        with monkeypatch.context() as patch:
            patch.setattr(pen.Pen, "write", noted)
            drawn = draw_sheet(slide)
        assert min(sizes) >= drawn.height / 40
        assert drawn.width <= 1920
        assert drawn.height <= 1080
        assert slide.title.endswith(f" · {number}/{len(slides)}" if len(slides) > 1 else "below it")


def test_rows_stay_rows():
    """Where there is room for all columns; else there are fewer."""
    slides = to_slides(SHEETS["rows"])
    assert {slide.columns for slide in slides} == {2}, "no heading has more"
    assert to_slides(SHEETS["many"])[0].columns <= 10


def test_rows_below_a_heading_stay_together():
    for slide in to_slides(a_sheet(4 * 18, 9, 4, caption=":{}")):
        assert all(slide.groups.count(heading) == 18 for heading in slide.groups)


def test_a_slide_is_the_sheet_drawn_larger():
    """Of one row, with the same words: the place of each picture is that of a sheet, times the zoom."""
    (slide,) = to_slides(a_sheet(3, 3))
    assert slide.zoom == pytest.approx(2.7)
    assert slide.captions == a_sheet(3, 3).captions
    assert draw_sheet(slide).width > draw_sheet(a_sheet(3, 3)).width


def test_a_finding_is_saved_as_slides(tmp_path):
    tiles = [Tile(message("{unit}", unit=f"conv1:{at}")) for at in range(80)]
    pictures = torch.zeros(80, 1, 28, 28, dtype=torch.uint8)
    found = Finding("activations", message("{layer}", layer="conv1"), [{"unit": "a"}], pictures, tiles, 12)
    files = {path.name for path in found.save(tmp_path / "slides", scale="projector").iterdir()}
    assert {"sheet.png", "sheet-2.png", "values.csv", "run.json"} <= files
    assert len(found.slides()) == sum(name.startswith("sheet") for name in files)
    with pytest.raises(ArtcnnError, match="invalid --scale wall: choose from screen, projector"):
        read_style("en", "wall")
    assert read_style("zh").catalog == load_catalog("zh")
