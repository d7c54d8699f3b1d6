"""What a model file tells of a painting that was learned, enough to recognize it in another file."""

from typing import Annotated

import torch
import torch.nn.functional as F
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from torch import Tensor

from artcnn.image import same_aspect, size_of

SIDE = 8
"""Height and width of a thumbnail, in pixels."""

_NEAR = 8 / 255
"""Root mean square difference below which two thumbnails show the same painting.

Other sizes, JPEG files and colors of it differ by 1 to 8 of 255; of 280 paintings, the two most alike by 14.
"""


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it has characters that a terminal obeys")
    return text


Text = Annotated[str, Field(max_length=300), AfterValidator(_check_printable)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Painting(BaseModel):
    """A painting and its file.

    Attributes:
        title: of the painting, or of its file.
        artist: who painted it; may be empty.
        year: when; may be empty.
        license: of the file; may be empty.
        source: where the file is from; may be empty.
        sha256: of the file.
        height: of the picture, in pixels.
        width: of the picture, in pixels.
        thumbnail: red, green and blue of 8 x 8 pixels, row by row, each 0 to 255, in hexadecimal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    artist: Text = ""
    year: Text = ""
    license: Text = ""
    source: Text = ""
    sha256: Sha256
    height: Annotated[int, Field(ge=1, le=1_000_000)]
    width: Annotated[int, Field(ge=1, le=1_000_000)]
    thumbnail: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{SIDE * SIDE * 3 * 2}}}$")]

    def is_of(self, picture: Tensor) -> bool:
        """Return whether a picture, (1, 3, H, W), sRGB in [0, 1], shows this painting, whatever its file and size."""
        if not same_aspect((self.height, self.width), size_of(picture)):
            return False
        own = torch.frombuffer(bytearray.fromhex(self.thumbnail), dtype=torch.uint8).view(SIDE, SIDE, 3)
        difference = own.permute(2, 0, 1)[None] / 255 - _shrink(picture).cpu()
        return difference.square().mean().sqrt().item() < _NEAR


def describe_painting(picture: Tensor, sha256: str, title: str, **facts: str) -> Painting:
    """Return what is kept of a painting.

    Args:
        picture: shape (1, 3, H, W), sRGB in [0, 1].
        sha256: of its file.
        title: what it is called.
        facts: artist, year, license and source, as far as they are known.
    """
    height, width = size_of(picture)
    pixels = (_shrink(picture)[0].permute(1, 2, 0) * 255).round().to(torch.uint8)
    thumbnail = bytes(pixels.flatten().tolist()).hex()
    return Painting(title=title, sha256=sha256, height=height, width=width, thumbnail=thumbnail, **facts)


def _shrink(picture: Tensor) -> Tensor:
    """Return the mean colors of a picture's 8 x 8 parts, shape (1, 3, 8, 8)."""
    return F.adaptive_avg_pool2d(picture.float(), SIDE)
