"""EfficientNet-Lite0, an ImageNet classifier small enough for a laptop (Tan and Le 2019, arXiv:1905.11946).

Lite: ReLU6 instead of swish, and no squeeze-and-excitation, so the receptive field of a block is that of its depthwise
convolution.
"""

from collections import OrderedDict
from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn

STAGES = (
    # kernel, stride of the first, expansion, output channels, blocks
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
"""Table 1 of the paper, from its second row on."""

_EPSILON = 1e-3  # of batch normalization, as in training


class SameConv2d(nn.Conv2d):
    """A convolution without bias, with TensorFlow's "same" padding for inputs of even size.

    At stride 2 the extra row and column of padding are at the bottom and on the right.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, (kernel - stride) // 2, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of the input's size divided by the stride."""
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        return super().forward(F.pad(x, (0, 1, 0, 1), mode) if self.stride[0] == 2 else x)


class Block(nn.Module):
    """A mobile inverted bottleneck (Sandler et al. 2018, arXiv:1801.04381): expand, depthwise, project, add."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        if expansion > 1:
            layers |= {"expand": SameConv2d(inputs, wide, 1), "norm0": _norm(wide), "relu0": nn.ReLU6()}
        layers |= {"depthwise": SameConv2d(wide, wide, kernel, stride, groups=wide), "norm1": _norm(wide)}
        layers |= {"relu1": nn.ReLU6(), "project": SameConv2d(wide, outputs, 1), "norm2": _norm(outputs)}
        self.path = nn.Sequential(layers)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return the path's output, plus the input if their shapes are the same."""
        y: Tensor = self.path(x)
        return x + y if self.adds else y


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_EPSILON)


def efficientnet_lite0() -> nn.Sequential:
    """Return the network with random weights: photos (N, 3, 224, 224) in [-1, 1] to logits (N, 1000)."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers |= {"conv_stem": SameConv2d(3, 32, 3, 2), "norm_stem": _norm(32), "relu_stem": nn.ReLU6()}
    inputs = 32
    for stage, (kernel, stride, expansion, outputs, count) in enumerate(STAGES, start=1):
        for index in range(1, count + 1):
            layers[f"block{stage}_{index}"] = Block(inputs, outputs, kernel, stride if index == 1 else 1, expansion)
            inputs = outputs
    layers |= {"conv_head": SameConv2d(inputs, 1280, 1), "norm_head": _norm(1280), "relu_head": nn.ReLU6()}
    layers |= {"pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "logits": nn.Linear(1280, 1000)}
    return nn.Sequential(layers)


def rename_keys(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the keys of the published file (``_blocks.3._bn1.weight``) to those of this module."""
    names = {
        "_conv_stem": "conv_stem",
        "_bn0": "norm_stem",
        "_conv_head": "conv_head",
        "_bn1": "norm_head",
        "_fc": "logits",
    }
    inside = {"_expand_conv": "expand", "_depthwise_conv": "depthwise", "_project_conv": "project"}
    inside |= {f"_bn{number}": f"norm{number}" for number in range(3)}
    blocks = [f"block{stage}_{i}" for stage, (*_, count) in enumerate(STAGES, start=1) for i in range(1, count + 1)]
    found = {}
    for key, value in state.items():
        first, *rest = key.split(".")
        if first == "_blocks":
            number, layer, *rest = rest
            found[".".join((blocks[int(number)], "path", inside[layer], *rest))] = value
        else:
            found[".".join((names[first], *rest))] = value
    return found
