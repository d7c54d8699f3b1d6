"""Compare ``artcnn style --preset gatys`` with the plain reference, pair by pair: seconds, and the written file's loss.

Both run as whole processes, one after the other, and both files are judged by the reference's objective.
Run: python benchmarks/gatys.py [size]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from reference import Objective, network, read

SAMPLES = Path("samples")
PAIRS = (
    ("castle.jpg", "church_at_auvers.jpg"),
    ("astronaut.png", "cafe_terrace.jpg"),
    ("red_panda.webp", "night_cafe.jpg"),
    ("brandenburg_gate.jpg", "harvest.jpg"),
    ("coffee.png", "church_at_auvers.jpg"),
)


def timed(command: list[str]) -> float:
    """Run a command and return its seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print a row for each pair."""
    size = sys.argv[1] if len(sys.argv) > 1 else "512"
    layers = network()
    print("photo x painting | reference s, loss | artcnn s, loss | time ratio, loss ratio")
    for photo, painting in PAIRS:
        paths = [str(SAMPLES / photo), str(SAMPLES / painting)]
        objective = Objective(read(paths[0], int(size)), read(paths[1], int(size)), layers)
        with tempfile.TemporaryDirectory() as folder:
            plain, ours = f"{folder}/plain.png", f"{folder}/ours.png"
            seconds = (
                timed([sys.executable, "benchmarks/reference.py", *paths, plain, size]),
                timed([sys.executable, "-m", "artcnn", "style", *paths, "-p", "gatys", "--size", size, "-o", ours]),
            )
            with torch.no_grad():
                losses = [objective(read(path, int(size))).item() for path in (plain, ours)]
        print(
            f"{photo} x {painting} | {seconds[0]:.1f} s, {losses[0]:.4g} | {seconds[1]:.1f} s, {losses[1]:.4g} | "
            f"{seconds[1] / seconds[0]:.2f}, {losses[1] / losses[0]:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
