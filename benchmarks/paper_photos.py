"""Photos of handwritten digits on paper, made from MNIST's test digits: many kinds of paper, table, light and camera.

Nothing is read from disk but MNIST. The same kind and number give the same photo.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from paper_surfaces import add_finger, add_text, draw_page, light_of, surface
from PIL import Image
from scipy import ndimage

Array = NDArray[np.float32]

PENS = {
    "black": (32, 31, 36),
    "navy": (35, 36, 62),
    "blue": (28, 52, 150),
    "red": (188, 32, 44),
    "green": (24, 112, 58),
    "purple": (92, 30, 120),
    "pencil": (96, 96, 100),
}


@dataclass(frozen=True)
class Scene:
    """What is photographed, and how.

    Attributes:
        paper: color of the paper, 0 to 255.
        pen: color of the strokes, 0 to 255.
        stroke: width of the strokes as a part of the digit's height; None keeps MNIST's own.
        size: height of the digit as a part of the paper's smaller side.
        digits: how many digits are written.
        table: what the paper lies on, None where the paper fills the photo.
        sides: on how many sides the table is in view.
        ruling: none, lines, squares, dots or millimeters.
        ruling_color: its color, 0 to 255.
        pitch: distance of the lines as a part of the paper's smaller side.
        extras: margin, spiral, holes, text, finger, box, fold.
        turn: rotation in degrees.
        perspective: movement of the paper's corners as a part of its side.
        shadow: depth of soft shadows.
        crumple: depth of creases.
        glare: strength of a reflection.
        uneven: how much darker the darkest corner is.
        blur: Gaussian blur in pixels of a photo 640 wide.
        noise: standard deviation of the noise, 0 to 255.
        quality: of the JPEG.
        chalk: how much of the strokes is rubbed off.
    """

    paper: tuple[float, float, float] = (232, 229, 222)
    pen: tuple[float, float, float] = PENS["navy"]
    stroke: float | None = None
    size: float = 0.5
    digits: int = 1
    table: str | None = None
    sides: int = 0
    ruling: str = "none"
    ruling_color: tuple[float, float, float] = (165, 190, 228)
    pitch: float = 0.08
    extras: frozenset[str] = field(default_factory=frozenset)
    turn: float = 0.0
    perspective: float = 0.0
    shadow: float = 0.0
    crumple: float = 0.0
    glare: float = 0.0
    uneven: float = 0.15
    blur: float = 0.8
    noise: float = 3.0
    quality: int = 88
    chalk: float = 0.0


@dataclass(frozen=True)
class Photo:
    """A photo with what is written on it.

    Attributes:
        image: RGB, or RGBA where it is strokes on nothing.
        truth: the digit; several, or none.
    """

    image: Image.Image
    truth: str


def take_photo(scene: Scene, digits: Array, labels: list[int], random: np.random.Generator) -> Photo:
    """Return a photo of a scene.

    Args:
        scene: what is photographed.
        digits: shape (N, 28, 28) in [0, 1], to choose from.
        labels: their labels.
        random: where all chance comes from.
    """
    width, height = [(640, 480), (480, 640), (500, 500)][int(random.integers(3))]
    box = _paper_box(scene, width, height, random)
    page_width, page_height = int(box[2] - box[0]), int(box[3] - box[1])
    page = draw_page(scene, page_width, page_height, random)
    page, truth = _write(page, scene, digits, labels, random, visible=(-box[0], -box[1], width, height))
    if "text" in scene.extras:
        page = add_text(page, random)
    quad = _quad(box, scene, random)
    frame = _lay(page, quad, surface(scene.table or "dark", width, height, random))
    frame = frame * light_of(scene, width, height, random)[..., None]
    if scene.glare:
        y, x = np.mgrid[0:height, 0:width]
        middle = random.uniform(0, width), random.uniform(0, height)
        spot = np.exp(-(((x - middle[0]) / width) ** 2 + ((y - middle[1]) / height) ** 2) / 0.04)
        frame = frame + scene.glare * spot[..., None] * (255 - frame)
    if "finger" in scene.extras:
        frame = add_finger(frame, random)
    frame = ndimage.gaussian_filter(frame.astype(np.float32), (scene.blur * width / 640,) * 2 + (0,), truncate=3)
    frame = frame + scene.noise * random.standard_normal(frame.shape, dtype=np.float32)
    picture = Image.fromarray(frame.clip(0, 255).astype(np.uint8))
    stored = BytesIO()
    picture.save(stored, "JPEG", quality=scene.quality)
    return Photo(Image.open(stored).convert("RGB"), truth)


def _paper_box(scene: Scene, width: int, height: int, random: np.random.Generator) -> list[float]:
    """Return left, top, right, bottom of the paper before it is turned; a side not in view lies outside the photo."""
    outside = 0.2 * max(width, height)
    box = [-outside, -outside, width + outside, height + outside]
    for side in random.permutation(4)[: scene.sides]:
        inside = random.uniform(0.05, 0.16) * (width if side % 2 == 0 else height)
        box[side] = inside if side < 2 else (width if side == 2 else height) - inside
    return box


def _quad(box: list[float], scene: Scene, random: np.random.Generator) -> Array:
    """Return the four corners of the paper in the photo, shape (4, 2), clockwise from the top left."""
    left, top, right, bottom = box
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=float)
    middle = corners.mean(0)
    angle = np.deg2rad(scene.turn)
    turned = (corners - middle) @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + middle
    jitter = random.uniform(-1, 1, (4, 2)) * scene.perspective * np.array([right - left, bottom - top])
    return turned + jitter


def _lay(page: Array, quad: Array, table: Array) -> Array:
    """Return the table with the page on it, seen through the camera."""
    height, width = page.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=float)
    rows = []
    for (x, y), (u, v) in zip(quad, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    numbers = np.linalg.solve(np.array(rows), source.ravel())
    size = table.shape[1], table.shape[0]
    layers = [Image.fromarray(page[..., c].clip(0, 255).astype(np.float32)) for c in range(page.shape[2])]
    warped = [
        np.asarray(layer.transform(size, Image.Transform.PERSPECTIVE, numbers.tolist(), Image.Resampling.BILINEAR))
        for layer in layers
    ]
    cover = Image.new("F", (width, height), 1.0)
    alpha = np.asarray(cover.transform(size, Image.Transform.PERSPECTIVE, numbers.tolist(), Image.Resampling.BILINEAR))
    near = ndimage.gaussian_filter(alpha, 8 * size[0] / 640)
    ground = table * (1 - 0.35 * near * (1 - alpha))[..., None]  # the paper's shadow
    laid: Array = np.stack(warped, -1) * alpha[..., None] + ground * (1 - alpha[..., None])
    return laid


def _write(
    page: Array,
    scene: Scene,
    digits: Array,
    labels: list[int],
    random: np.random.Generator,
    visible: tuple[float, float, int, int],
) -> tuple[Array, str]:
    """Return the page with the digits written on it, and which they are."""
    height, width = page.shape[:2]
    left, top = max(0, visible[0]), max(0, visible[1])
    right, bottom = min(width, visible[0] + visible[2]), min(height, visible[1] + visible[3])
    side = scene.size * min(right - left, bottom - top)
    truth, used = "", []
    for _ in range(scene.digits):
        index = int(random.integers(len(digits)))
        mask = glyph(digits[index], side, scene.stroke, random)
        if scene.chalk:
            grain = ndimage.gaussian_filter(random.standard_normal(mask.shape), 1.0)
            mask = mask * np.clip(1 - scene.chalk * (0.7 + 2 * grain), 0, 1)
        space = max(right - left - mask.shape[1], 2), max(bottom - top - mask.shape[0], 2)
        for _ in range(50):
            x = int(
                left + space[0] * random.uniform(0.2, 0.8) if scene.digits == 1 else left + space[0] * random.random()
            )
            y = int(top + space[1] * random.uniform(0.2, 0.8))
            if all(abs(x - other) > 0.75 * side for other in used):
                break
        used.append(x)
        part = page[y : y + mask.shape[0], x : x + mask.shape[1]]
        alpha = mask[: part.shape[0], : part.shape[1], None]
        part[...] = part * (1 - alpha) + np.array(scene.pen) * alpha
        truth += str(labels[index])
    return page, truth


def glyph(digit: Array, side: float, stroke: float | None, random: np.random.Generator) -> Array:
    """Return how much of each pixel the pen covers.

    Args:
        digit: shape (28, 28) in [0, 1].
        side: height or width of the digit in pixels, the longer.
        stroke: width of the pen as a part of ``side``; None keeps the digit's own.
        random: where chance comes from.
    """
    rows, columns = (np.flatnonzero(digit.max(axis) > 0.1) for axis in (1, 0))
    cut = np.pad(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 3)
    factor = side / max(len(rows), len(columns))
    if stroke is None:
        large = ndimage.gaussian_filter(ndimage.zoom(cut, factor, order=3), 0.4 * factor)
        covered: Array = 1 / (1 + np.exp(-(large - random.uniform(0.35, 0.55)) * 25))
    else:
        fine = ndimage.zoom(cut, 6, order=3) > 0.5
        distance = ndimage.distance_transform_edt(~thin(fine))
        large = ndimage.zoom(ndimage.gaussian_filter(distance, 1.0), factor / 6, order=1) * factor / 6
        covered = 1 / (1 + np.exp(((large - stroke * side / 2) * 2.5).clip(-50, 50)))
    return covered * random.uniform(0.85, 1)


def thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the middle lines of strokes, a pixel wide (Zhang and Suen 1984)."""
    mask = np.pad(mask, 1)
    while True:
        before = mask.sum()
        for first in (True, False):
            around = [np.roll(mask, shift, (0, 1)) for shift in _AROUND]
            count = sum(one.astype(int) for one in around)
            turns = sum((~a & b).astype(int) for a, b in zip(around, around[1:] + around[:1], strict=True))
            up, right, down, left = around[0], around[2], around[4], around[6]
            if first:
                open_side = ~(up & right & down) & ~(right & down & left)
            else:
                open_side = ~(up & right & left) & ~(up & down & left)
            mask = mask & ~((count >= 2) & (count <= 6) & (turns == 1) & open_side)
        if mask.sum() == before:
            return mask[1:-1, 1:-1]


_AROUND = [(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)]
"""Shifts that bring the neighbors above, above to the right, and so on clockwise, to a pixel's own place."""


def transparent(digits: Array, labels: list[int], random: np.random.Generator) -> Photo:
    """Return strokes of one color on nothing: white, or any."""
    index = int(random.integers(len(digits)))
    color = (255, 255, 255) if random.random() < 0.6 else list(PENS.values())[int(random.integers(len(PENS)))]
    pixels = np.zeros((480, 640, 4))
    pixels[..., :3] = color if random.random() < 0.5 else 0  # what lies under nothing is seen by no one
    mask = glyph(digits[index], random.uniform(90, 300), random.choice([None, 0.06, 0.1]), random)
    y, x = (int(random.uniform(0.1, 0.9) * (full - part)) for full, part in zip((480, 640), mask.shape, strict=True))
    pixels[y : y + mask.shape[0], x : x + mask.shape[1], :3] = color
    pixels[y : y + mask.shape[0], x : x + mask.shape[1], 3] = 255 * mask
    return Photo(Image.fromarray(pixels.astype(np.uint8)), str(labels[index]))


def common(random: np.random.Generator) -> Scene:
    """Return an ordinary photo of a digit on paper."""
    pens = list(PENS)
    gray = random.uniform(215, 250)
    tint = random.uniform(-6, 3, 3)
    return Scene(
        paper=tuple(gray + tint),
        pen=PENS[pens[int(random.integers(len(pens)))]],
        stroke=None if random.random() < 0.5 else float(random.uniform(0.045, 0.11)),
        size=float(random.uniform(0.25, 0.65)),
        turn=float(random.normal(0, 2)),
        perspective=0.01,
        uneven=float(random.uniform(0.05, 0.35)),
        blur=float(random.uniform(0.5, 1.3)),
        noise=float(random.uniform(1, 5)),
        quality=int(random.integers(70, 95)),
    )


Change = Callable[[Scene, np.random.Generator], Scene]


def change(**fields: object) -> Change:
    """Return what gives a scene these fields; a pair of floats is a range to choose from."""

    def apply(scene: Scene, random: np.random.Generator) -> Scene:
        chosen = {
            name: float(random.uniform(*value)) if isinstance(value, tuple) and len(value) == 2 else value
            for name, value in fields.items()
        }
        return replace(scene, **chosen)

    return apply
