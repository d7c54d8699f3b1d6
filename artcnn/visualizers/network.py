"""Any network as a chain of named layers, whatever it was trained for."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from artcnn.backbones.classifier import Classifier
from artcnn.backbones.vgg import VGGBackbone
from artcnn.errors import no_classes, unknown_layer, unknown_unit
from artcnn.visualizers.layer import Layer, describe_layer, reset_weights

if TYPE_CHECKING:
    from artcnn.visualizers.receptive_field import ReceptiveField

InputName = Literal["mnist", "speech", "go", "photo"]
"""What a network takes: a handwritten digit, a spoken word, a position of Go, or a photo."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network to look into.

    Attributes:
        name: what the user calls it.
        layers: in order.
        input_shape: channels, height and width of what it takes; a network without fully connected layers takes others,
            too.
        classes: what its outputs stand for; none where it has none.
        prepare: returns the first layer's input for pictures (N, C, H, W) in [0, 1], each pixel by itself.
        apply: returns a layer's output, from its name and its input.
        modules: the layers themselves, by name; none for a backbone.
        planes: what the channels of its input are called, where they are no colors.
        data: what it learned from, if its card says so.
        teacher: the network whose features it learned to predict, if it learned from no labels.
        fields: what units of each layer see, where that was found otherwise than from the layers one after the other.
        kind: what its input is.
    """

    name: str
    layers: tuple[Layer, ...]
    input_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    prepare: Callable[[Tensor], Tensor]
    apply: Callable[[str, Tensor], Tensor]
    modules: Mapping[str, nn.Module] = field(default_factory=dict)
    planes: tuple[str, ...] = ()
    data: str = ""
    teacher: str = ""
    fields: "Mapping[str, ReceptiveField | None] | None" = None
    kind: InputName = "photo"

    def __repr__(self) -> str:
        shape, answers = " x ".join(map(str, self.input_shape)), len(self.classes) or "no"
        return f"<{self.name}: {len(self.layers)} layers, takes {shape}, {answers} classes>"

    @property
    def is_chain(self) -> bool:
        """Whether each layer takes what the one before it gives, and nothing else is computed."""
        return self.fields is None

    def run(self, inputs: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the named layers' outputs for inputs (N, C, H, W) in [0, 1]; nothing beyond the last is computed."""
        wanted, found = set(names), dict[str, Tensor]()
        x = self.prepare(inputs)
        for layer in self.layers:
            if found.keys() == wanted:
                break
            x = self.apply(layer.name, x)
            if layer.name in wanted:
                found[layer.name] = x
        return found

    def finish(self, x: Tensor, first: int) -> Tensor:
        """Return the output for what the layer of that number takes."""
        for layer in self.layers[first:]:
            x = self.apply(layer.name, x)
        return x

    def map_layers(self) -> list[str]:
        """Return the layers that Grad-CAM can weigh: convolutions, and blocks of them."""
        return [layer.name for layer in self.layers if layer.kind in ("convolution", "block")]

    def count_weights(self) -> int:
        """Return how many numbers all of it has learned."""
        return sum(layer.parameters for layer in self.layers)

    def block_names(self) -> list[str]:
        """Return the names of blocks, made of several layers, that can be looked at as well."""
        return []

    def logits(self, inputs: Tensor) -> Tensor:
        """Return the outputs for inputs (N, C, H, W) in [0, 1], before the softmax: shape (N, classes).

        Raises:
            ArtcnnError: it has no classes.
        """
        self.check_classes()
        last = self.layers[-1].name
        return self.run(inputs, [last])[last]

    def check_classes(self) -> None:
        """Raise an ArtcnnError where the network has no output layer."""
        if not self.classes:
            raise no_classes(self.name)

    def layer(self, name: str) -> Layer:
        """Return the layer of that name.

        Raises:
            ArtcnnError: there is none; it names the nearest three.
        """
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise unknown_layer(self.name, name, [layer.name for layer in self.layers])
        return found

    def check_units(self, name: str, units: Iterable[int]) -> None:
        """Raise an ArtcnnError where a layer, or one of its units, does not exist."""
        count = self.shapes()[self.layer(name).name][0]
        for unit in units:
            if not 0 <= unit < count:
                raise unknown_unit(self.name, name, unit, count)

    def randomize_layer(self, name: str, seed: int) -> "Network":
        """Return a network whose layer of that name has weights as before any training; the others are shared."""
        modules = {**self.modules, name: deepcopy(self.modules[name])}
        reset_weights(modules[name], seed)
        return replace(self, apply=lambda child, x: modules[child](x), modules=modules)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each layer's output for one input of ``input_shape``: (C, H, W), or (C,)."""
        return self._shapes

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        device = next((layer.weight.device for layer in self.layers if layer.weight is not None), None)
        with torch.no_grad():
            black = torch.zeros(1, *self.input_shape, device=device)
            outputs = self.run(black, [layer.name for layer in self.layers])
        return {name: tuple(output.shape[1:]) for name, output in outputs.items()}


def open_sequential(
    name: str,
    network: nn.Sequential,
    input_shape: tuple[int, int, int],
    classes: tuple[str, ...],
    kind: InputName | None = None,
) -> Network:
    """Return a chain of torch's own modules, by their names.

    Args:
        name: what it is called.
        network: the chain.
        input_shape: channels, height and width of what it takes.
        classes: what its outputs stand for.
        kind: what its input is: by default a digit where it has one channel, else a photo.
    """
    opened = _open(name, network, input_shape, classes, lambda inputs: inputs)
    return replace(opened, kind=kind or input_of(input_shape))


def input_of(shape: tuple[int, int, int]) -> InputName:
    """Return what an input of a shape is, where nobody says: one channel is bright ink on black, as a digit is."""
    return "mnist" if shape[0] == 1 else "photo"


def open_classifier(classifier: Classifier) -> Network:
    """Return a pretrained classifier of photos as a chain."""
    weights = classifier.weights
    shape = (3, weights.side, weights.side)
    return _open(weights.name, classifier.network, shape, classifier.classes, classifier.normalize)


def _open(
    name: str,
    network: nn.Sequential,
    input_shape: tuple[int, int, int],
    classes: tuple[str, ...],
    prepare: Callable[[Tensor], Tensor],
) -> Network:
    layers = tuple(describe_layer(child, module) for child, module in network.named_children())
    modules = dict(network.named_children())
    return Network(name, layers, input_shape, classes, prepare, lambda child, x: modules[child](x), modules)


def open_backbone(backbone: VGGBackbone, side: int = 224) -> Network:
    """Return a pretrained VGG as a chain, as it was trained; it has no classes."""
    if backbone.padding != "zeros":
        raise ValueError("a network is looked into as it was trained: with zeros for padding")

    def layer(name: str) -> Layer:
        if name.startswith("conv"):
            weight, bias = backbone.get_buffer(f"{name}_weight"), backbone.get_buffer(f"{name}_bias")
            return Layer(name, "convolution", (3, 3), (1, 1), (1, 1), weight.numel() + bias.numel(), weight)
        return Layer(name, "pooling", (2, 2), (2, 2)) if name.startswith("pool") else Layer(name, "ReLU")

    layers = tuple(layer(name) for name in backbone.channels)
    return Network(backbone.name, layers, (3, side, side), (), backbone.normalize, backbone.apply_layer)
