"""Find a digit in a picture, and convert it to MNIST's format: light on black, 20 pixels long, centered by mass.

MNIST (LeCun, Bottou, Bengio and Haffner 1998, section III) scales each digit into a box of 20 x 20, and puts its center
of mass into the middle of 28 x 28.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.datasets.segmentation import Writing, find_writing
from artcnn.image import fit_size, resize, size_of

BOX, SIDE = 20, 28
_AGAIN = 3  # most alternative readings
_ALIKE = 0.8  # part of the best score, from which a reading of the same strokes is an alternative
_BLOB = 0.3  # part of the ink that is too broad for a pen
_RIVAL = 0.7  # part of the best score, from which a candidate elsewhere makes the result ambiguous
_WORKING_SIDE = 512  # longer side of the working copy in pixels: enough for a small digit on a large sheet
_THIN, _STROKE = 1.4, 2.0  # in pixels of 28: strokes thinner than the first are widened to the second
_BROAD = 0.21  # part of the ink at least 5 pixels broad; 1 in 1,000 of MNIST's digits has more


@dataclass(frozen=True, eq=False)
class Handwriting:
    """A digit found in a picture.

    Attributes:
        digit: shape (1, 1, 28, 28), ink 1 on 0; all 0 if nothing was found.
        doubt: why it may not be a handwritten digit, or None.
        again: shape (N, 1, 28, 28), the same digit segmented at other contrasts; may be empty.
    """

    digit: Tensor
    doubt: str | None
    again: Tensor


def find_digit(gray: Tensor) -> Handwriting:
    """Find the digit in a picture, dark on light or light on dark, with even or uneven light.

    Args:
        gray: shape (1, 1, H, W), in [0, 1].
    """
    if max(gray.shape[2:]) > _WORKING_SIDE:
        gray = resize(gray, fit_size(size_of(gray), _WORKING_SIDE))
    found = find_writing(gray[0, 0].numpy())
    if not found:
        return Handwriting(
            torch.zeros(1, 1, SIDE, SIDE), "there is nothing written on it", torch.zeros(0, 1, SIDE, SIDE)
        )
    best, digit = found[0], _digit(found[0])
    same = [other for other in found[1:] if best.overlap(other) > 0.5 and other.score > _ALIKE * best.score]
    again = [_digit(other) for other in same[:_AGAIN]]
    return Handwriting(digit, _doubt(best, digit, found), torch.cat([digit[:0], *again]))


def _digit(writing: Writing) -> Tensor:
    """Convert a candidate to MNIST's format, shape (1, 1, 28, 28)."""
    mask, values = writing.strokes()
    strokes, ink = torch.from_numpy(mask)[None, None], torch.from_numpy(values)[None, None]
    width = _stroke_width(strokes)
    soft = ink * F.max_pool2d(strokes.float(), 3, 1, 1)
    soft = (soft / ink[strokes].quantile(0.8)).clamp(0, 1)
    return _centered(_scaled(_cropped(soft, strokes, width)))


def _doubt(writing: Writing, digit: Tensor, found: list[Writing]) -> str | None:
    """Return why a candidate may not be a digit, or not the intended one, or None."""
    if writing.cut:
        return "it is cut off at the picture's rim"
    if writing.broad > _BLOB or _broad(digit) > _BROAD:
        return "it is not drawn with a pen's strokes"
    others = writing.others()
    rivals = [
        other for other in found if other.sheet is writing.sheet and other.inside(writing) < 0.2 and not other.cut
    ]
    if any(size >= 0.4 * writing.size for size in others) or any(r.score > _RIVAL * writing.score for r in rivals):
        return "there is more than one on it"
    return "there is other writing beside it" if len(others) > 3 else None


def _stroke_width(strokes: Tensor) -> float:
    """Return the stroke width in pixels of 28: a stroke has two edge pixels for each pixel of its length."""
    edge = strokes & (F.max_pool2d(1 - F.pad(strokes.float(), [1] * 4), 3, 1) > 0)
    return _scale(strokes) * 2 * int(strokes.sum()) / int(edge.sum())


def _scale(strokes: Tensor) -> float:
    """Return the scale from pixels of the picture to pixels of 28."""
    rows, columns = _extent(strokes.any(3).flatten()), _extent(strokes.any(2).flatten())
    return BOX / max(rows[1] - rows[0], columns[1] - columns[0])


def _cropped(soft: Tensor, strokes: Tensor, width: float) -> Tensor:
    """Crop the ink to its box, and widen strokes that are too thin for scaling."""
    rows, columns = _extent(strokes.any(3).flatten()), _extent(strokes.any(2).flatten())
    if width < _THIN:
        reach = round((_STROKE - width) / _scale(strokes) / 2)
        soft = F.max_pool2d(F.pad(soft, [reach] * 4), 2 * reach + 1, 1, reach)
        rows, columns = (rows[0], rows[1] + 2 * reach), (columns[0], columns[1] + 2 * reach)
    return soft[..., rows[0] : rows[1], columns[0] : columns[1]]


def _broad(digit: Tensor) -> float:
    """Return the part of the ink that a square of 5 x 5 pixels fits into."""
    dark = (digit > 0.5).float()
    return float((1 - F.max_pool2d(1 - F.pad(dark, [2] * 4), 5, 1)).sum() / dark.sum())


def likeness(digits: Tensor, known: Tensor) -> Tensor:
    """Return each digit's correlation with the most similar known digit, shape (N,).

    Args:
        digits: shape (N, 1, 28, 28).
        known: the ``profiles`` of the known digits, shape (M, 784).
    """
    return (profiles(digits) @ known.T).amax(1)


def profiles(digits: Tensor) -> Tensor:
    """Blur each digit, to tolerate shifts of a pixel, and normalize to mean 0 and length 1: shape (N, 784)."""
    blurred = F.avg_pool2d(digits, 3, 1, 1).flatten(1)
    return F.normalize(blurred - blurred.mean(1, keepdim=True))


def _extent(any_ink: Tensor) -> tuple[int, int]:
    where = any_ink.nonzero().flatten()
    return int(where[0]), int(where[-1]) + 1


def _scaled(soft: Tensor) -> Tensor:
    """Scale the ink to a longer side of 20 pixels, and a maximum of 1."""
    height, width = soft.shape[2:]
    size = max(1, round(BOX * height / max(height, width))), max(1, round(BOX * width / max(height, width)))
    small = F.interpolate(soft, size, mode="bicubic", antialias=True).clamp(0, 1)
    return small / small.max()


def _centered(small: Tensor) -> Tensor:
    """Pad to 28 x 28, with the center of mass within half a pixel of row 14 and column 14, counted from 0."""
    height, width = small.shape[2:]
    mass = small.sum()
    y = float((small.sum(3).flatten() * torch.arange(height)).sum() / mass)
    x = float((small.sum(2).flatten() * torch.arange(width)).sum() / mass)
    top = min(max(round(SIDE // 2 - y), 0), SIDE - height)
    left = min(max(round(SIDE // 2 - x), 0), SIDE - width)
    return F.pad(small, (left, SIDE - width - left, top, SIDE - height - top))
