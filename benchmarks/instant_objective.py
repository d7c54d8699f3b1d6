"""Gatys's objective of instant pictures beside what the plain reference reaches in 50 steps of L-BFGS.

Each style that ships, ten photos that were held out from training, 512 px, the picture as written in 8 bits,
reference.py's objective in float32. The reference's losses are in instant/reference.json (instant_reference.py);
pairs that are not there are left out. A ratio of at most 1 reaches the reference.

The reference's file can be worse than what its optimizer had, because L-BFGS has no bounds and a file has; both are
compared. A pair in which the optimizer lowered the photo's loss by less than a tenth is counted as stuck, and marked.

Run from the repository's root: python benchmarks/instant_objective.py [STYLE ...]
"""

import sys

import numpy as np
import torch
from instant_pairs import PAINTINGS, PHOTOS, paint
from instant_reference import SIZE, kept
from reference import Objective, network, read


def main() -> None:
    """Print a row for each style: our loss over the reference's, photo by photo."""
    layers, known = network(), kept()
    ratios: dict[str, list[float]] = {"file": [], "optimizer": []}
    stuck = 0
    print(f"style | ours over the reference's file and over its optimizer: {', '.join(PHOTOS)}")
    for style in sys.argv[1:] or PAINTINGS:
        painting, cells = read(str(PAINTINGS[style]), SIZE), []
        for photo, path in PHOTOS.items():
            if (losses := known.get(f"{style}/{photo}")) is None:
                cells.append("-")
                continue
            pixels = read(str(path), SIZE)
            with torch.no_grad():
                ours = Objective(pixels, painting, layers)(paint(pixels, style)).item()
            failed = losses["optimizer"] > 0.9 * losses["start"]
            stuck += failed
            for name, values in ratios.items():
                values.append(ours / losses[name])
            cells.append(f"{ours / losses['file']:.2f} {ours / losses['optimizer']:.2f}{' stuck' if failed else ''}")
        print(f"{style} | {' | '.join(cells)}", flush=True)
    for name, values in ratios.items():
        reached = sum(value <= 1 for value in values)
        print(
            f"{name}: {reached} of {len(values)} pairs reached, median {np.median(values):.2f}, worst {max(values):.2f}"
        )
    print(f"the reference was stuck in {stuck} pairs")


if __name__ == "__main__":
    main()
