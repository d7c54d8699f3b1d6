"""Photos in memory, and random crops of them."""

import hashlib
from dataclasses import dataclass
from math import exp, log

import torch
import torch.nn.functional as F
from torch import Tensor

_SCALES = 0.7, 1.5
"""Least and most pixels of a photo along one pixel of a crop; a small photo is enlarged."""


@dataclass(frozen=True, eq=False)
class Photos:
    """Photos in memory.

    Attributes:
        pictures: each of shape (3, H, W), uint8, sRGB.
        name: of them all.
    """

    pictures: tuple[Tensor, ...]
    name: str

    def __len__(self) -> int:
        return len(self.pictures)

    def sha256(self) -> str:
        """Return the sha256 of all pixels and sizes, in hexadecimal."""
        digest = hashlib.sha256()
        for picture in self.pictures:
            digest.update(repr(tuple(picture.shape)).encode())
            digest.update(picture.contiguous().numpy().data)
        return digest.hexdigest()

    def crop(self, side: int, generator: torch.Generator) -> Tensor:
        """Return a square at a random place of a random photo, shape (1, 3, side, side), sRGB in [0, 1].

        It is scaled at random, and half of the time mirrored.
        """
        chosen, scale, row, column, mirrored = torch.rand(5, generator=generator, dtype=torch.float64).tolist()
        picture = self.pictures[int(chosen * len(self.pictures))]
        height, width = picture.shape[1:]
        low, high = map(log, _SCALES)
        length = min(int(side * exp(low + scale * (high - low))), height, width)
        top, left = int(row * (height - length + 1)), int(column * (width - length + 1))
        square = picture[None, :, top : top + length, left : left + length].float() / 255
        if length != side:
            square = F.interpolate(square, (side, side), mode="bilinear", antialias=True, align_corners=False)
        return square.flip(3) if mirrored < 0.5 else square
