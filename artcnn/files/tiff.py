"""Read the header of a TIFF file, and choose the decoder of its pixels. No numpy is imported.

Pillow 13 mixes up the samples of 16-bit planar files, reduces 16-bit color to 8 bits, and lacks most 32-bit types. Such
files are decoded by ``artcnn.files.high_bit_depth`` if they are uncompressed or deflated.
"""

from dataclasses import dataclass
from struct import calcsize, iter_unpack, unpack, unpack_from
from typing import IO, Any

from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COMPRESSION,
    EXTRASAMPLES,
    FILLORDER,
    ICCPROFILE,
    IMAGELENGTH,
    IMAGEWIDTH,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    PREDICTOR,
    ROWSPERSTRIP,
    SAMPLEFORMAT,
    SAMPLESPERPIXEL,
    STRIPBYTECOUNTS,
    STRIPOFFSETS,
    TILEBYTECOUNTS,
    TILELENGTH,
    TILEOFFSETS,
    TILEWIDTH,
    TiffImageFile,
)

_INK_SET, _SUBFILE, _SMALL_OR_MASK = 332, 254, 0b101

_COLORS = {0: 1, 1: 1, 2: 3, 5: 4}
"""Samples of a color by photometric interpretation (0: 0 is white, 1: 0 is black, 2: RGB, 5: inks)."""

_UNCOMPRESSED, _DEFLATE, _ADOBE_DEFLATE, _WEBP = 1, 32946, 8, 50001

_MOST_PAGES = 10_000
"""Most pages that are counted."""

_SMALL_BLOCK = 1 << 22
"""Pixels of a block that are always allowed; a larger block must not be larger than the picture."""

_NUMBERS = {(1, 8): "u1", (1, 16): "u2", (1, 32): "u4", (2, 32): "i4", (3, 16): "f2", (3, 32): "f4", (3, 64): "f8"}
"""NumPy's name of the type, by sample format (1 unsigned, 2 signed, 3 floating point) and bits."""


@dataclass(frozen=True)
class Layout:
    """The layout of the samples in a TIFF file.

    Attributes:
        size: height and width in pixels.
        block: height and width of a strip or a tile.
        tiled: whether a block at the border is as large as the others.
        colors: samples of a color.
        samples: samples of a pixel: those of its color, its opacity, and others.
        planes: 1, or as many as samples where each is stored by itself.
        dtype: NumPy's name of a sample's type, with the byte order.
        white_is_zero: whether the numbers of gray are to be inverted.
        extra: what the samples after the color are: 1 opacity that the color was multiplied by, 2 opacity.
        deflated: whether blocks are compressed.
        predictor: 1 none, 2 differences between neighbors, 3 the same of the bytes of floating point numbers.
        places: the offset and the number of bytes of each block.
    """

    size: tuple[int, int]
    block: tuple[int, int]
    tiled: bool
    colors: int
    samples: int
    planes: int
    dtype: str
    white_is_zero: bool
    extra: tuple[int, ...]
    deflated: bool
    predictor: int
    places: tuple[tuple[int, int], ...]


class Tiff(TiffImageFile):
    """A TIFF file.

    Attributes:
        layout: of the samples, if ``artcnn.files.high_bit_depth`` reads them, or None if Pillow does.
        frames: number of pages, without thumbnails and masks; the first of them is opened.
    """

    layout: Layout | None

    def _open(self) -> None:
        super()._open()
        assert self.fp is not None  # noqa: S101 - the one that it was made with
        small = _are_small(self.fp)
        self.frames = small.count(False)
        if small[0] and False in small:
            self.seek(small.index(False))

    def _setup(self) -> None:
        self.layout = _layout(self.tag_v2)
        try:
            super()._setup()
        except (SyntaxError, IndexError):  # a pixel format that Pillow does not know
            if self.layout is None:
                raise
            self._mode, self.tile = {1: "L", 3: "RGB", 4: "CMYK"}[self.layout.colors], []
        if ICCPROFILE in self.tag_v2:
            self.info["icc_profile"] = self.tag_v2[ICCPROFILE]
        if self.layout is None and _misread(self.tag_v2):
            raise ValueError("Pillow would decode wrong values")


def _are_small(file: IO[bytes]) -> list[bool]:
    """Return for each page of a TIFF file whether it is a thumbnail or mask of another: TIFF 6.0, section 8."""
    file.seek(0)
    head = file.read(16)
    order = ">" if head[:2] == b"MM" else "<"
    # BigTIFF has 64-bit counts and offsets.
    count, entry, offset = ("Q", "HHQ8s", "Q") if 43 in head[2:4] else ("H", "HHI4s", "I")
    (position,) = unpack_from(order + offset, head, 8 if count == "Q" else 4)
    small: dict[int, bool] = {}
    while position and position not in small and len(small) < _MOST_PAGES:
        file.seek(position)
        (entries,) = unpack(order + count, file.read(calcsize(order + count)))
        table = file.read(entries * calcsize(order + entry))
        kinds = {tag: unpack_from(f"{order}I", value)[0] for tag, _, _, value in iter_unpack(order + entry, table)}
        small[position] = bool(kinds.get(_SUBFILE, 0) & _SMALL_OR_MASK)
        following = file.read(calcsize(order + offset))
        (position,) = unpack(order + offset, following) if len(following) == calcsize(order + offset) else (0,)
    return [*small.values()]


def _misread(tags: Any) -> bool:  # noqa: ANN401 - Pillow's mapping holds anything
    """Return whether Pillow would decode wrong pixels without an error."""
    bits, samples = max(tags.get(BITSPERSAMPLE, (1,))), tags.get(SAMPLESPERPIXEL, 1)
    if (2 in tags.get(SAMPLEFORMAT, (1,))) != (bits == 32) and 3 not in tags.get(SAMPLEFORMAT, (1,)):
        return True  # signed, or read as signed: the value of white is unknown
    if tags.get(COMPRESSION, 1) == _WEBP:
        return True  # libtiff itself reports that it is missing
    planar = tags.get(PLANAR_CONFIGURATION, 1) == 2 and samples > 1
    return bool(planar and (samples == 2 or (bits > 8 and tags.get(COMPRESSION, 1) == _UNCOMPRESSED)))


def _layout(tags: Any) -> Layout | None:  # noqa: ANN401 - Pillow's mapping holds anything
    """Return the layout of the samples, or None if Pillow reads them.

    Raises:
        ValueError: the blocks do not match the size of the picture.
    """
    photometric, samples = tags.get(PHOTOMETRIC_INTERPRETATION, 0), tags.get(SAMPLESPERPIXEL, 1)
    bits, formats = {*tags.get(BITSPERSAMPLE, (1,))}, {*tags.get(SAMPLEFORMAT, (1,))}
    number = _NUMBERS.get((*formats, *bits))  # samples of different types are not in the table
    planar = tags.get(PLANAR_CONFIGURATION, 1) == 2 and samples > 1
    compression, predictor = tags.get(COMPRESSION, 1), tags.get(PREDICTOR, 1)
    if number is None or (number == "u1" and not planar):
        return None
    if compression not in (_UNCOMPRESSED, _DEFLATE, _ADOBE_DEFLATE) or predictor not in (1, 2, 3):
        return None
    colors = _COLORS.get(photometric)
    if colors is None or not colors <= samples <= 8 or tags.get(FILLORDER, 1) != 1 or tags.get(_INK_SET, 1) != 1:
        return None
    tiled = TILEWIDTH in tags
    width, height = tags[IMAGEWIDTH], tags[IMAGELENGTH]
    if tiled:
        across, down, offsets, counts = (tags[t] for t in (TILEWIDTH, TILELENGTH, TILEOFFSETS, TILEBYTECOUNTS))
    else:
        across, down = width, min(tags.get(ROWSPERSTRIP, height), height)
        offsets, counts = tags[STRIPOFFSETS], tags[STRIPBYTECOUNTS]
    planes = samples if planar else 1
    if min(width, height, across, down) < 1 or len(offsets) != planes * -(-width // across) * -(-height // down):
        raise ValueError("the number of blocks does not match the picture")
    if across * down > 4 * width * height + _SMALL_BLOCK:
        raise ValueError("the blocks are far larger than the picture")
    return Layout(
        size=(height, width),
        block=(down, across),
        tiled=tiled,
        colors=colors,
        samples=samples,
        planes=planes,
        dtype=("<" if tags.prefix == b"II" else ">") + number,
        white_is_zero=photometric == 0,
        # One undeclared extra sample is taken as opacity, as in other programs.
        extra=tuple(tags.get(EXTRASAMPLES, (2,) if samples == 4 > colors else ())),
        deflated=compression != _UNCOMPRESSED,
        predictor=predictor if compression != _UNCOMPRESSED else 1,  # as in libtiff
        places=tuple(zip(offsets, counts, strict=True)),
    )
