"""ImageNet classifiers as a sequence of named layers: EfficientNet-Lite0, and torchvision's where that is possible."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from artcnn.backbones.efficientnet import efficientnet_lite0, rename_keys
from artcnn.backbones.state_dict import load_state_dict_file
from artcnn.backbones.weights import Weights, find, imagenet_classes
from artcnn.errors import WeightsError


@dataclass(frozen=True, eq=False)
class Classifier:
    """A pretrained classifier, in evaluation mode.

    Attributes:
        network: maps normalized photos (N, 3, side, side) to logits (N, 1000).
        weights: its file and normalization.
        classes: ImageNet's 1,000 classes, in the order of the logits.
    """

    network: nn.Sequential
    weights: Weights
    classes: tuple[str, ...]

    def normalize(self, photos: Tensor) -> Tensor:
        """Return photos, sRGB in [0, 1], normalized for the first layer."""
        mean, std = (
            torch.tensor(values).view(1, 3, 1, 1).to(photos) for values in (self.weights.mean, self.weights.std)
        )
        return (photos - mean) / std


def load_classifier(name: str) -> Classifier:
    """Return the classifier of this name; download its weights if they are not cached.

    Raises:
        WeightsError: the name is unknown, the file is missing or damaged, or the network is not a sequence of layers.
    """
    weights = find(name)
    model = load_model(weights)
    network = to_sequential(model, weights)
    if network is None:
        raise WeightsError(
            f"{name} is not a sequence of layers", hint="use resnet50, alexnet, vgg16_bn, efficientnet_b0 ..."
        )
    return Classifier(network, weights, imagenet_classes())


def load_model(weights: Weights) -> nn.Module:
    """Return a classifier in evaluation mode, without the auxiliary heads used in training.

    Raises:
        WeightsError: its file is missing, damaged or does not fit.
    """
    state, model = load_state_dict_file(weights), meta_model(weights.architecture)
    try:
        model.load_state_dict(_rename_state_keys(weights.architecture, state), assign=True)
    except (RuntimeError, KeyError, IndexError, ValueError) as error:
        raise WeightsError(f"the weights of {weights.name} do not fit: {str(error).splitlines()[0]}") from error
    for head in ("aux1", "aux2", "AuxLogits"):
        if hasattr(model, head):
            setattr(model, head, None)
    return model.requires_grad_(False)


def meta_model(architecture: str) -> nn.Module:
    """Return a classifier in evaluation mode on torch's ``meta`` device: shapes, but no weights.

    GoogLeNet and Inception v3 were trained on inputs in [-1, 1]. With ``transform_input`` they take the same inputs as
    torchvision's other classifiers and convert them.
    """
    from torchvision.models import get_model

    options = {"transform_input": True, "init_weights": False} if architecture in _OF_GOOGLE else {}
    make = efficientnet_lite0 if architecture == "efficientnet-lite0" else partial(get_model, architecture, **options)
    try:
        with torch.device("meta"):
            model: nn.Module = make()
    except NotImplementedError:  # RegNet computes its widths with tensors
        model = make().to("meta")
    for module in model.modules():
        if hasattr(module, "inplace"):
            setattr(module, "inplace", False)  # noqa: B010 - else a ReLU overwrites the output of the layer before it
    return model.eval()


_OF_GOOGLE = "googlenet", "inception_v3"


def _rename_state_keys(architecture: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a file's tensors under the names of the network's parameters, contiguous."""
    state = {key: value.contiguous() for key, value in state.items()}
    if architecture == "efficientnet-lite0":
        return rename_keys(state)
    # DenseNet's files have an older naming scheme, with one more dot.
    return {re.sub(r"(denselayer\d+\.(?:norm|conv))\.(?=\d)", r"\1", key): value for key, value in state.items()}


def to_sequential(model: nn.Module, weights: Weights) -> nn.Sequential | None:
    """Return a classifier as a sequence of layers that computes the same; None where its forward is none."""
    if isinstance(model, nn.Sequential):
        return model
    probe = torch.rand(1, 3, weights.side, weights.side, generator=torch.Generator().manual_seed(0))
    for pooled in () if weights.architecture in _OF_GOOGLE else (False, True):  # Google's have parallel branches
        chain = flatten_modules(model, pooled)
        with torch.no_grad(), suppress(RuntimeError):  # shapes do not fit if its forward is not a plain sequence
            wanted = model(probe)
            if torch.allclose(chain(probe), wanted, atol=1e-5 * float(wanted.abs().max())):
                return chain
    return None


def named_layers(model: nn.Module, *path: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield a model's layers by name, ``features.3`` as ``features_3``; only Sequentials are opened."""
    for name, child in model.named_children():
        if isinstance(child, nn.Sequential):
            yield from named_layers(child, *path, name)
        else:
            yield re.sub(r"\W", "_", "_".join((*path, name))), child


def flatten_modules(model: nn.Module, pooled: bool = False) -> nn.Sequential:
    """Return a model's layers as one Sequential, named as by :func:`named_layers`.

    A Flatten is added before the first fully connected layer, or at the end, as the model's own ``forward`` does it;
    with ``pooled``, a global average pooling before it.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()

    def flatten() -> None:
        if not any(isinstance(layer, nn.Flatten) for layer in layers.values()):
            if pooled:
                layers["pool"] = nn.AdaptiveAvgPool2d(1)
            layers["flatten"] = nn.Flatten()

    for name, layer in named_layers(model):
        if isinstance(layer, nn.Linear):
            flatten()
        layers[name] = layer
    flatten()
    return nn.Sequential(layers)
