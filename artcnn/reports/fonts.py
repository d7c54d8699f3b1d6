"""Fonts of sheets: Pillow's own, or, for Chinese, one of the system's."""

from functools import cache
from pathlib import Path

from PIL import ImageFont

from artcnn.errors import ArtcnnError
from artcnn.extras import importing

Font = ImageFont.FreeTypeFont

_CHINESE = (
    "NotoSansCJK-Regular",
    "NotoSansCJKsc-Regular",
    "NotoSansSC",
    "SourceHanSans",
    "wqy-microhei",
    "wqy-zenhei",
    "DroidSansFallback",
    "PingFang",
    "Hiragino Sans GB",
    "STHeiti",
    "msyh",
    "simhei",
    "simsun",
    "Arial Unicode",
)
"""How the files of fonts with Chinese begin, on Linux, macOS and Windows; the first there is is taken."""


def load_font(lang: str, size: float) -> Font:
    """Return a font with the characters of a language.

    Args:
        lang: en or zh.
        size: in pixels.

    Raises:
        ArtcnnError: no such font is installed.
    """
    return _load(lang, size)


@cache
def _load(lang: str, size: float) -> Font:
    if lang == "en":
        font = ImageFont.load_default(size)
        assert isinstance(font, Font)  # noqa: S101 - with a size it always is
        return font
    path, face = _find_chinese()
    return ImageFont.truetype(path, size, face)


@cache
def _find_chinese() -> tuple[Path, int]:
    """Return the file of a font with Chinese, and which of its faces is for Chinese as written in China."""
    with importing("report"):
        from matplotlib.font_manager import findSystemFonts

    files = [Path(name) for name in sorted(findSystemFonts())]
    for begins in _CHINESE:
        for path in files:
            if path.stem.casefold().startswith(begins.casefold()):
                return path, _face(path)
    hint = "install one, such as Noto Sans CJK (on Debian the package fonts-noto-cjk)"
    raise ArtcnnError("--lang zh: no font with Chinese characters is installed", hint=hint)


def _face(path: Path) -> int:
    """Return the face of a collection that is for simplified Chinese; else the first."""
    for face in range(16 if path.suffix.casefold() == ".ttc" else 1):
        try:
            name = ImageFont.truetype(path, 12, face).getname()[0] or ""
        except OSError:  # there are no more faces
            return 0
        if name.endswith((" SC", " GB")) or "YaHei" in name:
            return face
    return 0
