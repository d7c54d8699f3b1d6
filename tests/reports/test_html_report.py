"""A page says all that was found, in either language, and nothing that it is told becomes a part of its code."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
import torch

from artcnn.errors import ArtcnnError
from artcnn.reports.html_report import Page, render
from artcnn.reports.i18n import load_catalog
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.receptive_field import ReceptiveField

SOURCE = Path(__file__).parent.parent.parent / "artcnn"
HOSTILE = "<img src=x onerror=alert(1)>\"'&</script><script>alert(2)</script>"
VOID = {"meta", "img"}


class Reader(HTMLParser):
    """What a browser makes of a page: its elements, and whether each is closed where it ought to be."""

    def __init__(self, page):
        super().__init__()
        self.elements, self._open, self._script = [], [], False
        self.texts = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] not in ("script", "style"):
            self.texts.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def a_page(name="cat.webp", **more):
    rows = [{"unit": f"conv1:{unit}", "value": unit / 7, "picture": name} for unit in range(20)]
    captions = [message("the picture"), *(message("{name}", name=f"{name} {unit}") for unit in range(4))]
    field, grid = ReceptiveField((3, 3), (1, 1), (0, 0)), (6, 6)
    tiles = [Tile(captions[0])]
    tiles += [Tile(captions[1 + at], at, f"conv1:{at}", field=field, grid=grid) for at in range(4)]
    pictures = torch.arange(5 * 64).view(5, 1, 8, 8).remainder(256).byte()
    title = message("What a convolution computes: {network}", network=name)
    finding = Finding("patches", title, rows, pictures, tiles, 4, 8, {}, {"images": name}, torch.rand(1, 1, 8, 8))
    facts = {"model": name, "image": name}
    title = message("What {network} has learned", network=name)
    return Page(title, [finding], facts, name, torch.rand(1, 1, 8, 8), [(name, 0.9), ("7", 1e-9)], **more)


@pytest.fixture(params=["en", "zh"])
def words(request):
    return load_catalog(request.param)


def test_names_from_outside_stay_text(words):
    why = message("{network}: why {answer}? (p = {p:.3f})", network=HOSTILE, answer=HOSTILE, p=1)
    read = Reader(render(a_page(HOSTILE, omitted=[("fool", HOSTILE, why)]), words))
    assert len(read.named("script")) == 1
    assert [image for image in read.named("img") if not image["src"].startswith("data:image/")] == []
    assert [name for _, attributes in read.elements for name in attributes if name.startswith("on")] == []
    assert len([text for text in read.texts if HOSTILE in text]) > 30, "it is shown as it is, everywhere"


def test_nothing_comes_from_elsewhere(words):
    page = render(a_page(), words)
    read = Reader(page)
    links = [
        value
        for _, attributes in read.elements
        for key, value in attributes.items()
        if key in ("src", "href", "action")
    ]
    assert links
    assert all(link.startswith(("#", "data:image/")) for link in links)
    assert not re.search(r"//|url\(|@import|\blink\b rel", re.sub(r"base64,[^\"]*|// .*", "", page))
    (policy,) = [meta["content"] for meta in read.named("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_every_row_and_every_picture_is_there(words):
    page = a_page()
    read = Reader(render(page, words))
    lines = [attributes["id"] for attributes in read.named("tr") if "id" in attributes]
    assert lines == [f"r0-{row}" for row in range(20)]
    exact = [float(attributes["data-v"]) for attributes in read.named("td") if "data-v" in attributes]
    assert exact == [row["value"] for row in page.findings[0].rows]
    tiles = [attributes for attributes in read.named("figure") if attributes.get("class") == "tile"]
    assert [tile["data-row"] for tile in tiles] == [f"r0-{row}" for row in range(4)]
    assert tiles[2]["data-unit"] == "conv1:2"
    assert (tiles[2]["data-field"], tiles[2]["data-grid"]) == ("3 3 1 1 0 0", "6 6")
    assert all(image["alt"] for image in read.named("img"))
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in read.named("a")} <= set(ids)


def test_a_place_that_stays_free_is_not_shown(words):
    page = a_page()
    finding = page.findings[0]
    fewer = Finding("patches", finding.title, finding.rows, finding.pictures, [*finding.tiles[:4], Tile()], 4)
    read = Reader(render(Page(page.title, [fewer], {}, "n"), words))
    assert len([attributes for attributes in read.named("figure") if attributes.get("class") == "tile"]) == 4


def test_both_languages_say_the_same():
    english, chinese = load_catalog("en"), load_catalog("zh")
    assert english.page.keys() == chinese.page.keys()
    assert english.headings.keys() == chinese.headings.keys()
    assert list(english.looks) == list(chinese.looks), "in one order, which is that of a report"
    for look, told in english.looks.items():
        assert len(told["text"]) == len(chinese.looks[look]["text"])
        for text in (chinese.looks[look]["title"], *chinese.looks[look]["text"]):
            assert re.search("[\u4e00-\u9fff]", text), text
    with pytest.raises(ArtcnnError, match="--lang fr: choose from en, zh"):
        load_catalog("fr")


def fields(template):
    return {(name, spec) for _, name, spec, _ in Formatter().parse(template) if name}


def test_every_sentence_has_its_chinese_with_the_same_fields():
    chinese = load_catalog("zh").phrases
    said = set()
    for path in [*(SOURCE / "cli" / "inspect").glob("*.py"), *(SOURCE / "inspection").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "message":
                said |= {part.value for part in node.args if isinstance(part, ast.Constant)}
    for path in (SOURCE / "datasets" / "handwriting.py", SOURCE / "datasets" / "spoken.py"):
        said |= set(re.findall(r'(?:return |, )"((?:it|there|more) .*?)"', path.read_text()))
    assert "it is cut off at the picture's rim" in said
    assert "there is nothing to hear in it" in said
    assert len(said) > 20
    assert said - chinese.keys() == set()
    for template, translated in chinese.items():
        assert fields(template) == fields(translated), template
