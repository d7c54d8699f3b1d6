"""Instant styles: a photo painted in one pass of a network (Johnson, Alahi and Fei-Fei 2016, arXiv:1603.08155)."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artcnn.backbones.precision import DTYPES
from artcnn.colors import transfer_luminance
from artcnn.engines.step import Step
from artcnn.engines.strips import (
    Map,
    StoredMap,
    StyledMap,
    SumMap,
    UpsampledMap,
    add_residual,
    store,
    strip_values,
    strips,
)
from artcnn.image import fit, resize, size_of
from artcnn.nets.instant import UNIT, InstantNetwork, ResidualBlock, StyledConv
from artcnn.recipes import InstantRecipe

_KEPT_BYTES = 1 << 28
"""Memory of a map at half the resolution up to which it is kept; a larger one is computed again for each use."""


def instant(
    content: Tensor, network: InstantNetwork, weights: Tensor, recipe: InstantRecipe, protect: Tensor | None = None
) -> Iterator[Step]:
    """Yield ``content`` painted: a single step.

    Args:
        content: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        network: has the recipe's styles, in order, on the photo's device.
        weights: of the styles, shape (1, styles); they add up to 1.
        recipe: every setting, its precision decided.
        protect: where the photo stays as it is, shape (1, 1, h, w), of any size: 1 there.

    Raises:
        ArtcnnError: the photo's short side would be under 32 pixels.
    """
    assert recipe.precision != "auto"  # noqa: S101 - it is decided before
    content = fit(content, recipe.size)
    height, width = size_of(content)
    painted = finish(content, paint(content, network, weights, DTYPES[recipe.precision]), recipe, protect)
    yield Step(painted, 0.0, 1, 1, 1.0, f"{width} x {height}")


def finish(content: Tensor, painted: Tensor, recipe: InstantRecipe, protect: Tensor | None = None) -> Tensor:
    """Return what becomes of a painted photo by a recipe's colors and strength, and where the photo is protected.

    Args:
        content: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        painted: what the network painted of it, of the same shape; it may be overwritten.
        recipe: its colors and its strength.
        protect: where the photo stays as it is, shape (1, 1, h, w), of any size: 1 there.
    """
    with torch.no_grad():
        if recipe.colors == "content":
            painted = transfer_luminance(painted, content)
        torch.lerp(content, painted, recipe.strength, out=painted)
        if protect is not None:
            torch.lerp(painted, content, resize(protect, size_of(content)), out=painted)
    return painted


def paint(
    image: Tensor, network: InstantNetwork, weights: Tensor, dtype: torch.dtype, strip: int | None = None
) -> Tensor:
    """Return what a network paints of an image of any size from 32 pixels, in strips, without a gradient.

    To rounding, it is the network's own output for the image, mirrored at the right and the bottom up to a multiple of
    ``UNIT`` pixels, and cropped.

    Args:
        image: shape (1, 3, H, W), sRGB in [0, 1].
        network: on the image's device.
        weights: of its styles, shape (1, styles).
        dtype: number format of the layers.
        strip: numbers in a strip, about; as many as suit the device by default.
    """
    strip = strip or strip_values(image.device)
    with torch.no_grad():
        return _Painter(network, weights.to(torch.promote_types(dtype, torch.float32)), dtype, strip).paint(image)


class _Painter:
    """The steps of ``InstantNetwork.forward``, in strips and in one blend of styles."""

    def __init__(self, network: InstantNetwork, weights: Tensor, dtype: torch.dtype, strip: int) -> None:
        self._network, self._weights, self._dtype, self._strip = network, weights, dtype, strip

    def paint(self, image: Tensor) -> Tensor:
        """Return the painted image."""
        network = self._network
        photo: Map = PhotoMap(image, self._dtype)
        values = network.to_half.conv.out_channels * photo.size[0] * photo.size[1] // 4
        small = values * self._dtype.itemsize <= _KEPT_BYTES
        photo = store(photo, self._strip) if small else photo
        half: Map = self._style([photo], network.to_half, keep=small)
        quarter = self._blocks(self._style([half], network.to_quarter), network.quarter_blocks)
        back = self._blocks(SumMap(self._eighth(quarter), quarter), network.up_blocks)
        del quarter  # large, and not needed any more
        half = SumMap(self._style([UpsampledMap(back)], network.up_to_half, keep=small), half)
        narrow = self._style([half], network.narrow)
        full = self._style([UpsampledMap(narrow), photo], network.up_to_full)
        return self._colors(image, full)

    def _eighth(self, quarter: Map) -> Map:
        """Return what is made at an eighth of the resolution, at a quarter again."""
        eighth = self._blocks(self._style([quarter], self._network.to_eighth), self._network.eighth_blocks)
        return self._style([UpsampledMap(eighth)], self._network.up_to_quarter)

    def _blocks(self, source: Map, blocks: nn.ModuleList) -> StoredMap:
        """Return the output of residual blocks."""
        stored = store(source, self._strip)
        for block in blocks:
            assert isinstance(block, ResidualBlock)  # noqa: S101 - the network's blocks are
            inner = self._style([stored], block.first)
            add_residual(stored, self._style([inner], block.second, relu=False), self._strip)
        return stored

    def _colors(self, image: Tensor, full: Map) -> Tensor:
        """Return the painted image, of the size of the one that was given, from the map at full resolution."""
        colors = self._style([full], self._network.to_colors, relu=False)
        painted, (height, width) = torch.empty_like(image), size_of(image)
        for top, bottom in strips(full, self._strip):
            if top < height:  # the last rows may all be those that were mirrored
                rows = colors.rows(top, min(bottom, height))[..., :width].to(image.dtype)
                painted[:, :, top:bottom] = rows.sigmoid_()
        return painted

    def _style(self, sources: Sequence[Map], layer: StyledConv, *, relu: bool = True, keep: bool = True) -> StyledMap:
        return StyledMap(sources, layer, self._weights, self._dtype, relu=relu, keep=keep, strip=self._strip)


class PhotoMap:
    """The network's input: a photo from -1 to 1, mirrored at the right and the bottom up to a multiple of ``UNIT``.

    Args:
        image: shape (1, 3, H, W), sRGB in [0, 1].
        dtype: of the rows.
    """

    def __init__(self, image: Tensor, dtype: torch.dtype) -> None:
        height, width = size_of(image)
        self._image, self._dtype = image, dtype
        self.channels = 3
        self.size = height + -height % UNIT, width + -width % UNIT

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows."""
        height, width = size_of(self._image)
        rows = self._image[:, :, top : min(bottom, height)]
        if bottom > height:
            mirrored = self._image[:, :, 2 * height - 1 - bottom : height - 1].flip(2)
            rows = torch.cat([rows, mirrored[:, :, max(top - height, 0) :]], 2)
        if self.size[1] > width:
            rows = F.pad(rows, (0, self.size[1] - width, 0, 0), mode="reflect")
        return (rows * 2 - 1).to(self._dtype, memory_format=torch.channels_last)
