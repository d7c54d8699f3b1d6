"""``artcnn dream`` against a plain float32 loop of the same octaves and steps, as whole processes.

The loop is torchvision's VGG-16 and autograd, with the same jitter, smoothing, palette and step.
Run: python benchmarks/dream.py [size]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "samples"
ROOT = Path(__file__).parents[1]


def plain(size: int, out: str) -> None:
    """Dream on the castle by the default preset, plainly."""
    import torch
    from reference import network

    from artcnn.engines import dream as engine
    from artcnn.files.read import read_picture
    from artcnn.files.write import write_picture
    from artcnn.image import fit
    from artcnn.presets import load_recipe

    recipe = load_recipe("dream", "default", size=size, padding="zeros")
    layers = network()
    mean = torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1)
    wanted = {22: 1.0, 25: 1.0}  # relu4_3 and relu5_1

    def roots(image: torch.Tensor) -> list[torch.Tensor]:
        x, found = image * 255 - mean, []
        for index, layer in enumerate(layers):
            x = layer(x)
            if index in wanted:
                x = x.clone()
                found.append(x.square().mean().sqrt())
        return found

    class Plain:
        def __init__(self, photo: torch.Tensor, *_: object) -> None:
            with torch.no_grad():
                self.units = roots(photo)

        def value_and_gradient(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            image = image.clone().requires_grad_()
            value = sum(root / unit for root, unit in zip(roots(image), self.units, strict=True)) / 2
            return value.detach(), torch.autograd.grad(value, image)[0]

    engine.DreamObjective = Plain  # type: ignore[misc,assignment]
    photo = fit(read_picture(SAMPLES / "castle.jpg").pixels, size)
    *_, step = engine.dream(photo, None, recipe)  # type: ignore[arg-type]
    write_picture(Path(out), step.image, None, "{}")


def main() -> None:
    """Print both times, their ratio, and how far the pictures are apart."""
    import numpy as np
    from PIL import Image

    size = sys.argv[1] if len(sys.argv) > 1 else "1024"
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = f"{folder}/ours.png", f"{folder}/theirs.png"
        castle = str(SAMPLES / "castle.jpg")
        options = ["--size", size, "--set", "padding=zeros", "-q", "-o"]
        commands = (
            [sys.executable, "-m", "artcnn", "dream", castle, *options, ours],
            [
                sys.executable,
                "-m",
                "artcnn",
                "dream",
                castle,
                "--precision",
                "float32",
                *options,
                f"{folder}/exact.png",
            ],
            [sys.executable, __file__, "--plain", size, theirs],
        )
        seconds = []
        for command in commands:
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            seconds.append(time.perf_counter() - start)
        pictures = [np.asarray(Image.open(p), dtype=float) for p in (ours, f"{folder}/exact.png", theirs)]
    apart = [float(np.abs(picture - pictures[2]).mean()) for picture in pictures[:2]]
    print(f"plain loop {seconds[2]:.1f} s; artcnn {seconds[0]:.1f} s, {seconds[2] / seconds[0]:.1f} times faster, ")
    print(f"pixels {apart[0]:.2f} of 255 apart on average; in float32 {seconds[1]:.1f} s, {apart[1]:.2f} apart")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--plain"]:
        plain(int(sys.argv[2]), sys.argv[3])
    else:
        main()
