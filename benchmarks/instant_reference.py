"""The losses that the plain reference reaches for each painting and held-out photo, kept in instant/reference.json.

The optimizer is reference.py's: L-BFGS from the photo, 50 steps at 512 px. To save time the network runs in bfloat16
while it optimizes; what is kept is measured in float32. With ``--check`` float32 runs say how much this changes.

For each pair the file has three losses: of the photo itself ("start"), of what the optimizer had at the end
("optimizer"), and of the same with colors cut to the range of a file and rounded to 8 bits ("file"). A pair that is
in the file already is not computed again.

Run from the repository's root: python benchmarks/instant_reference.py [--check] [STYLE/PHOTO ...]
"""

import argparse
import json
import time
from pathlib import Path

import torch
from instant_pairs import CASTLE, CAT, MOUNTAIN, PAINTINGS, PHOTOS
from reference import Objective, features, network, read
from torch import Tensor

KEPT = Path(__file__).parent / "instant" / "reference.json"
SIZE, STEPS = 512, 50
ORDER = dict.fromkeys((CAT, CASTLE, MOUNTAIN, *PHOTOS))  # the first three first


def optimize(photo: Tensor, objective: Objective, steps: int, *, bfloat16: bool) -> Tensor:
    """Return what reference.py's optimizer makes of a photo, (1, 3, H, W), not limited to [0, 1]."""
    image = photo.clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], max_iter=steps, tolerance_grad=-1, tolerance_change=-1, history_size=100)

    def closure() -> Tensor:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            found = features(image, objective.layers)
        loss = objective.compare({index: in_float32(x) for index, x in found.items()})
        loss.backward()
        return loss

    optimizer.step(closure)
    return image.detach()


def in_float32(x: Tensor) -> Tensor:
    """Return features in float32, with a gradient laid out as the network's, which halves the time of a step."""
    x = x.float()
    x.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
    return x


def in_file(image: Tensor) -> Tensor:
    """Return an image as a file of 8 bits has it."""
    return (image.clamp(0, 1) * 255).round() / 255


def measure(style: str, photo: str, layers: torch.nn.Sequential, *, bfloat16: bool) -> dict[str, float]:
    """Return the three losses of a pair."""
    start = read(str(PHOTOS[photo]), SIZE)
    objective = Objective(start, read(str(PAINTINGS[style]), SIZE), layers)
    last = optimize(start, objective, STEPS, bfloat16=bfloat16)
    with torch.no_grad():
        images = {"start": start, "optimizer": last, "file": in_file(last)}
        return {name: float(f"{objective(image).item():.5g}") for name, image in images.items()}


def kept() -> dict[str, dict[str, float]]:
    """Return the losses that are known, by ``STYLE/PHOTO``."""
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


def main() -> None:
    """Compute the pairs that are missing, all styles of a photo before the next photo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="*", default=[f"{style}/{photo}" for photo in ORDER for style in PAINTINGS])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    layers = network().to(memory_format=torch.channels_last)
    for pair in options.pairs:
        if pair in kept() and not options.check:
            continue
        began = time.perf_counter()
        losses = measure(*pair.split("/"), layers, bfloat16=not options.check)
        print(f"{pair} {losses} in {time.perf_counter() - began:.0f} s", flush=True)
        if not options.check:
            KEPT.write_text(json.dumps(kept() | {pair: losses}, indent=0) + "\n")


if __name__ == "__main__":
    main()
