"""Any network as a chain of named layers, whatever it was trained for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor, nn

from artcnn.backbones.vgg import Backbone
from artcnn.errors import ArtcnnError

Pair = tuple[int, int]
Kind = Literal["convolution", "normalisation", "ReLU", "pooling", "flatten", "dropout", "fully connected"]


@dataclass(frozen=True)
class Layer:
    """One layer of a chain.

    Attributes:
        name: what it is called.
        kind: what it does.
        kernel: height and width, in pixels of its input, of what it sees; 1 where it takes each by itself.
        stride: pixels of its input from one output to the next, down and across.
        padding: pixels put around its input, above and at the left.
        parameters: numbers that were learnt.
        weight: of a convolution, shape (out, in, kernel, kernel); of a fully connected layer, (out, in); else None.
    """

    name: str
    kind: Kind
    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    parameters: int = 0
    weight: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Network:
    """A network to look into.

    Attributes:
        name: what the user calls it.
        layers: in order.
        input_shape: channels, height and width of what it takes; a network without fully connected layers takes others,
            too.
        classes: what its outputs stand for; none where it has none.
        prepare: makes of inputs (N, C, H, W) in [0, 1] what the first layer takes.
        apply: makes of a layer's name and what the layer before it gave what that layer gives.
    """

    name: str
    layers: tuple[Layer, ...]
    input_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    prepare: Callable[[Tensor], Tensor]
    apply: Callable[[str, Tensor], Tensor]

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

    def logits(self, inputs: Tensor) -> Tensor:
        """Return the outputs for inputs (N, C, H, W) in [0, 1], before the softmax: shape (N, classes).

        Raises:
            ArtcnnError: it has no classes.
        """
        if not self.classes:
            raise ArtcnnError(
                f"{self.name} has no output layer, so no classes: use --model mnist-lecture or mnist-best"
            )
        last = self.layers[-1].name
        return self.run(inputs, [last])[last]

    def layer(self, name: str) -> Layer:
        """Return the layer of that name.

        Raises:
            ArtcnnError: there is none; it names the nearest three.
        """
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            names = [layer.name for layer in self.layers]
            near = get_close_matches(name, names, n=3, cutoff=0) or names[:3]
            raise ArtcnnError(f"{self.name} has no layer '{name}': the nearest are {', '.join(near)}")
        return found

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each layer's output for one input of ``input_shape``: (C, H, W), or (C,)."""
        return self._shapes

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        with torch.no_grad():
            outputs = self.run(torch.zeros(1, *self.input_shape), [layer.name for layer in self.layers])
        return {name: tuple(output.shape[1:]) for name, output in outputs.items()}


def open_sequential(
    name: str, network: nn.Sequential, input_shape: tuple[int, int, int], classes: tuple[str, ...]
) -> Network:
    """Return a chain of torch's own modules, by their names."""
    layers = tuple(_layer(child, module) for child, module in network.named_children())
    modules = dict(network.named_children())
    return Network(name, layers, input_shape, classes, lambda inputs: inputs, lambda child, x: modules[child](x))


def _layer(name: str, module: nn.Module) -> Layer:
    parameters = sum(parameter.numel() for parameter in module.parameters())
    if isinstance(module, nn.Conv2d):
        assert not isinstance(module.padding, str)  # noqa: S101 - no network here pads by name
        kernel, stride, padding = (_pair(size) for size in (module.kernel_size, module.stride, module.padding))
        return Layer(name, "convolution", kernel, stride, padding, parameters, module.weight.detach())
    if isinstance(module, nn.Linear):
        return Layer(name, "fully connected", parameters=parameters, weight=module.weight.detach())
    simple: dict[type[nn.Module], Kind] = {
        nn.BatchNorm2d: "normalisation",
        nn.ReLU: "ReLU",
        nn.Flatten: "flatten",
        nn.Dropout: "dropout",
    }
    if kind := simple.get(type(module)):
        return Layer(name, kind, parameters=parameters)
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return Layer(name, "pooling", _pair(module.kernel_size), _pair(module.stride))
    return Layer(name, "pooling", (2, 2), (2, 2))  # BothPool2d


def _pair(size: int | tuple[int, ...]) -> Pair:
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def open_backbone(backbone: Backbone, side: int = 224) -> Network:
    """Return a pretrained VGG as a chain; it has no classes."""

    def layer(name: str) -> Layer:
        if name.startswith("conv"):
            weight, bias = backbone.get_buffer(f"{name}_weight"), backbone.get_buffer(f"{name}_bias")
            return Layer(name, "convolution", (3, 3), (1, 1), (1, 1), weight.numel() + bias.numel(), weight)
        return Layer(name, "pooling", (2, 2), (2, 2)) if name.startswith("pool") else Layer(name, "ReLU")

    layers = tuple(layer(name) for name in backbone.channels)
    return Network(backbone.name, layers, (3, side, side), (), backbone.normalised, backbone.apply_layer)
