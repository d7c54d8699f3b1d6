"""Feature inversion: a picture rebuilt from one layer's features (Mahendran and Vedaldi 2015, arXiv:1412.0035)."""

from collections.abc import Iterator

import torch
from torch import Tensor

from artcnn.losses import total_variation
from artcnn.visualizers.maximize import MaximizeStep, PixelImage, Start, check_gradient
from artcnn.visualizers.network import Network


def invert_features(
    network: Network,
    image: Tensor,
    name: str,
    steps: int = 300,
    tv: float = 0.1,
    seed: int = 0,
    start: Start = "black",
) -> Iterator[MaximizeStep]:
    """Yield pictures whose features in a layer come ever closer to those of an image.

    The loss is |F(x) - F(image)|^2 / |F(plain) - F(image)|^2 + tv * TV(x), equations 1, 2 and 5 of the
    paper with beta = 2; the first term is a step's value: 0 where all is matched, 1 for a plain picture of the
    mean color of the image.

    Args:
        network: any chain.
        image: shape (1, C, H, W), in [0, 1].
        name: the layer.
        steps: of Adam, with a learning rate from 0.05 down to 0 along half a cosine.
        tv: weight of the total variation.
        seed: of the start.
        start: of the pixels.

    Raises:
        ArtcnnError: there is no such layer.
        DivergenceError: a gradient is not finite.
    """
    # Differs from the paper: it divides by |F(image)|^2, of which a bias that all pictures share may be most.
    network.layer(name)
    plain = image.mean((2, 3), keepdim=True).expand_as(image)
    with torch.no_grad():
        target = network.run(image, [name])[name]
        size = (network.run(plain, [name])[name] - target).square().sum().clamp(min=1e-12)
    _, channels, height, width = image.shape
    picture = PixelImage((1, channels, height, width), seed, start)
    optimizer = torch.optim.Adam(picture.parameters, lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for index in range(steps + 1):
        inputs = picture.inputs()
        difference = (network.run(inputs, [name])[name] - target).square().sum() / size
        yield MaximizeStep(inputs.detach().clone(), difference.detach()[None], index, steps)
        if index == steps:
            return
        gradients = torch.autograd.grad(difference + tv * total_variation(inputs), picture.parameters)
        check_gradient(index, gradients)
        for parameter, step in zip(picture.parameters, gradients, strict=True):
            parameter.grad = step
        optimizer.step()
        schedule.step()


def correlation(one: Tensor, other: Tensor) -> float:
    """Return the correlation of two pictures' pixels: 1 for equal up to brightness and contrast, 0 for unrelated."""
    pairs = torch.stack([one.flatten(), other.flatten()]).double()
    return float(torch.nan_to_num(torch.corrcoef(pairs)[0, 1]))
