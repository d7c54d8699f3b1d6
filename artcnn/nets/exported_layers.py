"""Operations of an exported network as torch's own layers."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

_Arguments = Mapping[str, Any]
_Weights = Mapping[str, Tensor]


def _convolution(told: _Arguments, weights: _Weights) -> nn.Module:
    weight, groups = weights["weight"], told.get("groups", 1)
    layer = nn.Conv2d(
        weight.shape[1] * groups,
        weight.shape[0],
        (weight.shape[2], weight.shape[3]),
        told.get("stride", 1),
        told.get("padding", 0),
        told.get("dilation", 1),
        groups,
        "bias" in weights,
        device="meta",
    )
    return _with(layer, weights)


def _linear(_: _Arguments, weights: _Weights) -> nn.Module:
    outputs, inputs = weights["weight"].shape
    return _with(nn.Linear(inputs, outputs, "bias" in weights, device="meta"), weights)


def _batch_norm(told: _Arguments, weights: _Weights) -> nn.Module:
    layer = nn.BatchNorm2d(len(weights["running_mean"]), told["eps"], affine="weight" in weights)
    return _with(layer, weights).eval()


def _layer_norm(told: _Arguments, weights: _Weights) -> nn.Module:
    affine, bias = "weight" in weights, "bias" in weights
    return _with(nn.LayerNorm(told["normalized_shape"], told.get("eps", 1e-5), affine, bias), weights)


def _group_norm(told: _Arguments, weights: _Weights) -> nn.Module:
    channels = len(weights["weight"])
    return _with(nn.GroupNorm(told["num_groups"], channels, told.get("eps", 1e-5)), weights)


def _with(layer: nn.Module, weights: _Weights) -> nn.Module:
    """Return a layer with the tensors of an exported one."""
    for name, tensor in weights.items():
        if isinstance(layer._buffers.get(name), Tensor):
            layer._buffers[name] = tensor
        else:
            setattr(layer, name, tensor if isinstance(tensor, nn.Parameter) else nn.Parameter(tensor))
    return layer


def _pooling(kind: type[nn.Module], *names: str) -> Callable[[_Arguments, _Weights], nn.Module]:
    def make(told: _Arguments, _: _Weights) -> nn.Module:
        chosen = {name: told[name] for name in names if name in told}
        if chosen.get("stride") == []:
            del chosen["stride"]
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in chosen.items()})

    return make


def _hardtanh(told: _Arguments, _: _Weights) -> nn.Module:
    low, high = told.get("min_val", -1), told.get("max_val", 1)
    return nn.ReLU6() if (low, high) == (0, 6) else nn.Hardtanh(low, high)


_PLAIN = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "silu": nn.SiLU,
    "hardswish": nn.Hardswish,
    "hardsigmoid": nn.Hardsigmoid,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
_WINDOW = "kernel_size", "stride", "padding"

LAYERS: dict[str, Callable[[_Arguments, _Weights], nn.Module]] = {
    f"aten.{name}.default": lambda _, __, kind=kind: kind() for name, kind in _PLAIN.items()
} | {
    "aten.conv2d.default": _convolution,
    "aten.conv2d.padding": _convolution,
    "aten.linear.default": _linear,
    "aten.batch_norm.default": _batch_norm,
    "aten.layer_norm.default": _layer_norm,
    "aten.group_norm.default": _group_norm,
    "aten.hardtanh.default": _hardtanh,
    "aten.gelu.default": _pooling(nn.GELU, "approximate"),
    "aten.leaky_relu.default": _pooling(nn.LeakyReLU, "negative_slope"),
    "aten.elu.default": _pooling(nn.ELU, "alpha"),
    "aten.max_pool2d.default": _pooling(nn.MaxPool2d, *_WINDOW, "dilation", "ceil_mode"),
    "aten.avg_pool2d.default": _pooling(nn.AvgPool2d, *_WINDOW, "ceil_mode", "count_include_pad", "divisor_override"),
    "aten.adaptive_avg_pool2d.default": _pooling(nn.AdaptiveAvgPool2d, "output_size"),
    "aten.flatten.using_ints": _pooling(nn.Flatten, "start_dim", "end_dim"),
    "aten.dropout.default": _pooling(nn.Dropout, "p"),
}
"""What makes a layer of an operation's arguments and weights, by the operation."""
