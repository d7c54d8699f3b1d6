"""Time and memory of instant styles, and how much sooner they are there than ``artcnn style --preset gatys``.

Once loaded: a picture in memory to a picture in memory, the median of some runs, in this process. Whole process:
reading, painting and writing, beside ``python -c "import torch"``, in turns. Large: the peak memory of a process that
paints 4096 pixels. Sooner: the seconds that gatys's descent takes, once loaded, until its picture has the objective
of the instant one (reference.py's, at 512 px).

Run from the repository's root, on a quiet machine: python benchmarks/instant_speed.py [loaded] [process] [large]
[sooner]
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import torch
from instant_pairs import CASTLE, CAT, GATE, PAINTINGS, PHOTOS, in_pillow, paint, to_tensor
from PIL import Image
from reference import Objective, network, read

import artcnn
from artcnn.engines.step import Step

RUNS, SIZE = 5, 512
STYLE, PHOTO = "cafe", CASTLE
PAIRS = (("cafe", CASTLE), ("church", CAT), ("lake", GATE))


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def loaded() -> None:
    """Print the time of a picture once the network is loaded."""
    for size in (SIZE, 1024):
        photo = in_pillow(read(str(PHOTOS[PHOTO]), size))
        times = [seconds(partial(artcnn.instant, photo, style=STYLE, size=size)) for _ in range(RUNS + 1)]
        print(f"once loaded, {photo.width} x {photo.height}: {median(times[1:]):.3f} s, the first {times[0]:.2f} s")


def process() -> None:
    """Print the time of a whole process, and of importing torch."""
    torch_alone = [sys.executable, "-c", "import torch"]
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/painted.png"
        whole = command(PHOTOS[PHOTO], SIZE, out)
        times = [(seconds(partial(run, whole)), seconds(partial(run, torch_alone))) for _ in range(RUNS)]
    ours, theirs = (median(column) for column in zip(*times, strict=True))
    print(f"whole process at {SIZE} px: {ours:.2f} s, import torch {theirs:.2f} s: {ours - theirs:.2f} s above")


def large() -> None:
    """Print time and peak memory of 4096 pixels, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        photo = f"{folder}/large.png"
        Image.open(PHOTOS[PHOTO]).convert("RGB").resize((4096, 2731), Image.Resampling.BICUBIC).save(photo)
        # A parent of its own: the peak of the children is that of all that a process ever had.
        watched = [sys.executable, __file__, "--peak", *command(photo, 4096, f"{folder}/painted.png")]
        taken = seconds(lambda: subprocess.run(watched, check=True))
    print(f"4096 px: {taken:.1f} s")


def command(photo: os.PathLike[str] | str, size: int, out: str) -> list[str]:
    """Return the command that paints a photo."""
    return [
        sys.executable,
        "-m",
        "artcnn",
        "instant",
        str(photo),
        "--style",
        STYLE,
        "--size",
        str(size),
        "-q",
        "--force",
        "-o",
        out,
    ]


def run(words: list[str]) -> None:
    """Run a command; what it prints is not shown, its errors are."""
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def sooner() -> None:
    """Print how long gatys's descent takes to reach the objective of the instant picture."""
    layers = network()
    for style, photo in PAIRS:
        pixels, painting = read(str(PHOTOS[photo]), SIZE), read(str(PAINTINGS[style]), SIZE)
        objective = Objective(pixels, painting, layers)
        with torch.no_grad():
            target = objective(paint(pixels, style)).item()
        times = [seconds(partial(paint, pixels, style)) for _ in range(RUNS)]
        taken, steps, last = descend(pixels, painting, objective, target)
        reached = "reaches it" if last <= target else f"ends at {last:.4g}"
        print(
            f"{style}/{photo}: instant {median(times):.3f} s, loss {target:.4g}; gatys {reached} after {steps} steps, "
            f"{taken:.1f} s: {taken / median(times):.0f} times as long",
            flush=True,
        )


def descend(
    photo: torch.Tensor, painting: torch.Tensor, objective: Objective, target: float
) -> tuple[float, int, float]:
    """Return seconds, steps and loss of gatys's descent until it reaches a loss, or ends; judging does not count."""
    judging, steps, loss = 0.0, 0, float("inf")

    def judge(step: Step) -> None:
        nonlocal judging, steps, loss
        start = time.perf_counter()
        steps += 1
        if step.image.shape == photo.shape:
            with torch.no_grad():
                loss = objective(to_tensor(in_pillow(step.image))).item()
        judging += time.perf_counter() - start

    def stylize() -> None:
        artcnn.stylize(
            in_pillow(photo),
            in_pillow(painting),
            preset="gatys",
            size=SIZE,
            on_step=judge,
            cancelled=lambda: loss <= target,
        )

    return seconds(stylize) - judging, steps, loss


def main() -> None:
    """Run the parts that are named, or all."""
    parts = {"loaded": loaded, "process": process, "large": large, "sooner": sooner}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        run(sys.argv[2:])
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        print(f"peak memory {peak / 1e9:.2f} GB", flush=True)
    else:
        main()
