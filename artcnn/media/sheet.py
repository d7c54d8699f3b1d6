"""Contact sheets: many small pictures on one, each with a caption."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from artcnn.errors import printable
from artcnn.media.atomic import write_whole

PAPER, INK, FRAME = (255, 255, 255), (40, 40, 40), (205, 205, 205)


@dataclass(frozen=True, eq=False)
class Sheet:
    """Small pictures to be laid out row by row.

    Attributes:
        tiles: shape (N, 1 or 3, H, W), bytes of 0 to 255.
        columns: pictures in a row.
        captions: what stands below each, or nothing.
        title: what stands above them all, or nothing.
        scale: how many times as large each pixel is drawn, hard-edged.
    """

    tiles: Tensor
    columns: int
    captions: Sequence[str] = ()
    title: str = ""
    scale: int = 2


def write_sheet(path: Path, sheet: Sheet, replace: bool = True) -> Path:
    """Write a sheet as a PNG file, as ``write_whole`` does; return where it is.

    Raises:
        ArtcnnError: it cannot be written there.
    """
    tiles, columns, scale, title = sheet.tiles, sheet.columns, sheet.scale, printable(sheet.title)
    count, _, height, width = tiles.shape
    size, gap = (width * scale, height * scale), 6
    small, large = ImageFont.load_default(12), ImageFont.load_default(16)
    below, above = (18 if sheet.captions else 0), (34 if title else 0)
    rows = -(-count // columns)
    # A sheet of few pictures is as wide as its title.
    wide = max(gap + columns * (size[0] + gap), 2 * gap + ceil(large.getlength(title)))
    paper = Image.new("RGB", (wide, above + gap + rows * (size[1] + below + gap)), PAPER)
    draw = ImageDraw.Draw(paper)
    if title:
        draw.text((gap, gap + 4), title, INK, large)
    for number, tile in enumerate(tiles):
        left = gap + number % columns * (size[0] + gap)
        top = above + gap + number // columns * (size[1] + below + gap)
        pixels = tile.permute(1, 2, 0).numpy()
        picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
        paper.paste(picture.convert("RGB").resize(size, Image.Resampling.NEAREST), (left, top))
        draw.rectangle((left - 1, top - 1, left + size[0], top + size[1]), outline=FRAME)
        if sheet.captions:
            draw.text((left, top + size[1] + 2), printable(sheet.captions[number]), INK, small)
    encoded = BytesIO()
    paper.save(encoded, "PNG")
    return write_whole(path, encoded.getbuffer(), replace)
