"""A digit, a word and a game to try artcnn with: samples/digit.png, samples/word.wav and samples/game.sgf.

Run from the repository's root: python benchmarks/sample_files.py samples
"""

import lzma
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import soundfile
from PIL import Image, ImageDraw, ImageFilter

DATA = Path(__file__).parent.parent / "artcnn" / "data"
SIDE, FINER = 160, 8
STROKE = (
    *((0.33, 0.27), (0.42, 0.19), (0.56, 0.18), (0.64, 0.27), (0.61, 0.38), (0.50, 0.45), (0.43, 0.47)),
    *((0.53, 0.48), (0.65, 0.55), (0.67, 0.68), (0.58, 0.79), (0.43, 0.82), (0.31, 0.76)),
)
"""Where the pen goes for a 3: across and down, as a part of the paper's side."""

VOICE, WORD = "en-us+f2", 3


def draw_digit() -> Image.Image:
    """Return a 3 as a pen draws it, pressed more at the start than at the end, on nearly white paper."""
    side = FINER * SIDE
    paper = Image.new("L", (side, side), 245)
    pen = ImageDraw.Draw(paper)
    for number, (x, y) in enumerate(curve := list(spline(STROKE))):
        part = number / len(curve)
        radius = 0.033 + 0.008 * math.sin(5 * part + 1) - 0.008 * part
        box = [side * edge for edge in (x - radius, y - radius, x + radius, y + radius)]
        pen.ellipse(box, fill=40)
    return paper.filter(ImageFilter.GaussianBlur(6)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def spline(points: Sequence[tuple[float, float]], steps: int = 200) -> Iterator[tuple[float, float]]:
    """Yield places on Catmull and Rom's curve through points."""
    ends = [points[0], *points, points[-1]]
    for first in range(len(points) - 1):
        four = ends[first : first + 4]
        for step in range(steps):
            t = step / steps
            weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
            x, y = (sum(w * at[axis] for w, at in zip(weights, four, strict=True)) / 2 for axis in (0, 1))
            yield x, y


def main() -> None:
    """Write the three files."""
    folder = Path(sys.argv[1])
    draw_digit().save(folder / "digit.png", optimize=True)
    wave, rate = soundfile.read(DATA / "spoken" / f"{VOICE}.ogg")
    soundfile.write(folder / "word.wav", wave[WORD * rate : (WORD + 1) * rate], rate, "PCM_16")
    with lzma.open(DATA / "games" / "self-play.sgf.xz", "rt") as games:
        (folder / "game.sgf").write_text(next(games).strip() + "\n")


if __name__ == "__main__":
    main()
