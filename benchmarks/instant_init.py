"""Time to loss: ``artcnn style --preset gatys --init instant`` beside 100 steps of the plain reference.

Whole processes. Five held-out photos at 512 px, each with a painting whose style ships. Both files are judged by
reference.py's objective. The goal is the reference's loss in a twentieth of its time. The reference is what main() of
reference.py is: float32, two minutes a pair on two quiet cores.

Run from the repository's root, on a quiet machine: python benchmarks/instant_init.py [STEPS]
"""

import sys
import tempfile

import torch
from gatys import timed
from instant_pairs import CASTLE, CAT, GATE, MOUNTAIN, PAINTINGS, PANDA, PHOTOS
from reference import Objective, network, read

SIZE, STEPS = 512, 12
PAIRS = (("church", CASTLE), ("cafe", CAT), ("lake", MOUNTAIN), ("harvest", GATE), ("dots", PANDA))


def main() -> None:
    """Print a row for each pair."""
    steps = sys.argv[1] if len(sys.argv) > 1 else str(STEPS)
    layers = network()
    settings = ["--size", str(SIZE), "--set", f"fine_steps={steps}"]
    print(f"{steps} steps | reference s, loss | artcnn s, loss | time ratio, loss ratio")
    for style, photo in PAIRS:
        paths = [str(PHOTOS[photo]), str(PAINTINGS[style])]
        objective = Objective(*(read(path, SIZE) for path in paths), layers)
        with tempfile.TemporaryDirectory() as folder:
            plain, ours = f"{folder}/plain.png", f"{folder}/ours.png"
            options = ["-p", "gatys", "--init", "instant", *settings, "-o", ours]
            seconds = (
                timed([sys.executable, "-m", "artcnn", "style", *paths, *options]),
                timed([sys.executable, "benchmarks/reference.py", *paths, plain, str(SIZE), "100"]),
            )
            with torch.no_grad():
                losses = [objective(read(path, SIZE)).item() for path in (ours, plain)]
        print(
            f"{style}/{photo} | {seconds[1]:.1f} s, {losses[1]:.4g} | {seconds[0]:.1f} s, {losses[0]:.4g} | "
            f"1/{seconds[1] / seconds[0]:.1f}, {losses[0] / losses[1]:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
