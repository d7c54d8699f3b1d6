"""Pictures inside of a page are those that were found."""

import base64
import re
from io import BytesIO

import numpy as np
import torch
from PIL import Image

from artcnn.reports.inline import inline_image


def shown(html):
    """Return what a browser shows of an image element: its kind and its pixels (H, W, 3)."""
    kind, data = re.search(r'src="data:image/(\w+);base64,(.*?)"', html).groups()
    return kind, np.asarray(Image.open(BytesIO(base64.b64decode(data))).convert("RGB"))


def test_a_drawing_keeps_every_pixel_and_is_small():
    palette = torch.randint(0, 256, (200, 3), generator=torch.Generator().manual_seed(0))
    colors = palette[torch.arange(150)[:, None] // 10 * 13 % 200 + torch.arange(150)[None] // 30]
    kind, pixels = shown(inline_image(colors.permute(2, 0, 1).byte(), "a drawing", 1))
    assert kind == "png"
    assert (pixels == colors.numpy()).all()


def test_grey_and_photos():
    gray = torch.arange(256).view(1, 16, 16).byte()
    kind, pixels = shown(inline_image(gray, "gray", 4))
    assert (kind, (pixels[..., 0] == gray[0].numpy()).all()) == ("png", True)
    ramp = torch.linspace(0, 255, 200)
    photo = torch.stack([ramp.expand(200, 200), ramp[:, None].expand(200, 200), 128 + 20 * torch.randn(200, 200)])
    kind, pixels = shown(inline_image(photo.clamp(0, 255).byte(), "a photo", 1))
    assert kind == "jpeg"
    assert np.abs(pixels.astype(int) - photo.clamp(0, 255).permute(1, 2, 0).numpy()).mean() < 6


def test_small_pictures_stay_hard_edged():
    assert ' class="pixels"' in inline_image(torch.zeros(1, 28, 28).byte(), "a digit", 1)
    assert ' class="pixels"' not in inline_image(torch.zeros(1, 150, 150).byte(), "numbers", 1)
