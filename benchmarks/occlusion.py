"""Occlusion on VGG-16's convolutions: what changed alone, against captum, in one run.

Run from the repository's root: python benchmarks/occlusion.py [photo]. A 224 px photo, a square of 16, every 8 pixels:
729 places. The head is a small one with random weights; what is timed is the convolutions. Captum takes some minutes.
"""

import sys
from collections import OrderedDict
from pathlib import Path
from time import perf_counter

import captum.attr
import torch
from torch import nn

from artcnn.backbones.vgg import load_vgg
from artcnn.files.read import read_picture
from artcnn.image import center_crop
from artcnn.visualizers.network import Network, open_sequential
from artcnn.visualizers.occlusion import occlude, window_positions

SIDE, WINDOW, STRIDE, TARGET = 224, 16, 8, 3
CLASSES = tuple("0123456789")


def network() -> tuple[nn.Sequential, Network]:
    """Return VGG-16's convolutions with ten outputs on top, as torch's own modules, and opened."""
    backbone = load_vgg("vgg16")
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, channels in backbone.channels.items():
        if name.startswith("conv"):
            weight = backbone.get_buffer(f"{name}_weight")
            layer = nn.Conv2d(weight.shape[1], channels, 3, padding=1)
            layer.load_state_dict({"weight": weight, "bias": backbone.get_buffer(f"{name}_bias")})
            layers[name] = layer.to(memory_format=torch.channels_last)
        else:
            layers[name] = nn.ReLU() if name.startswith("relu") else nn.MaxPool2d(2)
    torch.manual_seed(0)
    layers |= {"flatten": nn.Flatten(), "logits": nn.Linear(512 * 7 * 7, len(CLASSES))}
    chain = nn.Sequential(layers).eval()
    return chain, open_sequential("vgg16", chain, (3, SIDE, SIDE), CLASSES)


def spread(found: torch.Tensor, whole: float) -> torch.Tensor:
    """Return what captum gives: for each pixel the mean loss over the squares that hide it."""
    total, count = torch.zeros(2, SIDE, SIDE)
    for row, top in enumerate(window_positions(SIDE, WINDOW, STRIDE)):
        for column, left in enumerate(window_positions(SIDE, WINDOW, STRIDE)):
            total[top : top + WINDOW, left : left + WINDOW] += whole - found[row, column]
            count[top : top + WINDOW, left : left + WINDOW] += 1
    return total / count


def main() -> None:
    """Time both and compare what they find."""
    photo = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "samples" / "castle.jpg"
    image = center_crop(read_picture(photo).pixels, SIDE)
    chain, opened = network()
    # VGG takes colors from -124 to 151: so that the outputs are no more than a few units apart.
    prepared = (image - 0.45) * 255
    chain.logits.weight.data /= float(chain(prepared).abs().max())
    model = nn.Sequential(chain, nn.Softmax(1))
    with torch.no_grad():
        whole = float(model(prepared)[0, TARGET])
        start = perf_counter()
        *_, found = occlude(opened, prepared, WINDOW, STRIDE, fill=0.0)
        ours = perf_counter() - start
        start = perf_counter()
        theirs = captum.attr.Occlusion(model).attribute(
            prepared,
            sliding_window_shapes=(3, WINDOW, WINDOW),
            strides=(3, STRIDE, STRIDE),
            target=TARGET,
            baselines=0,
        )
        captums = perf_counter() - start
    difference = float((spread(found[..., TARGET], whole) - theirs[0, 0]).abs().max())
    print(f"{found[..., 0].numel()} places on {torch.get_num_threads()} threads")
    print(f"artcnn {ours:.1f} s, captum {captums:.1f} s: {captums / ours:.1f} times faster")
    print(f"largest difference {difference:.1e}, largest effect {float(theirs.abs().max()):.1e}")


if __name__ == "__main__":
    main()
