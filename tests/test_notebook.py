"""What objects show in a notebook: escaped, small, without scripts or colors that a dark page would swallow."""

import re
from html.parser import HTMLParser

import pytest
import torch

import artcnn
from artcnn.errors import ArtcnnError
from artcnn.notebook import card, folded, paragraph, table
from artcnn.reports.colormaps import fit_scale
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile


class Reader(HTMLParser):
    """Collects text, and what is folded; every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.tags, self.seen, self.folded = [], set(), "", ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, _):
        self.tags.add(tag)
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "details" in self.open and "summary" not in self.open:
            self.folded += f"{data} "
        else:
            self.seen += f"{data} "


def shown(thing: object) -> Reader:
    html = thing._repr_html_()
    assert "script" not in html
    assert not re.search(r"(?<![-\w])color:", html), "the page's own color is kept"
    return Reader(html)


def test_a_recipe_shows_what_differs_and_folds_all():
    recipe = artcnn.StyleRecipe(size=128, strength=0.25)
    found = shown(recipe)
    assert re.findall(r"\b(size|strength|seed|method)\b", found.seen) == ["size", "strength"]
    assert "0.25" in found.seen
    for name in artcnn.StyleRecipe.model_fields:
        assert f"{name} " in found.folded
    assert "every setting has its default" in shown(artcnn.VideoRecipe()).seen


def test_a_model_shows_its_card():
    model = artcnn.read_model("mnist-lecture")
    found = shown(model)
    assert "137,660" in found.seen
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in found.seen
    assert f"{model.card.metrics['test_accuracy']:.4g}" in found.seen
    assert "conv1 Conv2d" in found.folded
    assert "none: it gives features" in shown(artcnn.read_model("alexnet11")).seen


def finding(title: str = "a title", pictures: bool = True, rows: int = 2) -> Finding:
    maps = torch.rand(2, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    key = fit_scale(maps)
    every = [{"unit": f"conv1:{number}", "value": number / 3} for number in range(rows)]
    return Finding(
        "look",
        message("{title}", title=title),
        every,
        key.to_rgb(maps) if pictures else None,
        [Tile(message("one"), key=key), Tile(message("two"), key=key)] if pictures else [],
        columns=2,
        scale=20,
        arrays={"maps": maps},
        settings={"layer": "conv1"},
    )


def test_a_finding_shows_its_sheet_and_folds_its_rows():
    found = shown(finding())
    assert found.tags == {"div", "img", "details", "summary", "table", "tr", "th", "td"}
    assert "conv1:1 0.3333" in found.folded


def test_a_finding_without_pictures_is_a_table():
    found = shown(finding(pictures=False))
    assert "img" not in found.tags
    assert "conv1:1 0.3333" in found.seen
    with pytest.raises(ArtcnnError, match="a table, not a picture"):
        finding(pictures=False).to_pil()


def test_of_many_rows_the_first_are_shown():
    found = shown(finding(rows=1234))
    assert "1,234 rows" in found.seen
    assert found.folded.count("conv1:") == 200
    assert "and 1,034 rows more" in found.folded


def test_a_finding_is_saved_as_the_command_saves_it(tmp_path):
    folder = finding().save(tmp_path / "new")
    assert sorted(path.name for path in folder.iterdir()) == ["data.npz", "run.json", "sheet.png", "values.csv"]
    with pytest.raises(ArtcnnError, match="already exists"):
        finding().save(folder)


def test_nothing_foreign_is_obeyed():
    evil = "<script>alert(1)</script>"
    html = finding(title=evil)._repr_html_() + finding(title=evil, pictures=False)._repr_html_()
    html += card(evil, paragraph(evil), folded(evil, table([(evil, evil)], [evil, evil])))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 9


def test_numbers_are_short_and_code_is_marked():
    html = table([(None, 10_000.0, 0.123456789, ("a", "b"), "as ``size``")])
    assert Reader(html).seen.split() == ["10000", "0.1235", "a,", "b", "as", "size"]
    assert "<code>size</code>" in html
