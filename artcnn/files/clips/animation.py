"""Clips in animated GIF, WebP and PNG files, by Pillow."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from io import BufferedReader, BytesIO
from itertools import accumulate, islice
from pathlib import Path

from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from artcnn.errors import PictureError
from artcnn.files.clips.animation_times import read_timing
from artcnn.files.clips.source import Facts, Frame, Picture, check_count, fit_frame
from artcnn.files.color_declaration import read_declared_color
from artcnn.files.decode import decode_frame, tone_mapping_note
from artcnn.files.encoding import ColorEncoding
from artcnn.files.metadata import read_exif
from artcnn.files.open import decoding, open_file, open_picture
from artcnn.files.webp import WebP
from artcnn.image import Size

_DECODERS: dict[str, Callable[[BufferedReader | BytesIO], ImageFile]] = {
    "GIF": GifImageFile,
    "WEBP": WebP,
    "PNG": PngImageFile,
}
"""By Pillow's name of the format; artcnn's own reader of PNG knows only the first picture."""


class Animation:
    """A clip in an animated picture.

    Raises:
        PictureError: it is damaged, or not an animation.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        timing = read_timing(path)
        if timing is None or not timing.durations:
            raise PictureError(f"{path}: not an animation")
        self._hidden, durations = timing.hidden, timing.durations
        check_count(path, len(durations))
        notes: list[str] = []
        with open_picture(path) as (image, _):
            self._color, self._format = read_declared_color(image, read_exif(image, notes), notes), str(image.format)
            width, height = image.size
        if isinstance(self._color, ColorEncoding) and self._color.is_hdr:
            notes.append(tone_mapping_note(self._color))
        if not timing.whole:
            notes.append(f"it is cut short: {len(durations)} frames are there")
        *self._times, end = accumulate(durations, initial=Fraction(0))
        self._has_alpha = timing.alpha or next(self._images()).has_transparency_data
        notes = [f"{path}: {note}" for note in notes]
        self.facts = Facts((height, width), self._times, end, len(durations) / end, self._has_alpha, notes)

    def pictures(self, start: Fraction) -> Iterator[Picture]:
        """Yield the pictures as ``Source`` says."""
        first = bisect_right(self._times, start) - 1
        for time, image in islice(zip(self._times, self._images(), strict=True), first, None):
            yield time, partial(self._make, image)

    def _images(self) -> Iterator[Image.Image]:
        """Yield all pictures: each is drawn over the one before."""
        with open_file(self._path) as file:
            with decoding(self._path, self._format):
                image = _DECODERS[self._format](file)
            for number in range(len(self._times)):
                with decoding(self._path, self._format):
                    image.seek(self._hidden + number)
                    image.load()
                    picture = image.copy()
                yield picture

    def _make(self, image: Image.Image, size: Size) -> Frame:
        pixels, alpha = decode_frame(self._path, image, self._color)
        return fit_frame(pixels, alpha, size, has_alpha=self._has_alpha)
