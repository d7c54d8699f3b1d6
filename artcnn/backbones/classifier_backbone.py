"""A frozen ImageNet classifier as a backbone: the features of its layers, for a picture of any size.

The classifier's own ``forward`` runs, and hooks keep the outputs of the wanted layers. Layers are named after their
modules: ``inception4c`` of GoogLeNet, ``layer3_5`` of ResNet-50, ``features_8`` of AlexNet.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from threading import get_ident
from typing import Any

import torch
from torch import Tensor, nn

from artcnn.backbones.classifier import load_model, meta_model, named_layers
from artcnn.backbones.convolution import Padding, Pooling
from artcnn.backbones.layers import check_layers
from artcnn.backbones.precision import DTYPES, Precision
from artcnn.backbones.weights import Weights, find
from artcnn.errors import ArtcnnError, WeightsError

CLASS = "class"
"""Name of the last layer: one channel for each class, the logit, as a map of 1 x 1.

Nearly all classifiers end in global average pooling, so the logits are defined for a picture of any size.
"""


class StopForward(Exception):  # noqa: N818 - it is no error
    """Raised by a hook to end a forward pass once all wanted layers have run."""


class ClassifierBackbone(nn.Module):
    """A frozen classifier that returns the features of named layers.

    Args:
        weights: its name, architecture and normalization.
        network: maps normalized pictures, shape (1, 3, H, W), to logits, shape (1, 1000).
        padding: of the convolutions: ``"zeros"`` as trained, or ``"replicate"``.
        precision: the type that it computes in.
    """

    def __init__(
        self, weights: Weights, network: nn.Module, *, padding: Padding = "zeros", precision: Precision = "float32"
    ) -> None:
        super().__init__()
        self.name = weights.name
        self.pooling: Pooling = "max"  # the network's own: it cannot be changed
        self.padding: Padding = padding
        self.channels = classifier_channels(weights.architecture)
        self._architecture = weights.architecture
        network = set_padding(network, padding).requires_grad_(False)
        self.network = network.to(DTYPES[precision]).to(memory_format=torch.channels_last)
        self.register_buffer("mean", torch.tensor(weights.mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(weights.std).view(1, 3, 1, 1))
        self.dtype = DTYPES[precision]
        self.eval()

    def features(self, image: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the features of the named layers; nothing after the deepest of them is computed.

        Args:
            image: shape (1, 3, H, W), sRGB in [0, 1].
            names: layers, such as ``"inception4c"``, or ``"class"``.

        Returns:
            By layer name, a tensor of shape (1, C, h, w), in the network's precision.

        Raises:
            ArtcnnError: a name is unknown, or the image is too small for the deepest layer.
        """
        wanted = set(names)
        self.check(wanted)
        try:
            return forward_until(self.network, self.normalize(image), wanted)
        except RuntimeError:
            size = image.shape[-2], image.shape[-1]
            if _shapes(self._architecture, size).keys() >= wanted:
                raise  # the size is not the reason
            raise self._too_small(size) from None

    def check(self, names: Iterable[str]) -> None:
        """Raise an ArtcnnError that names the nearest layer when one of ``names`` does not exist."""
        check_layers(self.name, self.channels, names)

    def size_at(self, layer: str, size: tuple[int, int]) -> tuple[int, int]:
        """Return the (height, width) of a layer's maps for a picture of (height, width) pixels.

        Raises:
            ArtcnnError: the layer is unknown, or the picture is too small for it.
        """
        self.check([layer])
        shapes = _shapes(self._architecture, size)
        if layer not in shapes:
            raise self._too_small(size)
        return shapes[layer][-2], shapes[layer][-1]

    def _too_small(self, size: tuple[int, int]) -> ArtcnnError:
        return ArtcnnError(f"a picture of {size[1]} x {size[0]} pixels is too small for {self.name}")

    def normalize(self, image: Tensor) -> Tensor:
        """Return an image, sRGB in [0, 1], normalized for the first layer."""
        centered = (image - self.get_buffer("mean")) / self.get_buffer("std")
        return centered.to(self.dtype, memory_format=torch.channels_last)


def set_padding(network: nn.Module, padding: Padding) -> nn.Module:
    """Set the padding of all convolutions of a network, in place, and return it."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.padding_mode = padding
    return network


@contextmanager
def hook_layers(network: nn.Module, callback: Callable[[str, Any], Tensor | None]) -> Iterator[None]:
    """Call ``callback`` with each layer's name and output; a tensor that it returns replaces the output.

    A hook is the module's, whatever thread runs it: those of other threads are none of this one's business.
    """
    thread = get_ident()

    def hook(name: str, _: nn.Module, __: object, output: Any) -> Tensor | None:  # noqa: ANN401 - not every layer returns a tensor
        return callback(name, output) if get_ident() == thread else None

    hooks = [layer.register_forward_hook(partial(hook, name)) for name, layer in named_layers(network)]
    try:
        yield
    finally:
        for each in hooks:
            each.remove()


def forward_until(network: nn.Module, x: Tensor, wanted: Set[str]) -> dict[str, Tensor]:
    """Run a network until all wanted layers have run; return their outputs."""
    found: dict[str, Tensor] = {}

    def keep(name: str, output: Tensor) -> Tensor | None:
        if name not in wanted:
            return None
        found[name] = output
        if found.keys() >= wanted:
            raise StopForward
        return output.clone()  # DenseNet and others overwrite their inputs

    with suppress(StopForward), hook_layers(network, keep):
        found[CLASS] = network(x)[:, :, None, None]
    return found


def load_classifier_backbone(
    name: str,
    *,
    padding: Padding = "zeros",
    precision: Precision = "float32",
    device: torch.device | str = "cpu",
) -> ClassifierBackbone:
    """Return the classifier of this name as a backbone; download its weights if they are not cached.

    Raises:
        WeightsError: the name is unknown, the file is missing or damaged, or the network takes one input size only.
    """
    weights = find(name)
    classifier_channels(weights.architecture)
    return ClassifierBackbone(weights, load_model(weights), padding=padding, precision=precision).to(device)


@lru_cache
def classifier_channels(architecture: str) -> dict[str, int]:
    """Return the layers in order, the last one ``class``, with their numbers of channels. No weights are loaded.

    A module counts as a layer if it returns maps, channels first: two input sizes must give the same channels.

    Raises:
        WeightsError: the network takes one input size only.
    """
    shapes, other_shapes = (_shapes(architecture, size) for size in ((256, 256), (288, 384)))
    if CLASS not in shapes or CLASS not in other_shapes:
        raise WeightsError(f"{architecture} takes pictures of one size only, and cannot dream on others")
    return {
        name: shape[1]
        for name, shape in shapes.items()
        if len(shape) == 4 and len(other_shapes[name]) == 4 and shape[1] == other_shapes[name][1]
    }


@lru_cache
def _shapes(architecture: str, size: tuple[int, int]) -> dict[str, tuple[int, ...]]:
    """Return each layer's output shape for a picture of (height, width), up to the first layer that fails."""
    network, shapes = meta_model(architecture), {}  # type: tuple[nn.Module, dict[str, tuple[int, ...]]]

    def keep(name: str, output: Any) -> None:  # noqa: ANN401 - not every layer returns a tensor
        if isinstance(output, Tensor):
            shapes[name] = tuple(output.shape)

    with suppress(RuntimeError, AssertionError, ValueError), hook_layers(network, keep):
        logits = network(torch.empty(1, 3, *size, device="meta"))
        shapes[CLASS] = (*logits.shape, 1, 1)
    return shapes
