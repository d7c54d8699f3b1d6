"""How objects show themselves in a notebook: small pieces of HTML, without scripts, for light and dark pages alike."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel

_CELL = "padding:.15em .8em .15em 0;text-align:left;vertical-align:top"
_LINE = "border-top:1px solid rgba(128,128,128,.35)"
_QUIET = "opacity:.7"
_LONGEST = 300  # characters of a value

Cell = object
"""Anything: it is shown as text, a float with four digits."""


def card(title: str, *parts: str) -> str:
    """Return a title with HTML below it. What is not marked as HTML is escaped where it comes in."""
    return f'<div style="line-height:1.5"><strong>{escape(title)}</strong>{"".join(parts)}</div>'


def paragraph(text: str) -> str:
    """Return a line of text."""
    return f'<div style="{_QUIET}">{escape(text)}</div>'


def table(rows: Iterable[Sequence[Cell]], headings: Sequence[str] = ()) -> str:
    """Return a table; the last of two or more columns may be prose, in which ``double backquotes`` mark code."""
    lines = [_line("th", map(escape, headings))] if headings else []
    lines += [_line("td", map(_cell, row)) for row in rows]
    return f'<table style="border-collapse:collapse">{"".join(lines)}</table>'


def folded(summary: str, body: str) -> str:
    """Return HTML that is hidden until somebody clicks on its summary."""
    return f'<details><summary style="cursor:pointer;{_QUIET}">{escape(summary)}</summary>{body}</details>'


def show_settings(recipe: "BaseModel") -> str:
    """Return a recipe: the settings that differ from the defaults, and all of them folded, with what each means."""
    fields = type(recipe).model_fields
    rows = [(name, value, fields[name].description or "") for name, value in recipe.model_dump().items()]
    changed = [row for row in rows if getattr(recipe, row[0]) != fields[row[0]].default]
    some = table(changed) if changed else paragraph("every setting has its default")
    return card(type(recipe).__name__, some, folded(f"all {len(rows)} settings", table(rows)))


def _line(tag: str, cells: Iterable[str]) -> str:
    inner = "".join(f'<{tag} style="{_CELL}">{cell}</{tag}>' for cell in cells)
    return f'<tr style="{_LINE};background:none">{inner}</tr>'


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e9 else f"{cell:.4g}"
    if isinstance(cell, list | tuple):
        cell = ", ".join(map(str, cell))
    text = str(cell)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return re.sub("``(.+?)``", r"<code>\1</code>", escape(text)).replace("\n", " ")
