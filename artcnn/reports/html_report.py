"""Render findings as one self-contained HTML page, with pictures, style and scripts inside."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import count, groupby
from string import Template
from typing import Any

from torch import Tensor

from artcnn import __version__
from artcnn.locations import bundled_page_dir
from artcnn.reports.axes import Axes
from artcnn.reports.color_keys import group_keys_html, tile_key_html, with_axes
from artcnn.reports.colormaps import placed_scales
from artcnn.reports.embedded import convolution_json, map_attributes
from artcnn.reports.i18n import Catalog
from artcnn.reports.inline import inline_image
from artcnn.reports.messages import EMPTY_MESSAGE, Message
from artcnn.reports.results import Finding, Rows

_FEW_ROWS = 5
_NUMBERED = 12  # largest side of a picture whose values are drawn, in pixels


@dataclass(frozen=True, eq=False)
class Page:
    """The content of a page.

    Attributes:
        title: of the page.
        findings: in order; those of one method are consecutive.
        facts: how the page was made.
        network: its name.
        picture: the input picture, shape (1, C, H, W) in [0, 1], if the page starts with it.
        answers: the network's classes for the picture with probabilities, most probable first; may be empty.
        omitted: what is missing: name of the method, layers, and reason.
        doubt: why the picture may not suit the network, or None.
        axes: of the picture, or None.
    """

    title: Message
    findings: Sequence[Finding]
    facts: Mapping[str, Any]
    network: str
    picture: Tensor | None = None
    answers: Sequence[tuple[str, float]] = ()
    omitted: Sequence[tuple[str, str, Message]] = field(default_factory=list)
    doubt: Message | None = None
    axes: Axes | None = None


_PROJECTOR = """
:root { font-size: 4vh; }
.tiles {
  --wide: calc(2.5 * var(--tile));
  grid-template-columns: repeat(auto-fill, minmax(min(var(--wide), 100%), var(--wide)));
  max-width: calc(var(--columns) * (var(--wide) + .6rem));
}
"""
"""For a projector: the smallest letters, .625rem, have 1/40 of the height of the window."""


def render(page: Page, catalog: Catalog, projector: bool = False) -> str:
    """Return the page as HTML; all text from outside is escaped.

    Args:
        page: what is on it.
        catalog: its language.
        projector: whether its letters are to be read from the back of a room.
    """
    folder = bundled_page_dir()
    frame, style, *scripts = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("page.html", "page.css", "sums.js", "page.js", "matrix.js")
    )
    script = "".join(scripts)
    digest = base64.b64encode(hashlib.sha256(f"\n{script}".encode()).digest()).decode()
    sections = _sections(page, catalog)
    own = {key: escape(text) for key, text in catalog.page.items()}
    return Template(frame).substitute(
        own,
        lang=catalog.lang,
        digest=f"sha256-{digest}",
        title=escape(catalog.translate(page.title)),
        network=escape(page.network),
        style=style + (_PROJECTOR if projector else ""),
        script=script,
        navigation=_navigation(page.findings, sections, catalog),
        main=("" if page.doubt is None else f'<p class="doubt">{escape(catalog.translate(page.doubt))}</p>\n')
        + "".join(
            f'<section id="{name}">\n<h2>{escape(title)}</h2>\n{body}</section>\n' for name, title, body in sections
        ),
    )


def _sections(page: Page, catalog: Catalog) -> list[tuple[str, str, str]]:
    """Return id, title and HTML of each section."""
    sections = [("overview", catalog.page["overview"], _overview(page, catalog))] if page.picture is not None else []
    numbers = count()
    for look, findings in groupby(page.findings, lambda finding: finding.look):
        told = catalog.looks[look]
        body = _paragraphs(told["text"]) + "".join(_finding(finding, next(numbers), catalog) for finding in findings)
        sections.append((look, told["title"], body))
    if page.omitted:
        left = [
            (f"{catalog.looks[look]['title']} {which}".strip(), catalog.translate(why))
            for look, which, why in page.omitted
        ]
        items = "".join(f"<li>{escape(title)}: {escape(why)}</li>" for title, why in left)
        body = f"<p>{escape(catalog.page['left_out_text'])}</p><ul>{items}</ul>"
        sections.append(("left-out", catalog.page["left_out"], f'<div class="words">{body}</div>\n'))
    made = f'<p class="hint">{escape(catalog.page["made"].format(version=__version__))}</p>\n'
    sections.append(("about", catalog.page["about"], _facts(page.facts, "facts", catalog) + made))
    return sections


def _paragraphs(text: Iterable[str]) -> str:
    """Return paragraphs as HTML; *asterisks* mark terms."""
    marked = (re.sub(r"\*(.+?)\*", r"<dfn>\1</dfn>", escape(paragraph)) for paragraph in text)
    return f'<div class="words">{"".join(f"<p>{paragraph}</p>" for paragraph in marked)}</div>\n'


def _navigation(findings: Sequence[Finding], sections: Sequence[tuple[str, str, str]], catalog: Catalog) -> str:
    """Return links to the sections, and to the last picture of each unit, by layer."""
    entries = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title, _ in sections)
    html = f"<ol>{entries}</ol>\n"
    layers: dict[str, dict[str, str]] = {}
    for number, finding in enumerate(findings):
        for place, tile in enumerate(finding.tiles):
            layer, colon, unit = tile.unit.rpartition(":")
            if colon:
                layers.setdefault(layer, {})[unit] = f"t{number}-{place}"
    if not layers:
        return html
    html += f"<h2>{escape(catalog.page['units'])}</h2>\n<p>{escape(catalog.page['units_hint'])}</p>\n"
    order = [row["name"] for finding in findings if finding.look == "layers" for row in finding.rows]
    for layer, units in sorted(layers.items(), key=lambda entry: order.index(entry[0]) if order else 0):
        chips = "".join(f'<a href="#{place}">{escape(unit)}</a>' for unit, place in units.items())
        html += f'<details><summary>{escape(layer)}</summary><div class="units">{chips}</div></details>\n'
    return html


def _overview(page: Page, catalog: Catalog) -> str:
    assert page.picture is not None  # noqa: S101 - the section is there where it is
    likeliest = "".join(
        f'<li><span>{escape(name)}</span><span class="track"><span class="part" style="width:{100 * p:.1f}%"></span>'
        f'</span><span class="p">{f"{100 * p:.1f}" if p >= 0.001 else "&lt; 0.1"} %</span></li>'
        for name, p in page.answers
    )
    listed = f'<div class="listed"><h3>{escape(catalog.page["answers"])}</h3><ol class="answers">{likeliest}</ol></div>'
    told = [*catalog.overview["text"], *catalog.overview["with_answers" if page.answers else "without_answers"]]
    shown = with_axes(_original(page.picture, catalog), page.axes)
    return (
        f'{_paragraphs(told)}<div class="answer"><figure>{shown}</figure>{listed if page.answers else ""}</div>\n'
        f'<p class="hint">{escape(catalog.page["hint"])}</p>\n'
    )


def _original(picture: Tensor, catalog: Catalog, drawn: Tensor | None = None) -> str:
    """Return the input picture; if it has few pixels, with their values."""
    height, width = picture.shape[2:]
    numbered = drawn is not None and max(height, width) <= _NUMBERED
    pixels = drawn[0] if drawn is not None and numbered else picture[0].mul(255).round().byte()
    return (
        f'<div class="frame" data-height="{height}" data-width="{width}">'
        f"{inline_image(pixels, catalog.page['original'], 1, large=height < 64)}</div>"
    )


def _finding(finding: Finding, number: int, catalog: Catalog) -> str:
    """Return a finding: title, tiles in groups, the input picture beside them, and the table."""
    body = _tiles(finding, number, catalog)
    if finding.picture is not None:
        caption = f"<figcaption>{escape(catalog.page['original'])}</figcaption>"
        original = with_axes(_original(finding.picture, catalog, finding.pictures), finding.tiles[0].axes)
        beside = f'<figure class="picture">{original}{caption}</figure>'
        body = f'<div class="beside">{beside}<div>{body}</div></div>\n'
    table = _table(finding.rows, number, catalog)
    if finding.settings:
        table += f"<h4>{escape(catalog.page['settings'])}</h4>{_facts(finding.settings, 'settings', catalog)}"
    opened = " open" if finding.pictures is None or len(finding.rows) <= _FEW_ROWS else ""
    amount = catalog.page["row" if len(finding.rows) == 1 else "rows"].format(count=f"{len(finding.rows):,}")
    made = convolution_json(finding)
    data = f' data-convolution="{escape(made)}"' if made else ""
    if finding.matrix:
        body += _matrix(catalog)
    return (
        f'<div class="finding" id="f{number}"{data}>\n<h3>{escape(catalog.translate(finding.title))}</h3>\n{body}'
        f'<details class="numbers"{opened}><summary>{escape(catalog.page["table"])} ({escape(amount)})</summary>\n'
        f"{table}</details>\n</div>\n"
    )


def _matrix(catalog: Catalog) -> str:
    """Return the placeholder in which the script draws the convolution as a matrix."""
    page = {key: escape(catalog.page[key]) for key in ("matrix", "matrix_hint", "zoom_in", "zoom_out", "zoom_all")}
    buttons = "".join(f'<button type="button">{page[key]}</button>' for key in ("zoom_in", "zoom_out", "zoom_all"))
    says = "".join(f' data-{key}="{escape(catalog.page[f"matrix_{key}"])}"' for key in ("weight", "zero"))
    return (
        f'<div class="matrix"{says}>\n<h4>{page["matrix"]}</h4>\n<div class="zoom">{buttons}</div>'
        f'<canvas tabindex="0" role="img" aria-label="{page["matrix"]}. {page["matrix_hint"]}"></canvas>'
        f'<p class="told" role="status"></p><p class="hint">{page["matrix_hint"]}</p></div>\n'
    )


def _tiles(finding: Finding, number: int, catalog: Catalog) -> str:
    """Return the tiles, without empty ones, and without the input picture if it is shown beside them."""
    if finding.pictures is None:
        return ""
    width = finding.pictures.shape[3] * finding.scale
    shown = [
        (place, tile)
        for place, tile in enumerate(finding.tiles)
        if tile.caption.template and not (place == 0 and finding.picture is not None)
    ]
    groups = [(group, list(some)) for group, some in groupby(shown, lambda entry: entry[1].group)]
    common, scales = placed_scales([[tile.key for _, tile in members] for _, members in groups])
    html = group_keys_html(common, EMPTY_MESSAGE, catalog)
    for (group, members), own in zip(groups, scales, strict=True):
        figures = "".join(_figure(finding, number, place, catalog) for place, _ in members)
        heading = f"<h4>{escape(catalog.translate(group))}</h4>\n" if group.template else ""
        heading += group_keys_html(own, group, catalog)
        html += f'{heading}<div class="tiles" style="--tile:{width}px;--columns:{finding.columns}">\n{figures}</div>\n'
    return html


def _figure(finding: Finding, number: int, place: int, catalog: Catalog) -> str:
    assert finding.pictures is not None  # noqa: S101 - it has tiles
    tile = finding.tiles[place]
    caption = catalog.translate(tile.caption)
    data = {} if tile.row is None else {"row": f"r{number}-{tile.row}"}
    if tile.unit:
        data["unit"] = tile.unit
    data |= map_attributes(finding, tile)
    attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
    alt = f"{catalog.looks[finding.look]['title']}: {caption}"
    button = f'<button type="button">{inline_image(finding.pictures[place], alt, finding.scale)}</button>'
    return (
        f'<figure class="tile" id="t{number}-{place}"{attributes}>'
        f"{with_axes(button, tile.axes)}<figcaption>{escape(caption)}</figcaption>"
        f"{tile_key_html(tile, finding.tiles, catalog)}</figure>\n"
    )


def _table(rows: Rows, number: int, catalog: Catalog) -> str:
    keys = list(rows[0])
    numeric = {key: all(row[key] == "" or isinstance(row[key], int | float | None) for row in rows) for key in keys}
    kind = {key: ' class="number"' if numeric[key] else "" for key in keys}
    headings = "".join(
        f'<th scope="col" aria-sort="none"{kind[key]}>'
        f'<button type="button">{escape(catalog.heading(key))}</button></th>'
        for key in keys
    )
    lines = ""
    for index, row in enumerate(rows):
        cells = "".join(f"<td{kind[key]}{_cell(row[key], key, catalog)}</td>" for key in keys)
        lines += f'<tr id="r{number}-{index}">{cells}</tr>\n'
    table = f"<table><thead><tr>{headings}</tr></thead>\n<tbody>\n{lines}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>\n'


def _cell(value: object, key: str, catalog: Catalog) -> str:
    """Return the end of a cell: its exact value, for sorting, and its text."""
    exact = f' data-v="{float(value)!r}"' if isinstance(value, int | float) else ""
    return f"{exact}>{escape(catalog.value(value, key))}"


def _facts(facts: Mapping[str, Any], name: str, catalog: Catalog) -> str:
    entries = "".join(
        f"<dt>{escape(catalog.heading(key))}</dt><dd>{escape(_fact(value, key, catalog))}</dd>"
        for key, value in facts.items()
    )
    return f'<dl class="{name}">{entries}</dl>\n'


def _fact(value: object, key: str, catalog: Catalog) -> str:
    one = key.removesuffix("s")
    if isinstance(value, list | tuple):
        return ", ".join(_fact(entry, one, catalog) for entry in value)
    if isinstance(value, dict):
        named = {catalog.headings.get(name) or catalog.value(name, one): (name, entry) for name, entry in value.items()}
        return "; ".join(f"{says}: {_fact(entry, name, catalog)}" for says, (name, entry) in named.items())
    return catalog.value(value, key)
