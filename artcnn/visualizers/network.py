"""Any network as a chain of named layers, whatever it was trained for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from artcnn.backbones.classifier import Classifier
from artcnn.backbones.vgg import VGGBackbone
from artcnn.errors import ArtcnnError, no_classes, no_layer, no_unit
from artcnn.nets.go import Move
from artcnn.nets.pooling import BothPool2d

if TYPE_CHECKING:
    from artcnn.visualizers.receptive_field import ReceptiveField

Pair = tuple[int, int]
InputName = Literal["mnist", "speech", "go", "photo"]
"""What a network takes: a handwritten digit, a spoken word, a position of Go, or a photo."""
Kind = Literal[
    "convolution",
    "normalization",
    "ReLU",
    "activation",
    "pooling",
    "block",
    "flatten",
    "dropout",
    "fully connected",
    "answer",
]


@dataclass(frozen=True)
class Layer:
    """One layer of a chain.

    Attributes:
        name: what it is called.
        kind: what it does.
        kernel: height and width, in pixels of its input, of what it sees; 1 where it takes each by itself, 0
            where it sees all.
        stride: pixels of its input from one output to the next, down and across.
        padding: pixels put around its input, above and at the left.
        parameters: how many were learned.
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
            raise ArtcnnError(no_classes(self.name))

    def layer(self, name: str) -> Layer:
        """Return the layer of that name.

        Raises:
            ArtcnnError: there is none; it names the nearest three.
        """
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise ArtcnnError(no_layer(self.name, name, [layer.name for layer in self.layers]))
        return found

    def check_units(self, name: str, units: Iterable[int]) -> None:
        """Raise an ArtcnnError where a layer, or one of its units, does not exist."""
        count = self.shapes()[self.layer(name).name][0]
        for unit in units:
            if not 0 <= unit < count:
                raise ArtcnnError(no_unit(self.name, name, unit, count))

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
        with torch.no_grad():
            outputs = self.run(torch.zeros(1, *self.input_shape), [layer.name for layer in self.layers])
        return {name: tuple(output.shape[1:]) for name, output in outputs.items()}


def reset_weights(layer: nn.Module, seed: int) -> None:
    """Give a layer, and all that it is made of, the weights that torch begins a training with."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        for module in layer.modules():
            reset = getattr(module, "reset_parameters", None)
            if callable(reset):
                reset()


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


_SIMPLE: dict[type[nn.Module], Kind] = {
    nn.BatchNorm2d: "normalization",
    nn.ReLU: "ReLU",
    nn.ReLU6: "ReLU",
    nn.SiLU: "activation",
    nn.Hardswish: "activation",
    nn.Flatten: "flatten",
    nn.Dropout: "dropout",
}
_POOLINGS = nn.MaxPool2d, nn.AvgPool2d, BothPool2d
_POINTWISE = nn.BatchNorm2d, nn.ReLU, nn.ReLU6, nn.SiLU, nn.Hardswish, nn.Identity, nn.Dropout


def describe_layer(name: str, module: nn.Module) -> Layer:
    """Return what a module is as a layer; one of a kind that has no name here is a block."""
    parameters = sum(parameter.numel() for parameter in module.parameters())
    if isinstance(module, nn.Linear):
        return Layer(name, "fully connected", parameters=parameters, weight=module.weight.detach())
    if isinstance(module, Move):
        return Layer(name, "answer", parameters=parameters)
    if type(module) in _SIMPLE:
        return Layer(name, _SIMPLE[type(module)], parameters=parameters)
    if isinstance(module, nn.Conv2d):
        return Layer(name, "convolution", *_window(module), parameters, module.weight.detach())
    if isinstance(module, (*_POOLINGS, nn.AdaptiveAvgPool2d)):
        return Layer(name, "pooling", *_window(module))
    return Layer(name, "block", *_windows(module), parameters)


def _window(module: nn.Module) -> tuple[Pair, Pair, Pair]:
    """Return kernel, stride and padding of a layer; a kernel of 0 for one that sees everything."""
    if isinstance(module, _POINTWISE):
        return (1, 1), (1, 1), (0, 0)
    if isinstance(module, BothPool2d):
        return (2, 2), (2, 2), (0, 0)
    if not isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return (0, 0), (1, 1), (0, 0)
    kernel = _pair(module.kernel_size)
    if isinstance(module.padding, str):
        around = (kernel[0] // 2, kernel[1] // 2) if module.padding == "same" else (0, 0)
        return kernel, _pair(module.stride), around
    return kernel, _pair(module.stride), _pair(module.padding)


def _windows(block: nn.Module) -> tuple[Pair, Pair, Pair]:
    """Return what a block of layers sees as if it were one: its layers one behind the other, shortcuts left out."""
    sees, steps, around = [1, 1], [1, 1], [0, 0]
    for name, module in block.named_modules():
        if list(module.children()) or "downsample" in name:
            continue
        for axis, (kernel, stride, padding) in enumerate(zip(*_window(module), strict=True)):
            if kernel == 0:
                return (0, 0), (1, 1), (0, 0)
            sees[axis] += (kernel - 1) * steps[axis]
            around[axis] += padding * steps[axis]
            steps[axis] *= stride
    return _pair(sees), _pair(steps), _pair(around)


def _pair(size: int | Sequence[int]) -> Pair:
    return (size, size) if isinstance(size, int) else (size[0], size[1])


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
