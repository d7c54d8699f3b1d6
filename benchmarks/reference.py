"""A plain single-scale float32 Gatys style transfer, to compare ``artcnn style --preset gatys`` with.

Nothing of artcnn's engine is in here: torchvision's VGG-16, the objective written out, torch's L-BFGS.
Run: python benchmarks/reference.py content.jpg painting.jpg out.png [size] [steps]
"""

import sys
import time

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor
from torchvision.models import vgg16

STYLE_LAYERS = {1: "relu1_1", 6: "relu2_1", 11: "relu3_1", 18: "relu4_1", 25: "relu5_1"}
CONTENT_LAYER = 20  # relu4_2
WEIGHTS = "artcnn/data/weights/vgg16-imagenet-features-fp16.safetensors"
MEAN = torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1)


def read(path: str, long_side: int) -> Tensor:
    """Return a picture file as (1, 3, H, W), RGB in [0, 1], its long side at ``long_side`` pixels."""
    image = Image.open(path).convert("RGB")
    scale = long_side / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float().contiguous() / 255


def network() -> torch.nn.Sequential:
    """Return torchvision's VGG-16 up to relu5_1 with the bundled weights."""
    layers = vgg16().features
    layers.load_state_dict({key.removeprefix("features."): value.float() for key, value in load_file(WEIGHTS).items()})
    return layers[: max(STYLE_LAYERS) + 1].requires_grad_(False)


def features(image: Tensor, layers: torch.nn.Sequential) -> dict[int, Tensor]:
    """Return the outputs of the layers that the objective looks at."""
    x, found = image * 255 - MEAN, {}
    for index, layer in enumerate(layers):
        x = layer(x)
        if index == CONTENT_LAYER or index in STYLE_LAYERS:
            x = x.clone()  # torchvision's next ReLU works in place
            found[index] = x
    return found


def gram(x: Tensor) -> Tensor:
    """Return the Gram matrix divided by channels x height x width."""
    flat = x.flatten(2)[0]
    return flat @ flat.T / flat.numel()


class Objective:
    """5 x content + 100 x the sum of the five style terms."""

    def __init__(self, content: Tensor, painting: Tensor, layers: torch.nn.Sequential) -> None:
        """Compute the targets once."""
        self.layers = layers
        with torch.no_grad():
            self.content = features(content, layers)[CONTENT_LAYER]
            self.grams = {index: gram(x) for index, x in features(painting, layers).items() if index in STYLE_LAYERS}

    def __call__(self, image: Tensor) -> Tensor:
        """Return the loss of an image, shape ``()``."""
        return self.compare(features(image, self.layers))

    def compare(self, found: dict[int, Tensor]) -> Tensor:
        """Return the loss of an image of which these are the features, shape ``()``."""
        content = (found[CONTENT_LAYER] - self.content).square().mean()
        style = sum((gram(found[index]) - target).square().mean() for index, target in self.grams.items())
        return 5 * content + 100 * style


def main() -> None:
    """Optimize from the content image and print the loss of the file that was written."""
    content_path, painting_path, out = sys.argv[1:4]
    size, steps = int(sys.argv[4]) if len(sys.argv) > 4 else 512, int(sys.argv[5]) if len(sys.argv) > 5 else 100
    start = time.perf_counter()
    content, painting = read(content_path, size), read(painting_path, size)
    objective = Objective(content, painting, network())
    image = content.clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], max_iter=steps, tolerance_grad=-1, tolerance_change=-1, history_size=100)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = objective(image)
        loss.backward()
        return loss

    optimizer.step(closure)
    pixels = (image.detach().clamp(0, 1) * 255).round().byte()[0].permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(out)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        last, written = objective(image.detach()).item(), objective(read(out, size)).item()
    print(f"{seconds:.1f} s, loss while optimizing {last:.4g}, of the written file {written:.4g}")


if __name__ == "__main__":
    main()
