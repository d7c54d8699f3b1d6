"""How much of the network's grid a dream draws into smooth light places.

Of the change from photo to dream, taken where the photo is smooth and light, the power spectrum is compared at the
network's periods with that beside them. A period of T pixels is at the frequencies (a / T, b / T) of the plane, on the
axes and off them. The periods are those of the last octave, and, longer by the octaves' ratio, of the smaller ones.

Run: python benchmarks/grid.py [--size 384] [--preset default] [--set calm=0 ...] PHOTO ...
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from artcnn.backbones.base import load_backbone
from artcnn.engines.dream import dream, octave_sizes
from artcnn.files.read import read_picture
from artcnn.image import blur, fit, size_of
from artcnn.presets import load_recipe

PERIODS = (4, 8, 16, 32)
APART = 7  # bins of the spectrum between the frequencies of a period
WINDOW = 8.0  # pixels of the Gaussian in which a photo is judged to be smooth


def smooth_light_places(photo: Tensor) -> Tensor:
    """Return a window, shape (1, 1, H, W), with soft edges: 1 where a photo is smooth and light."""
    gray = photo.mean(1, keepdim=True)
    mean = blur(gray, WINDOW)
    deviation = (blur(gray.square(), WINDOW) - mean.square()).clamp_min(0).sqrt()
    return (2 * blur(((deviation < 0.05) & (mean > 0.4)).float(), 6) - 1).clamp(0, 1)


def spectrum(change: Tensor, window: Tensor) -> np.ndarray:
    """Return the power of each frequency of a change, (1, 3, H, W); they add up to its mean square in the window."""
    gray = change.mean(1, keepdim=True)
    # Waves longer than the periods in question would leak into them.
    local = blur(gray * window, 16) / blur(window, 16).clamp_min(1e-3)
    seen = ((gray - local) * window)[0, 0].double().numpy()
    return np.abs(np.fft.fft2(seen)) ** 2 / seen.size / float(window.double().square().sum())


def compare(power: np.ndarray, ratio: float = 1, every: Sequence[int] = PERIODS) -> tuple[dict[int, float], float]:
    """Return the power at each period over that beside it, and the sum of what is above it, as a mean square.

    Args:
        power: what :func:`spectrum` returns.
        ratio: by which the picture is larger than the octave whose periods these are.
        every: the periods, in pixels, each twice the one before.
    """
    found, above = {}, 0.0
    # Only periods whose frequencies are far enough apart, in bins, for something to be beside them.
    periods = [period for period in every if min(power.shape) >= APART * period * ratio]
    if not periods:
        return found, above
    finest = max(periods) * ratio
    places = [np.fft.fftfreq(length) * finest for length in power.shape]
    nearest = [np.rint(place) for place in places]
    apart = [np.abs(p - n) / finest * length for p, n, length in zip(places, nearest, power.shape, strict=True)]
    distance = np.maximum(apart[0][:, None], apart[1][None])  # in bins of the spectrum
    down, across = (n.astype(int) for n in nearest)
    of = max(periods) // np.gcd(np.gcd(down[:, None], across[None]), max(periods))
    for period in periods:
        at, beside = (of == period) & (distance <= 1.3), (of == period) & (distance > 2.4) & (distance <= 5)
        at[0, 0] = beside[0, 0] = False
        if at.any() and beside.any():
            found[period] = float(power[at].mean() / power[beside].mean())
            above += max(0.0, float((power[at].mean() - power[beside].mean()) * at.sum()))
    return found, above


def main() -> None:
    """Print a line a photo and octave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    settings = dict(setting.split("=", 1) for setting in options.set)
    recipe = load_recipe("dream", options.preset, size=options.size, precision="float32", **settings)
    network = load_backbone(recipe)
    for path in options.photos:
        photo = fit(read_picture(path).pixels, recipe.size)
        *_, last = dream(photo, network, recipe)
        window = smooth_light_places(photo)
        power = spectrum(last.image - photo, window)
        total = 255 * power.sum() ** 0.5
        print(
            f"{path.name}: {window.mean():.0%} smooth and light, changed there by {total:.1f} of 255 (root mean square)"
        )
        for size in octave_sizes(size_of(photo), recipe)[::-1]:
            ratios, above = compare(power, size_of(photo)[0] / size[0])
            periods = ", ".join(f"{period} px {value:.2f}" for period, value in ratios.items())
            print(
                f"  octave of {size[1]} x {size[0]}: power over that beside it {periods}; "
                f"what is above it {255 * above**0.5:.2f} of 255"
            )


if __name__ == "__main__":
    main()
