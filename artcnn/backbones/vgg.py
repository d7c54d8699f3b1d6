"""A frozen VGG that returns the features of named layers (Simonyan and Zisserman 2014, arXiv:1409.1556)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artcnn.backbones.convolution import ALL_BORDERS, Border, Padding, Pooling, convolve, pool2x2
from artcnn.backbones.layers import check_layers, convolution_index, layer_channels
from artcnn.backbones.precision import DTYPES, Precision
from artcnn.backbones.state_dict import load_vgg_state
from artcnn.backbones.tiles import Tile, count_convolutions
from artcnn.backbones.weights import Rgb, find
from artcnn.errors import ArtcnnError


class VGGBackbone(nn.Module):
    """A frozen VGG without its classifier, which returns the features of named layers.

    ``conv4_3`` is the output of the convolution, ``relu4_3`` that of the ReLU after it.

    Args:
        name: of the weights (see ``artcnn weights``).
        architecture: ``"vgg16"`` or ``"vgg19"``.
        state: convolution weights by torchvision's keys, ``features.0.weight`` of shape (64, 3, 3, 3) and so on.
        mean: subtracted from the image, for each of red, green and blue, in [0, 1].
        std: divides the difference.
        pooling: ``"max"`` as trained, or ``"average"`` as Gatys et al. 2015 (section "Methods") suggest.
        padding: ``"zeros"`` as trained; ``"replicate"``, which avoids dark frames at the edge; or ``"circular"``.
        precision: type that the convolutions compute in.
    """

    def __init__(
        self,
        name: str,
        architecture: str,
        state: Mapping[str, Tensor],
        *,
        mean: Rgb,
        std: Rgb,
        pooling: Pooling = "max",
        padding: Padding = "zeros",
        precision: Precision = "float32",
    ) -> None:
        super().__init__()
        self.name = name
        self.channels = layer_channels(architecture)
        self.pooling: Pooling = pooling
        self.padding: Padding = padding
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))
        for layer, index in convolution_index(architecture).items():
            # Channels last: the layout that oneDNN and cuDNN convolve fastest.
            weight = state[f"features.{index}.weight"].to(DTYPES[precision], memory_format=torch.channels_last)
            self.register_buffer(f"{layer}_weight", weight)
            self.register_buffer(f"{layer}_bias", state[f"features.{index}.bias"].to(DTYPES[precision]))

    def padded(self, padding: Padding) -> "VGGBackbone":
        """Return the network with another padding; the weights are shared."""
        if padding == self.padding:
            return self
        other = copy(self)
        other.padding = padding
        return other

    @property
    def dtype(self) -> torch.dtype:
        """Type that it computes in, and of its features."""
        return self.get_buffer("conv1_1_weight").dtype

    def features(self, image: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the features of the named layers; nothing after the deepest of them is computed.

        Args:
            image: shape (1, 3, H, W), sRGB in [0, 1].
            names: layers, such as ``"relu4_2"``.

        Returns:
            By layer name, a tensor of shape (1, C, h, w), in the network's precision.

        Raises:
            ArtcnnError: a name is unknown, or the image is too small for the deepest layer.
        """
        layers = [layer for stage in self.stages(names) for layer in stage]
        return self.run(layers, self.normalize(image), set(names))[1]

    def stages(self, names: Iterable[str]) -> list[list[str]]:
        """Return all layers up to the deepest of the named ones, in stages that each end with a pooling.

        Raises:
            ArtcnnError: a name is unknown.
        """
        wanted, stages = set(names), [[]]  # type: tuple[set[str], list[list[str]]]
        self.check(wanted)
        for layer in self.channels:
            if not wanted:
                break
            if stages[-1] and stages[-1][-1].startswith("pool"):
                stages.append([])
            stages[-1].append(layer)
            wanted.discard(layer)
        return stages

    def run(
        self, layers: Sequence[str], x: Tensor, wanted: Collection[str], tile: Tile | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Run consecutive layers on ``x``; return the last output, and the outputs of the wanted layers by name.

        If ``x`` is a ``tile`` with its halo, each convolution consumes one position of the halo.
        """
        found: dict[str, Tensor] = {}
        todo, border = list(layers), ALL_BORDERS
        while todo:
            if tile is not None and todo[0].startswith("conv"):
                x, border = tile.conv_input(x, count_convolutions(todo))
            layer = todo.pop(0)
            if layer.startswith("conv"):
                if layer in wanted or not todo:
                    x = self._convolve(layer, x, border, relu=False)
                else:
                    relu, pool = todo.pop(0), todo[0] if todo else ""
                    if self.pooling == "max" and pool.startswith("pool") and relu not in wanted:
                        # max and ReLU commute: pooling first leaves a quarter of the values for the ReLU.
                        y = self._convolve(layer, x, border, relu=False)
                        x, layer = self._pool(todo.pop(0), y, relu=True), pool
                    else:
                        x, layer = self._convolve(layer, x, border, relu=True), relu
            else:
                x = self.apply_layer(layer, x)
            if layer in wanted:
                found[layer] = x
        return x, found

    def size_at(self, layer: str, size: tuple[int, int]) -> tuple[int, int]:
        """Return the (height, width) of a layer's maps for an image of (height, width) pixels."""
        halvings = sum(name.startswith("pool") for stage in self.stages([layer]) for name in stage)
        return size[0] >> halvings, size[1] >> halvings

    def check(self, names: Iterable[str]) -> None:
        """Raise an ArtcnnError that names the nearest layer when one of ``names`` does not exist."""
        check_layers(self.name, self.channels, names)

    def normalize(self, image: Tensor) -> Tensor:
        """Return an image, sRGB in [0, 1], normalized for the first layer."""
        centered = (image - self.get_buffer("mean")) / self.get_buffer("std")
        return centered.to(self.dtype, memory_format=torch.channels_last)

    def apply_layer(self, layer: str, x: Tensor) -> Tensor:
        """Return the output of one layer for the output of the layer before it."""
        if layer.startswith("relu"):
            return F.relu(x)
        if layer.startswith("pool"):
            return self._pool(layer, x)
        return self._convolve(layer, x, ALL_BORDERS, relu=False)

    def _pool(self, layer: str, x: Tensor, *, relu: bool = False) -> Tensor:
        if min(x.shape[-2:]) < 2:
            raise ArtcnnError(f"the picture is too small for layer '{layer}': only one row or column is left")
        return pool2x2(x, self.pooling, relu=relu)

    def _convolve(self, layer: str, x: Tensor, border: Border, *, relu: bool) -> Tensor:
        weight, bias = self.get_buffer(f"{layer}_weight"), self.get_buffer(f"{layer}_bias")
        return convolve(x, weight, bias, self.padding, relu=relu, border=border)


def load_vgg(
    name: str = "vgg16",
    *,
    pooling: Pooling = "max",
    padding: Padding = "zeros",
    precision: Precision = "float32",
    device: torch.device | str = "cpu",
) -> VGGBackbone:
    """Return the VGG with pretrained weights of this name; download them if they are not cached.

    Raises:
        WeightsError: the name is unknown, or the file is missing, damaged or cannot be downloaded.
    """
    weights = find(name)
    return VGGBackbone(
        name,
        weights.architecture,
        load_vgg_state(name),
        mean=weights.mean,
        std=weights.std,
        pooling=pooling,
        padding=padding,
        precision=precision,
    ).to(device)
