"""Time and peak memory of a picture by its size, beside what was told before it began.

Each picture is made by a process of its own. Run: python benchmarks/sizes.py [dream|style] [size ...]
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "samples"
PICTURES = {"dream": ("castle.jpg",), "style": ("castle.jpg", "church_at_auvers.jpg")}
LIMITS = {2048: "2GB", 4096: "3GB"}


def main() -> None:
    """Print a row for each size."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "style"
    sizes = [int(text) for text in sys.argv[2:]] or [256, 512, 1024, 2048, 4096]
    for size in sizes:
        # A child of its own for each, so that the peak is that of one picture.
        subprocess.run([sys.executable, __file__, "--one", kind, str(size)], check=True)


def one(kind: str, size: int) -> None:
    """Make one picture and print its row."""
    limit = ["--max-memory", LIMITS[size]] if size in LIMITS else []
    with tempfile.TemporaryDirectory() as folder:
        pictures = [str(SAMPLES / name) for name in PICTURES[kind]]
        command = [sys.executable, "-m", "artcnn", kind, *pictures, "--size", str(size), "-o", f"{folder}/made.png"]
        start = time.perf_counter()
        made = subprocess.run([*command, "--json", "-q", *limit], check=True, capture_output=True)
        seconds = time.perf_counter() - start
    report = json.loads(made.stdout)
    told, usage = report["estimate"], report["usage"]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    each = usage["seconds"] / (report["width"] * report["height"])
    print(
        f"{kind} {size}: told {told['seconds']:.0f} s and {told['bytes'] / 1e9:.2f} GB, "
        f"taken {usage['seconds']:.1f} s, {each * 1e6:.0f} us a pixel, and {usage['bytes'] / 1e9:.2f} GB; "
        f"with start-up and judging {seconds:.0f} s and {peak / 1e9:.2f} GB {' '.join(limit)}",
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main()
