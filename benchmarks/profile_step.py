"""Where the time of one gradient step goes, and the machine's own matrix rate beside it.

Run: python benchmarks/profile_step.py [gatys|default|dream] [size]
"""

import sys
import time
from pathlib import Path

import torch
from timing import matrix_rate
from torch.profiler import ProfilerActivity, profile

from artcnn.backbones.precision import DTYPES, fastest
from artcnn.backbones.vgg import load_vgg
from artcnn.engines.cost import step_multiplications
from artcnn.engines.dream import DreamObjective
from artcnn.engines.step import STEP_PIXELS
from artcnn.engines.style_loss import StyleLoss
from artcnn.files.read import read_picture
from artcnn.image import fit, size_of
from artcnn.machine.memory import disable_trim
from artcnn.presets import load_recipe

SAMPLES = Path(__file__).parents[1] / "samples"
STEPS = 10
GROUPS = {
    "convolutions": ("convolution",),
    "Gram matrices": ("aten::mm",),
    "ReLUs": ("clamp_min", "threshold"),
    "poolings": ("pool2d",),
    "padding and copies": ("copy_", "replication_pad", "fill_"),
    "sums of gradients": ("aten::add",),
}


def main() -> None:
    """Print the shares."""
    preset = sys.argv[1] if len(sys.argv) > 1 else "gatys"
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 512
    disable_trim(None)
    dtype = fastest(torch.device("cpu"))
    recipe = load_recipe("dream" if preset == "dream" else "style", preset if preset != "dream" else "default")
    backbone = load_vgg(pooling=recipe.pooling, padding=recipe.padding, precision=dtype)
    photo = fit(read_picture(SAMPLES / "castle.jpg").pixels, size)
    painting = read_picture(SAMPLES / "church_at_auvers.jpg").pixels
    if preset == "dream":
        step = DreamObjective(photo, backbone, recipe).value_and_gradient
    else:
        step = StyleLoss(photo, painting, backbone, recipe, size).value_and_gradient
    step(photo)
    times = []
    for _ in range(STEPS):
        start = time.perf_counter()
        step(photo)
        times.append(time.perf_counter() - start)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        for _ in range(STEPS):
            step(photo)
    events = {event.key: event.self_cpu_time_total / 1e6 / STEPS for event in found.key_averages()}
    total = sum(events.values())
    count = step_multiplications(recipe, size_of(photo)) * photo[0, 0].numel() / (photo[0, 0].numel() + STEP_PIXELS)
    print(f"{preset} at {size}, {dtype}, {torch.get_num_threads()} threads: {sorted(times)[STEPS // 2]:.3f} s a step")
    for name, parts in GROUPS.items():
        seconds = sum(value for key, value in events.items() if any(part in key for part in parts))
        rate = f", {count / seconds / 1e9:.0f} billion multiplications a second" if name == "convolutions" else ""
        print(f"  {name}: {seconds / total:.0%}, {seconds:.3f} s{rate}")
    print(f"  the machine's matrix product: {matrix_rate(DTYPES[dtype]) / 1e9:.0f} billion a second")


if __name__ == "__main__":
    main()
