"""What a network's first convolution computes: each number of its maps as a sum, and all of them as one matrix."""

from dataclasses import dataclass, replace
from itertools import product
from math import nan

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.errors import ArtcnnError
from artcnn.visualizers.layer import Layer, Pair
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import ReceptiveField, receptive_fields


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution and what it reads; nothing in it is nonlinear.

    Attributes:
        name: of the layer.
        inputs: shape (C, H, W), as the layer takes them: of photos less a mean, so they may be negative.
        weight: shape (K, C, kernel height, kernel width).
        bias: shape (K,).
        maps: what it gives, shape (K, h, w).
        stride: down and across.
        padding: zeros around the inputs, above and at the left; below and at the right as many as the maps need.
    """

    name: str
    inputs: Tensor
    weight: Tensor
    bias: Tensor
    maps: Tensor
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)

    @property
    def padded(self) -> Tensor:
        """Return the inputs with the zeros around them, as far as the kernels reach: shape (C, H', W')."""
        around = []
        for axis in (1, 0):
            before, size = self.padding[axis], self.inputs.shape[1 + axis]
            reach = (self.maps.shape[1 + axis] - 1) * self.stride[axis] + self.weight.shape[2 + axis]
            around += [before, reach - before - size]
        return F.pad(self.inputs, around)

    def only(self, unit: int) -> "Convolution":
        """Return the convolution of one unit."""
        one = slice(unit, unit + 1)
        return replace(self, weight=self.weight[one], bias=self.bias[one], maps=self.maps[one])

    def terms(self, unit: int, row: int, column: int) -> "Terms":
        """Return the sum behind one number of a unit's map."""
        top, left = row * self.stride[0], column * self.stride[1]
        height, width = self.weight.shape[2:]
        patch = self.padded[:, top : top + height, left : left + width]
        return Terms(patch, self.weight[unit], self.bias[unit])

    def strongest(self, unit: int | None = None) -> tuple[int, int, int]:
        """Return the unit, row and column of the largest number: of one unit's map, or of all."""
        first, maps = (0, self.maps) if unit is None else (unit, self.maps[unit : unit + 1])
        _, height, width = maps.shape
        index, place = divmod(int(maps.flatten().argmax()), height * width)
        return first + index, *divmod(place, width)


@dataclass(frozen=True, eq=False)
class Terms:
    """What one number of a map is the sum of.

    Attributes:
        patch: the inputs that the kernel lies on, shape (C, kernel height, kernel width); 0 beyond the edge.
        kernel: of the same shape.
        bias: what is added to every sum of this unit, a number.
    """

    patch: Tensor
    kernel: Tensor
    bias: Tensor

    @property
    def products(self) -> Tensor:
        """Return each input times the weight that lies on it."""
        return self.patch * self.kernel

    @property
    def value(self) -> float:
        """Return the number."""
        return float(self.products.sum() + self.bias)


def convolve(inputs: Tensor, kernels: Tensor, stride: int = 1) -> Convolution:
    """Return kernels (K, C, h, w) on inputs (C, H, W), without bias and padding."""
    maps = F.conv2d(inputs[None], kernels, stride=stride)[0]
    return Convolution("", inputs, kernels, torch.zeros(len(kernels)), maps, (stride, stride))


def run_first_convolution(network: Network, picture: Tensor) -> Convolution:
    """Return the first layer of a network and what it makes of a picture (1, C, H, W) in [0, 1].

    Raises:
        ArtcnnError: it is no convolution of the picture.
    """
    layer = network.layers[0]
    if layer.weight is None or not _reads_picture(network, layer):
        raise ArtcnnError(
            f"{network.name} does not begin with a convolution", hint="use --model mnist-lecture, or vgg16"
        )
    with torch.no_grad():
        inputs = network.prepare(picture)
        maps = network.apply(layer.name, inputs)[0]
        bias = network.apply(layer.name, torch.zeros_like(inputs))[0, :, 0, 0]  # all that is left of zeros
    return Convolution(layer.name, inputs[0], layer.weight, bias, maps, layer.stride, layer.padding)


def _reads_picture(network: Network, layer: Layer) -> bool:
    """Return whether a layer is a convolution of all channels of the picture, without dilation."""
    plain = ReceptiveField(layer.kernel, layer.stride, (-layer.padding[0], -layer.padding[1]))
    whole = layer.weight is not None and layer.weight.shape[1] == network.input_shape[0]
    return whole and layer.kind == "convolution" and receptive_fields(network)[layer.name] == plain


def weight_indices(convolution: Convolution) -> Tensor:
    """Return which weight of a kernel each entry of a unit's matrix is: shape (h * w, C * H * W), -1 where it is zero.

    The matrix of a fully connected layer that computes the same has a row for each place of the map, and a column for
    each number of the inputs. Its entries are ``kernel.flatten()[number]``, and 0 at -1.
    """
    channels, height, width = convolution.inputs.shape
    _, rows, columns = convolution.maps.shape
    numbers = torch.full((rows * columns, channels * height * width), -1)
    place = torch.arange(rows * columns)
    tops, lefts = place // columns * convolution.stride[0], place % columns * convolution.stride[1]
    shape = convolution.weight.shape[1:]
    for number, (channel, down, across) in enumerate(product(*map(range, shape))):
        row, column = tops + down - convolution.padding[0], lefts + across - convolution.padding[1]
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        entry = channel * height * width + row * width + column
        numbers[place[inside], entry[inside]] = number
    return numbers


def convolution_matrix(convolution: Convolution, unit: int) -> Tensor:
    """Return the matrix that makes a unit's map, less its bias, of the inputs: shape (h * w, C * H * W)."""
    numbers = weight_indices(convolution)
    return torch.where(numbers < 0, 0.0, convolution.weight[unit].flatten()[numbers.clamp(min=0)])


@dataclass(frozen=True)
class MatrixSize:
    """How many numbers a convolution has, written as the matrix of a fully connected layer.

    Attributes:
        rows: numbers of all maps.
        columns: numbers of the inputs.
        nonzero: entries that a kernel lies on.
        weights: learned weights: each stands in as many entries as its map has places.
        biases: learned biases; a fully connected layer has one in each row.
    """

    rows: int
    columns: int
    nonzero: int
    weights: int
    biases: int

    @property
    def entries(self) -> int:
        """Return how many numbers the matrix has: the weights of a fully connected layer of these shapes."""
        return self.rows * self.columns


def count_entries(convolution: Convolution) -> MatrixSize:
    """Return the numbers of a convolution's matrix, without making it."""
    channels, height, width = convolution.inputs.shape
    units, rows, columns = convolution.maps.shape
    inside = []
    for axis, (places, size) in enumerate(((rows, height), (columns, width))):
        first = torch.arange(places)[:, None] * convolution.stride[axis] - convolution.padding[axis]
        read = first + torch.arange(convolution.weight.shape[2 + axis])
        inside.append(int(((read >= 0) & (read < size)).sum()))
    nonzero = units * channels * inside[0] * inside[1]
    biases = units if bool(convolution.bias.any()) else 0
    return MatrixSize(units * rows * columns, channels * height * width, nonzero, convolution.weight.numel(), biases)


def shift(picture: Tensor, down: int, across: int) -> Tensor:
    """Return a picture (..., H, W), or a map, moved by whole pixels; 0 comes in, and what leaves is lost."""
    height, width = picture.shape[-2:]
    shifted = torch.zeros_like(picture)
    shifted[..., max(0, down) : height + min(0, down), max(0, across) : width + min(0, across)] = picture[
        ..., max(0, -down) : height + min(0, -down), max(0, -across) : width + min(0, -across)
    ]
    return shifted


def equivariance_error(before: Tensor, after: Tensor, pixels: Pair, field: ReceptiveField) -> float:
    """Return how far a layer's maps of a moved picture are from its maps of the picture, moved as far.

    Where the pixels are no whole number of the layer's strides, the nearest whole numbers around count.

    Args:
        before: the maps of the picture, shape (..., h, w).
        after: of the picture moved.
        pixels: by which it was moved, down and right.
        field: what the layer's places see.

    Returns:
        The largest difference, away from the edges, where pixels came in, left, or were put around; nan where a map is
        so small that nothing of it is.
    """
    around = [{count // step, -(-count // step)} for count, step in zip(pixels, field.stride, strict=True)]
    inside = []
    for count, start, step, size in zip(pixels, field.start, field.stride, before.shape[-2:], strict=True):
        edge = -(-(count + max(0, -start)) // step) + 1
        inside.append(slice(edge, max(edge, size - edge)))
    if not before[..., inside[0], inside[1]].numel():
        return nan
    return min(
        float((shift(before, down, across) - after)[..., inside[0], inside[1]].abs().max())
        for down in around[0]
        for across in around[1]
    )


def downsample(picture: Tensor, height: int, width: int) -> Tensor:
    """Return a picture (N, C, H, W) at a smaller size: each pixel is the mean of the area it stands for."""
    return F.interpolate(picture, (height, width), mode="area")


def center_on_black(small: Tensor, height: int, width: int) -> Tensor:
    """Return a smaller picture in the middle of a black one of that size."""
    rows, columns = height - small.shape[2], width - small.shape[3]
    return F.pad(small, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


def count_leading(same: list[bool]) -> int:
    """Return how many of the first are true in an unbroken run."""
    return same.index(False) if False in same else len(same)
