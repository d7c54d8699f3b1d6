"""The paintings and photos that the benchmarks of instant styles use, and how they paint.

They are those of ``instant/styles.toml``: the paintings whose styles ship, and the photos that were held out when their
network was trained. All lie outside the repository, in ``../shared``.
"""

import tomllib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import artcnn

SHARED = Path(__file__).parents[2] / "shared"
_PLAN = tomllib.loads((Path(__file__).parent / "instant" / "styles.toml").read_text(encoding="utf-8"))

PAINTINGS = {row["name"]: SHARED / row["path"] for row in _PLAN["paintings"]}
PHOTOS = {name: SHARED / f"data/photos/{name}.webp" for name in _PLAN["held_out"]}
CAT, CASTLE, MOUNTAIN = "farm_animals_cat", "monuments_neuschwansteinCastle", "monuments_machuPicchu"
GATE, PANDA, TOWER = "monuments_brandenburgGate", "erase_red_panda", "monuments_eiffelTower"


def to_tensor(image: Image.Image) -> Tensor:
    """Return a picture as (1, 3, H, W), sRGB in [0, 1]."""
    return to_float(np.array(image.convert("RGB")))


def to_float(pixels: np.ndarray) -> Tensor:
    """Return pixels of 8 bits, (H, W, 3), as (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def in_pillow(image: Tensor) -> Image.Image:
    """Return (1, 3, H, W), sRGB in [0, 1], as a picture of 8 bits."""
    return Image.fromarray((image[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())


def paint(image: Tensor, style: str) -> Tensor:
    """Return a picture of (1, 3, H, W) in a style that ships, of the same size, in 8 bits as it would be written."""
    result = artcnn.instant(in_pillow(image), style=style, size=max(image.shape[-2:]))
    return to_tensor(result.to_pil())
