"""Classifiers of photographs, as chains of named layers: EfficientNet-Lite0, and those of torchvision that are one."""

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from artcnn.backbones.efficientnet import efficientnet_lite0, renamed
from artcnn.backbones.state import load_whole
from artcnn.backbones.weights import Weights, find
from artcnn.errors import WeightsError


@dataclass(frozen=True, eq=False)
class Classifier:
    """A pretrained classifier, in evaluation mode.

    Attributes:
        network: takes photos (N, 3, side, side), normalised; gives logits (N, 1000).
        weights: what its file is, and how a photo is normalised.
        classes: the 1,000 of ImageNet, in the order of the logits.
    """

    network: nn.Sequential
    weights: Weights
    classes: tuple[str, ...]

    def normalised(self, photos: Tensor) -> Tensor:
        """Return photos, sRGB in [0, 1], as the first layer takes them."""
        mean, std = (
            torch.tensor(values).view(1, 3, 1, 1).to(photos) for values in (self.weights.mean, self.weights.std)
        )
        return (photos - mean) / std


def load_classifier(name: str) -> Classifier:
    """Return the classifier of that name, downloading its weights where they are not there yet.

    Raises:
        WeightsError: there is none, its file is missing or damaged, or it is no chain of layers.
    """
    from torchvision.models import VGG16_Weights

    weights = find(name)
    state = load_whole(weights)
    try:
        if name == "efficientnet-lite0":
            network = efficientnet_lite0()
            network.load_state_dict(renamed(state))
        else:
            network = _of_torchvision(name, state, weights.side)
    except (RuntimeError, KeyError, IndexError, ValueError) as error:
        raise WeightsError(f"the weights of {name} do not fit: {str(error).splitlines()[0]}") from error
    return Classifier(network.eval(), weights, tuple(VGG16_Weights.IMAGENET1K_V1.meta["categories"]))


def _of_torchvision(name: str, state: dict[str, Tensor], side: int) -> nn.Sequential:
    from torchvision.models import get_model

    model = (
        get_model(name, weights=None, init_weights=False) if name in ("googlenet", "inception_v3") else get_model(name)
    )
    model.load_state_dict(state)
    model.eval()
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # else a ReLU overwrites what the layer before it gave
    probe = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    for pooled in (False, True):
        chain = as_chain(model, pooled)
        with torch.no_grad(), suppress(RuntimeError):  # shapes that do not fit: its forward does more than a chain
            wanted = model(probe)
            if torch.allclose(chain(probe), wanted, atol=1e-5 * float(wanted.abs().max())):
                return chain
    raise WeightsError(f"{name} is no chain of layers: look into resnet50, alexnet, vgg16_bn, efficientnet_b0 ...")


def as_chain(model: nn.Module, pooled: bool = False) -> nn.Sequential:
    """Return a model's layers one after the other, ``features.3`` as ``features_3``; what is no Sequential stays whole.

    Where a fully connected layer follows on maps, or nothing does, the flattening that the model's own forward does is
    put there; with ``pooled`` a mean over each map before it.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()

    def flatten() -> None:
        if not any(isinstance(layer, nn.Flatten) for layer in layers.values()):
            if pooled:
                layers["pool"] = nn.AdaptiveAvgPool2d(1)
            layers["flatten"] = nn.Flatten()

    def add(module: nn.Module, path: tuple[str, ...]) -> None:
        for name, child in module.named_children():
            if isinstance(child, nn.Sequential):
                add(child, (*path, name))
                continue
            if isinstance(child, nn.Linear):
                flatten()
            layers["_".join((*path, name))] = child

    add(model, ())
    flatten()
    return nn.Sequential(layers)
