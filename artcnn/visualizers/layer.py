"""What a layer is: what it does, what it sees of its input, and its weights."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor, nn

from artcnn.machine.randomness import SeededRandomness
from artcnn.nets.go import MoveHead
from artcnn.nets.pooling import BothPool2d

Pair = tuple[int, int]
LayerKind = Literal[
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
    kind: LayerKind
    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    parameters: int = 0
    weight: Tensor | None = field(default=None, repr=False)


def reset_weights(layer: nn.Module, seed: int) -> None:
    """Give a layer, and all that it is made of, the weights that torch begins a training with."""
    with SeededRandomness(seed):
        for module in layer.modules():
            reset = getattr(module, "reset_parameters", None)
            if callable(reset):
                reset()


_SIMPLE: dict[type[nn.Module], LayerKind] = {
    nn.BatchNorm2d: "normalization",
    nn.ReLU: "ReLU",
    nn.ReLU6: "ReLU",
    nn.SiLU: "activation",
    nn.Hardswish: "activation",
    nn.GELU: "activation",
    nn.ELU: "activation",
    nn.LeakyReLU: "activation",
    nn.PReLU: "activation",
    nn.Sigmoid: "activation",
    nn.Tanh: "activation",
    nn.Flatten: "flatten",
    nn.Dropout: "dropout",
    nn.Dropout2d: "dropout",
}
_POOLINGS = nn.MaxPool2d, nn.AvgPool2d, BothPool2d
_POINTWISE = (*(kind for kind in _SIMPLE if kind is not nn.Flatten), nn.Identity)


def describe_layer(name: str, module: nn.Module) -> Layer:
    """Return what a module is as a layer; one of a kind that has no name here is a block."""
    parameters = sum(parameter.numel() for parameter in module.parameters())
    if isinstance(module, nn.Linear):
        return Layer(name, "fully connected", parameters=parameters, weight=module.weight.detach())
    if isinstance(module, MoveHead):
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
