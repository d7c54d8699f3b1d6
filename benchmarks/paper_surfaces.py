"""Paper, tables, light and what else gets into a photo: arrays of shape (H, W, 3), 0 to 255."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

if TYPE_CHECKING:
    from paper_photos import Scene

Array = NDArray[np.float32]


def draw_page(scene: "Scene", width: int, height: int, random: np.random.Generator) -> Array:
    """Return the paper with its ruling and all that is printed on it, and nothing written yet."""
    fiber = ndimage.gaussian_filter(random.standard_normal((height, width), dtype=np.float32), 1.5, truncate=2)
    page = np.array(scene.paper, np.float32) + 4 * fiber[..., None]
    small = min(width, height)
    pitch = max(8.0, scene.pitch * small)
    stroke = max(1, round(small / 480 * random.uniform(0.8, 2.2)))
    color = np.array(scene.ruling_color)
    ink = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(ink)
    rows = np.arange(random.uniform(0.3, 1) * pitch, height, pitch)
    columns = np.arange(random.uniform(0.3, 1) * pitch, width, pitch)
    if scene.ruling in ("lines", "squares", "millimeters"):
        for y in rows:
            draw.line([(0, y), (width, y)], fill=255, width=stroke)
    if scene.ruling in ("squares", "millimeters"):
        for x in columns:
            draw.line([(x, 0), (x, height)], fill=255, width=stroke)
    if scene.ruling == "millimeters":
        for place in np.arange(rows[0] % (pitch / 5), max(width, height), pitch / 5):
            draw.line([(place, 0), (place, height)], fill=110, width=1)
            draw.line([(0, place), (width, place)], fill=110, width=1)
    if scene.ruling == "dots":
        for y in rows:
            for x in columns:
                draw.ellipse([x - stroke, y - stroke, x + stroke, y + stroke], fill=255)
    if scene.ruling != "none":
        page = _printed(page, np.asarray(ink), color)
    if "margin" in scene.extras:
        line = Image.new("L", (width, height), 0)
        # left of, or right of, the photo's middle, within what is in view
        x = width * random.choice([random.uniform(0.2, 0.28), random.uniform(0.72, 0.8)])
        ImageDraw.Draw(line).line([(x, 0), (x, height)], fill=255, width=max(2, round(small / 220)))
        page = _printed(page, np.asarray(line), np.array([205, 55, 60]))
    if "fold" in scene.extras:
        x = np.arange(width) - width * random.uniform(0.35, 0.65)
        crease = np.exp(-((x / (small / 200)) ** 2))
        page = page * (1 - 0.18 * crease - 0.07 * (x > 0))[None, :, None]
    if "spiral" in scene.extras or "holes" in scene.extras:
        page = _holes(page, "spiral" in scene.extras, random)
    return page


def _printed(page: Array, ink: NDArray[np.uint8], color: Array) -> Array:
    """Return a page with ink of 0 to 255 on it, in place."""
    where = ink > 0
    alpha = (ink[where] / np.float32(255))[:, None]
    page[where] = page[where] * (1 - alpha) + color.astype(np.float32) * alpha
    return page


def _holes(page: Array, spiral: bool, random: np.random.Generator) -> Array:
    """Return a page with holes along its left side, and the wire of a spiral through them."""
    height, width = page.shape[:2]
    small = min(width, height)
    left = 0.21 * width  # of a page a third of which lies outside the photo
    holes = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(holes)
    step, radius = (small / 20, small / 90) if spiral else (small / 3, small / 45)
    for y in np.arange(random.uniform(0, step), height, step):
        draw.ellipse([left - radius, y - radius, left + radius, y + radius], fill=255)
        if spiral:
            draw.line([(left - 4 * radius, y - radius), (left, y)], fill=200, width=max(2, int(radius / 2)))
    return _printed(page, np.asarray(holes), np.array([48, 44, 42]))


def add_text(page: Array, random: np.random.Generator) -> Array:
    """Return a page with some lines of print near the middle's upper or lower side."""
    height, width = page.shape[:2]
    size = int(min(width, height) * random.uniform(0.025, 0.05))
    font = ImageFont.load_default(size)
    ink = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(ink)
    words = ["please", "write", "the", "number", "into", "this", "field", "and", "sign", "below", "before", "sending"]
    top = height * random.choice([0.24, 0.68])
    for line in range(int(random.integers(2, 5))):
        some = random.choice(words, 4)
        draw.text((width * 0.28, top + 1.5 * line * size), " ".join(some), fill=255, font=font)
    return _printed(page, np.asarray(ink), np.array([40, 40, 44]))


def add_finger(frame: Array, random: np.random.Generator) -> Array:
    """Return a photo with a finger at its rim."""
    height, width = frame.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(float)
    side = int(random.integers(4))
    along = random.uniform(0.2, 0.8)
    radius = 0.06 * width
    reach = random.uniform(0.08, 0.16) * min(width, height)
    across, depth, long = (x, height - y, width) if side == 0 else (x, y, width)
    if side >= 2:
        across, depth, long = (y, x, height) if side == 2 else (y, width - x, height)
    away = np.hypot(across - along * long, np.maximum(0, depth - reach))
    cover = 1 / (1 + np.exp((away - radius) / 1.5))
    shade = 1 - 0.5 * (away / radius).clip(0, 1) ** 2
    return frame * (1 - cover[..., None]) + np.array([214, 160, 132]) * shade[..., None] * cover[..., None]


def surface(kind: str, width: int, height: int, random: np.random.Generator) -> Array:
    """Return what the paper lies on."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    noise = random.standard_normal((height, width), dtype=np.float32)
    if kind == "wood":
        grain = (
            ndimage.gaussian_filter(noise, (0.8, 40), truncate=2) * 12
            + ndimage.gaussian_filter(noise, (6, 80), truncate=2) * 35
        )
        base = np.array([[120, 78, 48], [168, 120, 78], [86, 54, 36]][int(random.integers(3))])
        return base + 16 * grain[..., None] * (base / 120)
    if kind == "cloth":
        step = random.uniform(0.03, 0.08) * width
        checks = ((x // step) % 2 + (y // step) % 2) / 2
        color = np.array([[180, 40, 50], [40, 70, 140], [60, 120, 70]][int(random.integers(3))])
        return color * checks[..., None] + 235 * (1 - checks[..., None]) + 4 * noise[..., None]
    if kind == "light":
        base = np.array([205, 200, 196]) + random.uniform(-20, 10)
        return base + 5 * ndimage.gaussian_filter(noise, 2)[..., None] * 4
    if kind == "stone":
        speckle = ndimage.gaussian_filter(noise, 2) * 4
        return np.array([128, 126, 122]) + 40 * np.tanh(speckle)[..., None]
    if kind == "black":
        return np.zeros((height, width, 3)) + random.uniform(0, 18) + noise[..., None]
    base = np.array([[66, 42, 28], [44, 46, 52], [70, 60, 58], [36, 30, 28]][int(random.integers(4))])
    return base + 5 * noise[..., None]


def light_of(scene: "Scene", width: int, height: int, random: np.random.Generator) -> Array:
    """Return how much of the light each pixel gets, shape (H, W): a lamp on one side, a lens, shadows, creases."""
    y, x = np.mgrid[0:height, 0:width]
    x, y = 2 * x / width - 1, 2 * y / height - 1
    angle = random.uniform(0, 2 * np.pi)
    light = 1 - scene.uneven * (1 + np.cos(angle) * x + np.sin(angle) * y) / 2
    light = light * (1 - 0.4 * scene.uneven * (x**2 + y**2) / 2)
    if scene.shadow:
        angle = random.uniform(0, 2 * np.pi)
        edge = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.3, 0.4)
        edge = edge + 0.15 * np.sin(5 * (np.cos(angle) * y - np.sin(angle) * x) + random.uniform(0, 6))
        light = light * (1 - scene.shadow / (1 + np.exp(-edge * random.uniform(12, 40))))
    if scene.crumple:
        for _ in range(7):
            angle = random.uniform(0, 2 * np.pi)
            distance = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.8, 0.8)
            light = light * (1 + scene.crumple * np.tanh(distance * 25) * np.exp(-np.abs(distance) * 5))
    return light
