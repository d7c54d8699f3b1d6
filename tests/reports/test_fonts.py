"""Fonts of sheets have the characters of their language."""

import pytest
import torch
from matplotlib import font_manager

from artcnn.errors import ArtcnnError
from artcnn.reports import fonts
from artcnn.reports.colormaps import Legend, Scale
from artcnn.reports.i18n import load_catalog
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    yield
    fonts._find_chinese.cache_clear()
    fonts._load.cache_clear()


def has_chinese():
    try:
        fonts.load_font("zh", 12)
    except ArtcnnError:
        return False
    return True


needs_chinese = pytest.mark.skipif(not has_chinese(), reason="no font with Chinese is installed")


def found():
    scale = Scale("sequential", 0, 1, message("the change"))
    legend = Legend([str(answer) for answer in range(30)], message("another answer"))
    tiles = [Tile(message("the picture"), key=scale), Tile(message("the change"), key=scale), Tile(key=legend)]
    return Finding(
        look="fool",
        title=message("{network}: why {answer}? (p = {p:.3f})", network="net", answer="3", p=0.5),
        rows=[{"unit": "a"}],
        pictures=torch.zeros(3, 1, 60, 60, dtype=torch.uint8),
        tiles=tiles,
        columns=3,
    )


@needs_chinese
def test_chinese_characters_differ_from_the_box_of_an_unknown_one():
    font = fonts.load_font("zh", 24)
    drawn = {bytes(font.getmask(text)) for text in ("图", "层", "网", "\U0010fffd", "3")}
    assert len(drawn) == 5
    assert "JP" not in font.getname()[0]


@needs_chinese
def test_everything_on_a_sheet_is_in_its_language(monkeypatch):
    """Whatever is written: title, captions, labels of scales and the rest of a legend."""
    written = []
    monkeypatch.setattr("artcnn.reports.pen.Pen.write", lambda self, at, text, *_, **__: written.append(text))
    found().to_pil("zh")
    chinese = load_catalog("zh")
    for template in ("the picture", "the change", "another answer"):
        assert chinese.phrases[template] in written
    assert "net：为什么是 3？（p = 0.500）" in written
    written.clear()
    found().to_pil()
    assert {"net: why 3? (p = 0.500)", "the picture", "the change", "another answer"} <= set(written)


def test_without_such_a_font_it_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    fonts._find_chinese.cache_clear()
    fonts._load.cache_clear()
    with pytest.raises(ArtcnnError, match="^--lang zh: no font with Chinese characters is installed: install one"):
        found().to_pil("zh")
    assert found().to_pil().height > 60
