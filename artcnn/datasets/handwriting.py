"""A digit in any picture, made to look as MNIST's do: light ink on black, 20 pixels long, centred by mass.

MNIST (LeCun, Bottou, Bengio and Haffner 1998, section III) scaled each digit into a box of 20 x 20 and put its centre
of mass into the middle of 28 x 28.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.image import fit_size, resize, size_of

BOX, SIDE = 20, 28
_WORKING_SIDE = 256  # pixels: enough for a stroke's edge, and components are found at once
_LEAST_CONTRAST = 0.08  # of ink to paper; below it there are only shadows and noise
_THIN, _STROKE = 1.4, 2.0  # pixels of 28: a stroke thinner than the one is widened to the other
_BROAD = 0.21  # the part of the ink that is as broad as 5 pixels; one in a thousand of MNIST's digits has more


@dataclass(frozen=True, eq=False)
class Handwriting:
    """What was found in a picture.

    Attributes:
        digit: shape (1, 1, 28, 28), ink 1 on 0; all 0 where there is no ink.
        doubt: why it cannot be a digit that someone wrote, or None.
    """

    digit: Tensor
    doubt: str | None


def find_digit(grey: Tensor) -> Handwriting:
    """Return the digit in a picture, dark on light or light on dark, evenly lit or not.

    Args:
        grey: shape (1, 1, H, W), in [0, 1].
    """
    if max(grey.shape[2:]) > _WORKING_SIDE:
        grey = resize(grey, fit_size(size_of(grey), _WORKING_SIDE))
    ink = _ink(grey)
    threshold, contrast = _otsu(ink)
    if contrast < _LEAST_CONTRAST:
        return Handwriting(torch.zeros(1, 1, SIDE, SIDE), "there is nothing written on it")
    strokes = _main_strokes(ink > threshold)
    width = _stroke_width(strokes)
    soft = ink * F.max_pool2d(strokes.float(), 3, 1, 1)
    soft = (soft / ink[strokes].quantile(0.8)).clamp(0, 1)
    digit = _centred(_scaled(_cropped(soft, strokes, width)))
    return Handwriting(digit, "it is not drawn with a pen's strokes" if _broad(digit) > _BROAD else None)


def _ink(grey: Tensor) -> Tensor:
    """Return how much each pixel differs from the paper around it, (1, 1, H, W), 0 for paper."""
    # Ink is what there is little of and what differs most: its side is the longer tail, however fine the stroke.
    if (grey - _light(grey)).pow(3).mean() > 0:
        grey = 1 - grey  # light ink on dark paper
    # A closing by a square larger than any stroke is wide takes the strokes away, whatever light falls on the paper.
    reach = max(1, min(grey.shape[2:]) // 8)
    padded = F.pad(grey, [2 * reach] * 4, mode="replicate")
    return -_dilated(-_dilated(padded, reach), reach) - grey


def _dilated(x: Tensor, reach: int) -> Tensor:
    """Return the maximum of the square around each pixel that has a whole one: ``reach`` pixels less on every side."""
    across: Tensor = F.max_pool2d(x, (1, 2 * reach + 1), 1)
    down: Tensor = F.max_pool2d(across, (2 * reach + 1, 1), 1)
    return down


def _light(grey: Tensor) -> Tensor:
    """Return the light that falls on the paper: the quadratic surface nearest to the picture's rim, (1, 1, H, W)."""
    height, width = grey.shape[2:]
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    terms = torch.stack([torch.ones_like(x), x, y, x * y, x * x, y * y], dim=-1)
    rim = (x.abs() > 0.9) | (y.abs() > 0.9)
    surface = torch.linalg.lstsq(terms[rim], grey[0, 0][rim][:, None]).solution
    light: Tensor = (terms @ surface)[None, None, ..., 0]
    return light


def _otsu(ink: Tensor) -> tuple[float, float]:
    """Return the threshold that parts ink from paper best, and the difference of their means (Otsu 1979)."""
    values = ink.flatten().sort().values.double()
    count = torch.arange(1, len(values), dtype=torch.float64)
    below = values.cumsum(0)[:-1]
    low, high = below / count, (values.sum() - below) / (len(values) - count)
    best = int((count * (len(values) - count) * (high - low).square()).argmax())
    return float((values[best] + values[best + 1]) / 2), float(high[best] - low[best])


def _main_strokes(mask: Tensor) -> Tensor:
    """Return a mask of the largest connected piece of ink and of others that are a tenth of it or more."""
    labels = components(mask)
    sizes = torch.bincount(labels[mask])
    return mask & (sizes[labels] >= max(1, int(sizes.max()) // 10))


def components(mask: Tensor) -> Tensor:
    """Return a number for each pixel of a mask, the same for all that touch, also by a corner; 0 outside.

    Args:
        mask: shape (1, 1, H, W), bool.
    """
    numbers = torch.arange(1, mask.numel() + 1, dtype=torch.float32).view(mask.shape) * mask
    while True:
        # The largest number spreads through its piece; a few strides at a time.
        spread = numbers
        for _ in range(16):
            spread = F.max_pool2d(spread, 3, 1, 1) * mask
        if torch.equal(spread, numbers):
            return numbers.long()
        numbers = spread


def _stroke_width(strokes: Tensor) -> float:
    """Return how wide the strokes will be, in pixels of 28: a stroke has two pixels of edge for each of its length."""
    edge = strokes & (F.max_pool2d(1 - F.pad(strokes.float(), [1] * 4), 3, 1) > 0)
    return _scale(strokes) * 2 * int(strokes.sum()) / int(edge.sum())


def _scale(strokes: Tensor) -> float:
    """Return the pixels of 28 to one of the picture."""
    rows, columns = _extent(strokes.any(3).flatten()), _extent(strokes.any(2).flatten())
    return BOX / max(rows[1] - rows[0], columns[1] - columns[0])


def _cropped(soft: Tensor, strokes: Tensor, width: float) -> Tensor:
    """Return the part of the ink that its box holds, strokes too thin to survive the scaling made wider."""
    rows, columns = _extent(strokes.any(3).flatten()), _extent(strokes.any(2).flatten())
    if width < _THIN:
        reach = round((_STROKE - width) / _scale(strokes) / 2)
        soft = F.max_pool2d(F.pad(soft, [reach] * 4), 2 * reach + 1, 1, reach)
        rows, columns = (rows[0], rows[1] + 2 * reach), (columns[0], columns[1] + 2 * reach)
    return soft[..., rows[0] : rows[1], columns[0] : columns[1]]


def _broad(digit: Tensor) -> float:
    """Return which part of the ink a square of 5 x 5 pixels fits on."""
    dark = (digit > 0.5).float()
    return float((1 - F.max_pool2d(1 - F.pad(dark, [2] * 4), 5, 1)).sum() / dark.sum())


def likeness(digits: Tensor, known: Tensor) -> Tensor:
    """Return how much each digit is like the most similar of those that are known: a correlation, shape (N,).

    Args:
        digits: shape (N, 1, 28, 28).
        known: shape (M, 1, 28, 28).
    """
    return (_profile(digits) @ _profile(known).T).amax(1)


def _profile(digits: Tensor) -> Tensor:
    """Return each digit blurred, which forgives a pixel, with mean 0 and length 1: shape (N, 784)."""
    blurred = F.avg_pool2d(digits, 3, 1, 1).flatten(1)
    return F.normalize(blurred - blurred.mean(1, keepdim=True))


def _extent(any_ink: Tensor) -> tuple[int, int]:
    where = any_ink.nonzero().flatten()
    return int(where[0]), int(where[-1]) + 1


def _scaled(soft: Tensor) -> Tensor:
    """Return the ink with its longer side 20 pixels, its darkest 1."""
    height, width = soft.shape[2:]
    size = max(1, round(BOX * height / max(height, width))), max(1, round(BOX * width / max(height, width)))
    small = F.interpolate(soft, size, mode="bicubic", antialias=True).clamp(0, 1)
    return small / small.max()


def _centred(small: Tensor) -> Tensor:
    """Return 28 x 28 pixels, the centre of mass within half a pixel of row 14 and column 14, counted from 0."""
    height, width = small.shape[2:]
    mass = small.sum()
    y = float((small.sum(3).flatten() * torch.arange(height)).sum() / mass)
    x = float((small.sum(2).flatten() * torch.arange(width)).sum() / mass)
    top = min(max(round(SIDE // 2 - y), 0), SIDE - height)
    left = min(max(round(SIDE // 2 - x), 0), SIDE - width)
    return F.pad(small, (left, SIDE - width - left, top, SIDE - height - top))
