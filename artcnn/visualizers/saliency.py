"""Attribution: which pixels an output depends on. By gradients here, and the table of all methods."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from artcnn.visualizers.class_activation import grad_cam, layer_cam, score_cam
from artcnn.visualizers.network import Network
from artcnn.visualizers.relevance import lrp_epsilon, lrp_z_plus
from artcnn.visualizers.rise import rise_map

SAMPLES = 50
"""Noisy copies that SmoothGrad takes the mean over."""

STEPS = 64
"""Places on the way from black to the image at which integrated gradients are taken."""

_PIXELS_AT_ONCE = 1 << 19
"""Pixels of all images together that are in memory with everything the network makes of them."""


def gradient(network: Network, images: Tensor, target: int) -> Tensor:
    """Return dy/dx of the output y before the softmax, for each of the images: shape (N, C, H, W)."""
    slopes = list[Tensor]()
    for some in torch.split(images.detach(), max(1, _PIXELS_AT_ONCE // images[0, 0].numel())):
        inputs = some.clone().requires_grad_()
        slopes += torch.autograd.grad(network.logits(inputs)[:, target].sum(), inputs)
    return torch.cat(slopes)


def saliency(network: Network, image: Tensor, target: int) -> Tensor:
    """Return |dy/dx|, the largest over the colors: shape (H, W).

    Simonyan, Vedaldi and Zisserman 2013, arXiv:1312.6034, section 3.
    """
    return gradient(network, image, target).abs().amax(1)[0]


def smoothgrad(
    network: Network, image: Tensor, target: int, noise: float = 0.15, samples: int = SAMPLES, seed: int = 0
) -> Tensor:
    """Return the saliency's mean over noisy copies of the image: shape (H, W).

    Smilkov et al. 2017, arXiv:1706.03825. The noise is Gaussian, its deviation ``noise`` of the image's range.
    """
    generator = torch.Generator().manual_seed(seed)
    deviation = noise * float(image.max() - image.min())
    copies = image + deviation * torch.randn(samples, *image.shape[1:], generator=generator).to(image.device)
    return gradient(network, copies, target).abs().amax(1).mean(0)


def integrated_gradients(network: Network, image: Tensor, target: int, steps: int = STEPS) -> Tensor:
    """Return what each pixel adds to the output on the way from black to the image: shape (H, W), signed.

    Sundararajan, Taly and Yan 2017, arXiv:1703.01365, equation 1, by Gauss and Legendre's quadrature. Its sum is the
    difference of the outputs ("completeness"), as far as the steps allow.
    """
    points, weights = np.polynomial.legendre.leggauss(steps)
    at, weight = torch.from_numpy((points + 1) / 2).to(image), torch.from_numpy(weights / 2).to(image)
    path = at.view(-1, 1, 1, 1) * image
    mean = (weight.view(-1, 1, 1, 1) * gradient(network, path, target)).sum(0, keepdim=True)
    return (image * mean).sum(1)[0]


def difference_from_black(network: Network, image: Tensor, target: int) -> float:
    """Return how far an output is above what black gives: what integrated gradients add up to, but for rounding."""
    with torch.no_grad():
        values = network.logits(torch.cat([image, torch.zeros_like(image)]))[:, target]
    return float(values[0] - values[1])


class _OnlyPositive(torch.autograd.Function):
    """Itself, and only positive gradients back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ANN401, ARG004 - torch's context
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> Tensor:  # noqa: ANN401, ARG004
        return slope.clamp(min=0)


class _GuidedReLUs(TorchFunctionMode):
    """While it is on, every ReLU and ReLU6, wherever it is in a network, lets only positive gradients back."""

    _RELUS = frozenset({F.relu, F.relu6, F.hardtanh, torch.relu, Tensor.relu})

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        found = function(*args, **(kwargs or {}))
        return _OnlyPositive.apply(found) if function in self._RELUS else found


def guided_backpropagation(network: Network, image: Tensor, target: int) -> Tensor:
    """Return the gradient by ReLUs that let only what is positive back, the largest over the colors: shape (H, W).

    Springenberg et al. 2014, arXiv:1412.6806. It draws the picture's edges more than the network's reasons (Adebayo et
    al. 2018, arXiv:1810.03292).
    """
    with _GuidedReLUs():
        return gradient(network, image, target).abs().amax(1)[0]


METHODS: dict[str, Callable[..., Tensor]] = {
    "gradient": saliency,
    "smoothgrad": smoothgrad,
    "integrated": integrated_gradients,
    "guided": guided_backpropagation,
    "gradcam": grad_cam,
    "layercam": layer_cam,
    "lrp-epsilon": lrp_epsilon,
    "lrp-zplus": lrp_z_plus,
    "scorecam": score_cam,
    "rise": rise_map,
}
"""Every method by the name the command line has for it; each takes a network, an image and the number of a class."""
