"""How much faster dream and style are with convolutions in bfloat16, and how far the loss moves, in one run.

Run from the repository's root: python benchmarks/precision.py [size] [rounds]. Each run is a process of its own, start
and file included; the two precisions take turns. Losses are of the written files, judged in float32.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

SAMPLES = Path(__file__).parents[1] / "samples"
JOBS = (
    ("dream", "castle.jpg"),
    ("style", "castle.jpg", "church_at_auvers.jpg"),
    ("style", "red_panda.webp", "night_cafe.jpg"),
)


def main() -> None:
    """Measure each job."""
    size, rounds = (int(text) for text in (*sys.argv[1:3], *("512", "3")[len(sys.argv) - 1 :]))
    for kind, *pictures in JOBS:
        seconds: dict[str, list[float]] = {"float32": [], "bfloat16": []}
        values: dict[str, float] = {}
        for _ in range(rounds):
            for precision, times in seconds.items():
                start = perf_counter()
                report = make(kind, pictures, precision, size)
                times.append(perf_counter() - start)
                values[precision] = report["objective"]["after"] if kind == "dream" else report["loss"]["total"]
        ratio = median(b / f for f, b in zip(*seconds.values(), strict=True))
        moved = values["bfloat16"] / values["float32"] - 1
        times_told = ", ".join(f"{name} {median(times):.1f} s" for name, times in seconds.items())
        print(f"{kind} {' x '.join(pictures)} at {size}: {times_told}, ratio {ratio:.2f}; value moved by {moved:+.2%}")


def make(kind: str, pictures: list[str], precision: str, size: int) -> dict[str, dict[str, float]]:
    """Make a picture and return its report."""
    with TemporaryDirectory() as folder:
        options = ["--size", str(size), "--precision", precision, "-o", f"{folder}/made.png", "--json", "-q"]
        command = [sys.executable, "-m", "artcnn", kind, *(str(SAMPLES / name) for name in pictures), *options]
        found: dict[str, dict[str, float]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        return found


if __name__ == "__main__":
    main()
