"""A sheet as slides for a projector: few pictures on each, and letters that are read from the last row."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from artcnn.reports.sheet import Sheet, measure_sheet

ZOOM = 2.7
"""How many times as large all is drawn: the smallest letters of a sheet have 10 pixels, and of a slide 27."""
ROOM, TALL = 711, 400
"""Width and height of a slide before that: 1920 x 1080 pixels at most, so that no letters are below 1/40 of it."""

_NARROWEST = 60  # pixels of a picture: with more columns there would be no room for captions
_BETWEEN, _AXES = 6, 40  # pixels between pictures, and at their left where they have axes
_NUMBER = " · 99/99"


def to_slides(sheet: Sheet) -> list[Sheet]:
    """Return a sheet as slides. Rows stay whole; there are fewer columns where a picture would be too narrow."""
    most = max(len(group) for group in _groups(sheet))
    for columns in range(min(sheet.columns, most), 0, -1):
        fitting = _fit(sheet, columns)
        wide_enough = fitting.tiles.shape[3] * fitting.scale >= _NARROWEST
        if columns == 1 or (wide_enough and _tallest(fitting) <= TALL):
            return _divide(fitting)
    raise ValueError("a sheet has pictures")


def _fit(sheet: Sheet, columns: int) -> Sheet:
    """Return a sheet of so many columns, its pictures as large as the width of a slide, and its height, allow."""
    height, width = sheet.tiles.shape[2:]
    axes = _AXES if any(sheet.axes) else 0
    scale = ((ROOM - 2 * _BETWEEN) // columns - _BETWEEN - axes) / width
    made = replace(sheet, columns=columns, scale=scale, zoom=ZOOM, room=ROOM)
    for _ in range(4):  # narrower pictures have longer captions
        over = _tallest(made) - TALL
        if over <= 0:
            break
        made = replace(made, scale=max(made.scale - (over + 1) / height, made.scale / 4))
    return made


def _tallest(sheet: Sheet) -> int:
    """Return the height of the tallest slide of a single row."""
    return max(_height(sheet, [row]) for rows in _rows_of_groups(sheet) for row in rows)


def _height(sheet: Sheet, rows: Sequence[Sequence[int]]) -> int:
    return measure_sheet(_slide(sheet, rows, _NUMBER))[1]


def _divide(sheet: Sheet) -> list[Sheet]:
    """Return slides with as many rows as there is room for; those below a heading stay together where they can."""
    pages: list[list[list[int]]] = [[]]
    for rows in _rows_of_groups(sheet):
        together = _height(sheet, rows) <= TALL
        for some in [rows] if together else [[row] for row in rows]:
            if pages[-1] and _height(sheet, [*pages[-1], *some]) > TALL:
                pages.append([])
            pages[-1] += some
    count = len(pages)
    return [
        _slide(sheet, rows, f" · {number}/{count}" if count > 1 else "") for number, rows in enumerate(pages, start=1)
    ]


def _slide(sheet: Sheet, rows: Sequence[Sequence[int]], number: str) -> Sheet:
    """Return a sheet with some rows alone."""
    chosen = [at for row in rows for at in row]
    return replace(
        sheet,
        tiles=sheet.tiles[chosen],
        title=sheet.title + number if sheet.title else "",
        captions=[sheet.captions[at] for at in chosen] if sheet.captions else (),
        groups=[sheet.groups[at] for at in chosen] if sheet.groups else (),
        keys=[sheet.keys[at] for at in chosen] if sheet.keys else (),
        axes=[sheet.axes[at] for at in chosen] if sheet.axes else (),
    )


def _groups(sheet: Sheet) -> list[list[int]]:
    """Return the numbers of the pictures below each heading."""
    names = sheet.groups or [""] * len(sheet.tiles)
    return [list(some) for _, some in groupby(range(len(sheet.tiles)), names.__getitem__)]


def _rows_of_groups(sheet: Sheet) -> list[list[list[int]]]:
    """Return the numbers of the pictures of each row, below each heading."""
    wide = sheet.columns
    return [[group[at : at + wide] for at in range(0, len(group), wide)] for group in _groups(sheet)]
