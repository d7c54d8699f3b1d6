"""A picture rebuilt from one layer alone: what the layer still knows (Mahendran and Vedaldi 2015, arXiv:1412.0035)."""

from collections.abc import Iterator

import torch
from torch import Tensor

from artcnn.inspect.maximize import Moment, Pixels, check_gradient
from artcnn.inspect.network import Network
from artcnn.losses import total_variation


def invert(
    network: Network, image: Tensor, name: str, steps: int = 300, roughness: float = 0.1, seed: int = 0
) -> Iterator[Moment]:
    """Yield pictures whose features in a layer come ever closer to those of an image, from nearly black on.

    What is made small is |F(x) - F(image)|^2 / |F(image)|^2 + roughness * TV(x), equations 1, 2 and 5 with beta = 2; a
    moment's value is the first term.

    Args:
        network: any chain.
        image: shape (1, C, H, W), in [0, 1].
        name: the layer.
        steps: of Adam, at the rate 0.05, falling to nothing along half a cosine.
        roughness: weight of the total variation.
        seed: of the start.

    Raises:
        ArtcnnError: there is no such layer.
        DivergenceError: a gradient is not finite.
    """
    network.layer(name)
    with torch.no_grad():
        target = network.run(image, [name])[name]
    size = target.square().sum().clamp(min=1e-12)
    _, channels, height, width = image.shape
    picture = Pixels((1, channels, height, width), seed)
    optimizer = torch.optim.Adam(picture.parameters, lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for index in range(steps + 1):
        inputs = picture.inputs()
        difference = (network.run(inputs, [name])[name] - target).square().sum() / size
        yield Moment(inputs.detach().clone(), difference.detach()[None], index, steps)
        if index == steps:
            return
        gradients = torch.autograd.grad(difference + roughness * total_variation(inputs), picture.parameters)
        check_gradient(index, gradients)
        for parameter, step in zip(picture.parameters, gradients, strict=True):
            parameter.grad = step
        optimizer.step()
        schedule.step()
