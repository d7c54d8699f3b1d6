"""The networks for digits, words and Go, what looks into them, and a few steps of training: the same on any device."""

from collections.abc import Callable, Sequence

import torch
from pictures import painting, photo
from torch import Tensor

from artcnn.backbones.base import load_backbone
from artcnn.backbones.vgg import load_vgg
from artcnn.datasets.mnist import load_mnist
from artcnn.engines.dream import DreamObjective
from artcnn.engines.style import make_loss
from artcnn.extras import require
from artcnn.files.model import read_model
from artcnn.inspection.models import open_network
from artcnn.nets.kinds import KINDS
from artcnn.presets import load_recipe
from artcnn.training.loop import Epoch
from artcnn.training.mnist import mnist_training
from artcnn.visualizers.maximize import channel_objective
from artcnn.visualizers.network import open_backbone
from artcnn.visualizers.saliency import METHODS

Numbers = Sequence[Tensor]
"""Tensors of numbers, each compared relative to its largest."""

Computation = Callable[[torch.device], Numbers]

_SIDE = 64
"""Longer side of the photo, in pixels."""


def _random(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def _answers(name: str) -> Computation:
    """Return what computes a network's outputs, and the gradient of the largest by the input."""

    def compute(device: torch.device) -> Numbers:
        model = read_model(name)
        shape = KINDS[model.card.kind].input_shape(model.card.train_recipe())
        inputs = _random(4, *shape).to(device).requires_grad_()
        logits = model.network.to(device)(inputs)
        (gradient,) = torch.autograd.grad(logits.amax(1).sum(), inputs)
        return logits.detach(), gradient

    return compute


def _saliency(method: str, name: str) -> Computation:
    def compute(device: torch.device) -> Numbers:
        if name == "efficientnet-lite0":
            require("classifier")
        network = open_network(name)
        for module in network.modules.values():
            module.to(device)
        return (METHODS[method](network, _random(1, *network.input_shape).to(device), 3),)

    return compute


def _maximize(device: torch.device) -> Numbers:
    """Return the activations of three filters of VGG-16, and their gradient by the input: what an ascent follows."""
    network = open_backbone(load_vgg(device=device), 64)
    inputs = _random(3, 3, 64, 64).to(device).requires_grad_()
    values = channel_objective(network, "conv4_3", [1, 70, 200])(inputs)
    return values.detach(), torch.autograd.grad(values.sum(), inputs)[0]


def _train(device: torch.device) -> Numbers:
    """Return the losses of three epochs of four steps, and the weights then; nothing in it is random."""
    recipe = load_recipe("mnist", "lecture", epochs=3, batch=32, augment=0, precision="float32")
    digits = load_mnist("test").take(torch.arange(160))
    train, validation = digits.split(32, 0)
    training = mnist_training(recipe, train, validation, device)
    for module in training.network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # a GPU draws other random numbers
    epochs = [event for event in training.run() if isinstance(event, Epoch)]
    losses = torch.tensor([loss for epoch in epochs for loss in (epoch.loss, epoch.validation_loss)])
    return losses, torch.cat([weights.detach().flatten() for weights in training.eval_network.parameters()])


def _dream_gradient(device: torch.device) -> Numbers:
    recipe = load_recipe("dream", "default", precision="float32")
    shown = photo(device, _SIDE)
    value, gradient = DreamObjective(shown, load_backbone(recipe, device), recipe).value_and_gradient(shown.flip(3))
    return value[None], gradient


def _style_gradient(preset: str) -> Computation:
    """Return what computes the loss of a style and its gradient by the picture."""

    def compute(device: torch.device) -> Numbers:
        recipe = load_recipe("style", preset, size=_SIDE, precision="float32")
        shown, backbone = photo(device, _SIDE), load_backbone(recipe, device)
        loss_of = make_loss(shown, [painting(device, _SIDE)], backbone, recipe, _SIDE)
        loss_of.retarget(shown, 0, 0)
        value, gradient = loss_of.value_and_gradient(shown.flip(3))
        return value[None], gradient

    return compute


COMPUTATIONS: dict[str, Computation] = {
    "a dream's objective and its gradient": _dream_gradient,
    "a style's loss and its gradient, moments": _style_gradient("default"),
    "a style's loss and its gradient, Gram matrices": _style_gradient("gatys"),
    "a style's loss and its gradient, nearest neighbors": _style_gradient("brush"),
    "digits, lecture": _answers("mnist-lecture"),
    "digits, best": _answers("mnist-best"),
    "Go": _answers("go-moves"),
    "spoken words": _answers("speech-digits"),
    "saliency, gradient": _saliency("gradient", "mnist-lecture"),
    "saliency, smoothgrad": _saliency("smoothgrad", "mnist-lecture"),
    "saliency, integrated gradients": _saliency("integrated", "mnist-lecture"),
    "saliency, guided, of a photo": _saliency("guided", "efficientnet-lite0"),
    "saliency, Grad-CAM, of a photo": _saliency("gradcam", "efficientnet-lite0"),
    "activation maximization": _maximize,
    "training, digits": _train,
}
