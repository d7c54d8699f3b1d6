"""Flicker: the warping error of a film that is painted frame by frame, relative to that of the film itself.

``warping_error.py`` says what the error is. Painting knows nothing of the flow.

Then a photo is moved exactly: shifted, enlarged, turned a little each frame. There the flow is known everywhere. The
error of the moved photo itself is only that of resampling, so beside the ratio stands what a picture that did not
move along would have.

Run from the repository's root: python benchmarks/instant_temporal.py [--frames 132] [STYLE ...], after
pip install opencv-python-headless.
"""

import argparse
from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from instant_pairs import CASTLE, PAINTINGS, PHOTOS, paint, to_float
from PIL import Image
from torch import Tensor
from warping_error import Layer, Scene, error, film, flows, mean_error, shift, turn

SIZE = 512, 288
MOVES = {
    "shift by whole pixels": lambda frame: shift(3 * frame, 2 * frame),
    "shift by 1.3 and 0.6 px": lambda frame: shift(1.3 * frame, 0.6 * frame),
    "zoom by 1 %": lambda frame: turn(1.01**frame, 0),
    "turn by half a degree": lambda frame: turn(1, 0.5 * frame),
}
MOVED = 6  # frames of a move


def measure_film(painter: Callable[[Tensor, str], Tensor], names: list[str], frames: int) -> None:
    """Print the warping error of the film itself, and of the film in each style."""
    shots = [to_float(frame) for frame in film(frames, SIZE)]
    moves = [flows(*pair) for pair in pairwise(film(frames, SIZE))]
    own = mean_error(shots, moves)
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


def measure_move(painter: Callable[[Tensor, str], Tensor], names: list[str], photo: np.ndarray, name: str) -> None:
    """Print the error of one exact move in each style, beside that of pictures that do not move along."""
    scene = Scene([Layer(photo, MOVES[name])], MOVED, SIZE)
    moves = scene.moves()
    own = mean_error(scene.frames, moves, cv2.INTER_CUBIC)
    lines = []
    for style in names:
        painted = [painter(shot, style) for shot in scene.frames]
        along = mean_error(painted, moves, cv2.INTER_CUBIC)
        still = mean_error(painted, [(np.zeros_like(flow), seen) for flow, seen in moves], cv2.INTER_CUBIC)
        lines.append((along, along / still, style))
    along, of_still, style = max(lines)
    middle = np.median([line[:2] for line in lines], axis=0)
    print(
        f"{name}: own error {own:.6f}; median {middle[0]:.6f}, {middle[1]:.3f} of what stood still; "
        f"worst {along:.6f}, {of_still:.3f} ({style})",
        flush=True,
    )


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
