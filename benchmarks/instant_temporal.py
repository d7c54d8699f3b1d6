"""Flicker: the warping error of a film that is painted frame by frame, relative to that of the film itself.

The error (Lai et al. 2018, arXiv:1808.00449): a frame is warped to the one before it along the optical flow of the
film; the squared difference of the two, colors in [0, 1], is averaged over the places that are seen in both, then
over the frames. Painting knows nothing of the flow. The flow is OpenCV's DIS, and which places are seen in both
Sundaram's test tells (2010): forward and backward flow agree, and the flow has no edge.

Then a photo is moved exactly: shifted, enlarged, turned a little each frame. There the flow is known everywhere. The
error of the moved photo itself is only that of resampling, so beside the ratio stands what a picture that did not
move along would have.

Run from the repository's root: python benchmarks/instant_temporal.py [--frames 132] [STYLE ...], after
pip install opencv-python-headless.
"""

import argparse
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import cos, radians, sin

import cv2
import numpy as np
from instant_pairs import CASTLE, PAINTINGS, PHOTOS, SHARED, paint, to_float
from PIL import Image
from torch import Tensor

FILM, SIZE = SHARED / "data/video/bigbuckbunny.mp4", (512, 288)
MOVES = {
    "shift by whole pixels": lambda frame: shift(3 * frame, 2 * frame),
    "shift by 1.3 and 0.6 px": lambda frame: shift(1.3 * frame, 0.6 * frame),
    "zoom by 1 %": lambda frame: turn(1.01**frame, 0),
    "turn by half a degree": lambda frame: turn(1, 0.5 * frame),
}
MOVED, EDGE = 6, 24  # frames of a move, and pixels at the edges that do not count
Flow = np.ndarray
"""Where each pixel is in the next frame: (H, W, 2), across and down, in pixels."""


def film(frames: int) -> Iterator[np.ndarray]:
    """Yield the frames of the film, (H, W, 3) of 8 bits in RGB."""
    reader = cv2.VideoCapture(str(FILM))
    for _ in range(frames):
        there, frame = reader.read()
        if not there:
            return
        yield cv2.cvtColor(cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)


def flows(first: np.ndarray, second: np.ndarray) -> tuple[Flow, np.ndarray]:
    """Return the flow from one frame to the next, and which places are seen in both, (H, W)."""
    grays = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second)]
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forward, backward = dis.calc(*grays, None), dis.calc(*grays[::-1], None)
    returned = warp(backward, forward)
    length = np.square(forward).sum(2) + np.square(returned).sum(2)
    agree = np.square(forward + returned).sum(2) < 0.01 * length + 0.5
    edges = sum(np.square(np.gradient(forward, axis=axis)).sum(2) for axis in (0, 1))
    down, across = np.indices(agree.shape)
    inside = (across + forward[..., 0] >= 0) & (across + forward[..., 0] <= agree.shape[1] - 1)
    inside &= (down + forward[..., 1] >= 0) & (down + forward[..., 1] <= agree.shape[0] - 1)
    return forward, agree & (edges < 0.01 * np.square(forward).sum(2) + 0.002) & inside


def warp(image: np.ndarray, flow: Flow, how: int = cv2.INTER_LINEAR) -> np.ndarray:
    """Return what an image, (H, W, C), has where the flow leads."""
    down, across = np.indices(flow.shape[:2]).astype(np.float32)
    return cv2.remap(image, across + flow[..., 0], down + flow[..., 1], how, borderMode=cv2.BORDER_REFLECT_101)


def error(first: Tensor, second: Tensor, flow: Flow, seen: np.ndarray, how: int = cv2.INTER_LINEAR) -> float:
    """Return the mean squared difference of a picture and the next one warped to it, where both are seen."""
    before, after = (picture[0].permute(1, 2, 0).numpy() for picture in (first, second))
    return float(np.square(before - warp(after, flow, how)).mean(2)[seen].mean())


def measure_film(painter: Callable[[Tensor, str], Tensor], names: list[str], frames: int) -> None:
    """Print the warping error of the film itself, and of the film in each style."""
    shots = [to_float(frame) for frame in film(frames)]
    moves = [flows(*pair) for pair in pairwise(film(frames))]
    own = np.mean([error(*pair, *move) for pair, move in zip(pairwise(shots), moves, strict=True)])
    seen = np.mean([seen.mean() for _, seen in moves])
    still = np.mean([(one - other).square().mean() for one, other in pairwise(shots)])
    print(f"film: {len(shots)} frames, own error {own:.6f}, {still:.6f} without flow; {seen:.0%} seen in both")
    ratios = []
    for style in names:
        painted = (painter(shot, style) for shot in shots)
        errors = [error(*pair, *move) for pair, move in zip(pairwise(painted), moves, strict=True)]
        ratios.append(np.mean(errors) / own)
        print(f"  {style}: {np.mean(errors):.6f}, {ratios[-1]:.2f} times the film's own", flush=True)
    print(f"  median {np.median(ratios):.2f}, worst {max(ratios):.2f} times the film's own")


def shift(across: float, down: float) -> np.ndarray:
    """Return the matrix, (2, 3), from places of a frame to places of the photo, about its middle."""
    return np.array([[1, 0, across], [0, 1, down]], np.float64)


def turn(scale: float, degrees: float) -> np.ndarray:
    """Return the matrix, (2, 3), of an enlargement and a turn about the middle."""
    c, s = cos(radians(degrees)) / scale, sin(radians(degrees)) / scale
    return np.array([[c, -s, 0], [s, c, 0]], np.float64)


def centered(matrix: np.ndarray, width: int, height: int, middle: tuple[float, float]) -> np.ndarray:
    """Return a matrix for places counted from the upper left corner of a frame; its middle lies on ``middle``."""
    full = matrix.copy()
    full[:, 2] += np.array(middle) - matrix[:, :2] @ [(width - 1) / 2, (height - 1) / 2]
    return full


def measure_move(painter: Callable[[Tensor, str], Tensor], names: list[str], photo: np.ndarray, name: str) -> None:
    """Print the error of one exact move in each style, beside that of pictures that do not move along."""
    width, height = SIZE
    middle = ((photo.shape[1] - 1) / 2, (photo.shape[0] - 1) / 2)
    places = [centered(MOVES[name](frame), width, height, middle) for frame in range(MOVED)]
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    shots = [to_float(cv2.warpAffine(photo, place, SIZE, flags=how)) for place in places]
    moves = [exact_flow(*pair) for pair in pairwise(places)]
    own = np.mean([error(*pair, *move, cv2.INTER_CUBIC) for pair, move in zip(pairwise(shots), moves, strict=True)])
    lines = []
    for style in names:
        painted = [painter(shot, style) for shot in shots]
        steps = list(zip(pairwise(painted), moves, strict=True))
        along = np.mean([error(*pair, *move, cv2.INTER_CUBIC) for pair, move in steps])
        still = np.mean([error(*pair, np.zeros_like(flow), seen) for pair, (flow, seen) in steps])
        lines.append((along, along / still, style))
    along, of_still, style = max(lines)
    middle = np.median([line[:2] for line in lines], axis=0)
    print(
        f"{name}: own error {own:.6f}; median {middle[0]:.6f}, {middle[1]:.3f} of what stood still; "
        f"worst {along:.6f}, {of_still:.3f} ({style})",
        flush=True,
    )


def exact_flow(first: np.ndarray, second: np.ndarray) -> tuple[Flow, np.ndarray]:
    """Return the flow between two frames of a move, and the places that count."""
    full = [np.vstack([matrix, [0, 0, 1]]) for matrix in (first, second)]
    step = np.linalg.inv(full[1]) @ full[0]
    down, across = np.indices(SIZE[::-1]).astype(np.float64)
    flow = np.stack([row[0] * across + row[1] * down + row[2] for row in step[:2]], 2)
    x, y = flow[..., 0], flow[..., 1]
    width, height = SIZE
    seen = (x >= EDGE) & (x < width - EDGE) & (y >= EDGE) & (y < height - EDGE)
    seen[:EDGE] = seen[-EDGE:] = seen[:, :EDGE] = seen[:, -EDGE:] = False
    return (flow - np.stack([across, down], 2)).astype(np.float32), seen


def main() -> None:
    """Print all errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("styles", nargs="*", default=[*PAINTINGS])
    parser.add_argument("--frames", type=int, default=132)
    options = parser.parse_args()
    measure_film(paint, options.styles, options.frames)
    photo = np.array(Image.open(PHOTOS[CASTLE]).convert("RGB").resize((960, 640), Image.Resampling.LANCZOS))
    for name in MOVES:
        measure_move(paint, options.styles, photo, name)


if __name__ == "__main__":
    main()
