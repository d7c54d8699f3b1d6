"""Measure how long a picture takes to begin: ``python benchmarks/start.py [--pairs 7]``.

Prints the median seconds from the start of the process to the first step of a style at 512 pixels, and of a dream,
beside what ``import torch`` alone takes. The three are run in turn, so that all see the same load. Run it on a quiet
machine; one run before them is not counted. The dream is the first one of a machine: it makes four steps to estimate
its time, and is ended before it could tell the next one.
"""

import argparse
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

PHOTO, PAINTING = "samples/castle.jpg", "samples/church_at_auvers.jpg"
ARTCNN = [sys.executable, "-m", "artcnn"]


def time_command(command: list[str]) -> float:
    """Return the seconds that a command takes."""
    began = perf_counter()
    subprocess.run(command, check=True)
    return perf_counter() - began


def time_first_step(command: list[str]) -> float:
    """Return the seconds until a command of artcnn tells of its first step; it is ended there."""
    with TemporaryDirectory() as folder:
        out = ["--size", "512", "--out", f"{folder}/picture.png"]
        began = perf_counter()
        process = subprocess.Popen([*ARTCNN, *command, *out], stderr=subprocess.PIPE, text=True)
        lines = []
        with process:
            for line in process.stderr or ():
                lines.append(line)
                if "step 1 of" in line:
                    seconds = perf_counter() - began
                    process.kill()
                    return seconds
    raise SystemExit("there was no first step:\n" + "".join(lines))


def main() -> None:
    """Time the commands in turn and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    told = parser.parse_args()
    rows: dict[str, list[float]] = {"import torch": [], "style, first step": [], "dream, first step": []}
    for _ in range(1 + told.pairs):
        rows["import torch"].append(time_command([sys.executable, "-c", "import torch"]))
        rows["style, first step"].append(time_first_step(["style", PHOTO, PAINTING]))
        rows["dream, first step"].append(time_first_step(["dream", PHOTO]))
    for name, seconds in rows.items():
        counted = seconds[1:]
        print(f"{name}: {median(counted):.2f} s ({min(counted):.2f} to {max(counted):.2f})")


if __name__ == "__main__":
    main()
