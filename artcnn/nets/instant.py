"""A network that paints a photo in one pass, in any mix of the styles that it has learned.

Johnson, Alahi and Fei-Fei 2016 (arXiv:1603.08155) train such a network with the loss of style transfer. All its styles
share the convolutions: a style is a scale and a shift for each channel (Dumoulin, Shlens and Kudlur 2017,
arXiv:1610.07629).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

UNIT = 8
"""Height and width of what the network takes are multiples of this, in pixels: it halves them three times."""

EPSILON = 1e-5
"""Added to each variance."""


def is_table(name: str) -> bool:
    """Return whether the tensor of that name in a network's state has a row for each style; all share the others."""
    return name.endswith((".scales", ".shifts"))


class InstantNetwork(nn.Module):
    """Photo and weights of styles to the painted photo.

    Most work is done at a quarter and an eighth of the resolution, on few channels. At full resolution there are no
    statistics: a large picture needs only its smaller maps at once to be painted exactly (``engines/instant.py``).

    Args:
        styles: number of styles.
        widths: channels at a half, a quarter and an eighth of the resolution.
        blocks: residual blocks at a quarter, at an eighth, and at a quarter on the way back.
        full_channels: channels at full resolution.
    """

    def __init__(
        self,
        styles: int,
        widths: tuple[int, int, int] = (32, 64, 128),
        blocks: tuple[int, int, int] = (2, 4, 2),
        full_channels: int = 16,
    ) -> None:
        super().__init__()
        half, quarter, eighth = widths
        self.to_half = StyledConv(styles, 3, half, 6, stride=2)
        self.to_quarter = StyledConv(styles, half, quarter, 4, stride=2)
        self.quarter_blocks = nn.ModuleList(ResidualBlock(styles, quarter) for _ in range(blocks[0]))
        self.to_eighth = StyledConv(styles, quarter, eighth, 4, stride=2)
        self.eighth_blocks = nn.ModuleList(ResidualBlock(styles, eighth) for _ in range(blocks[1]))
        self.up_to_quarter = StyledConv(styles, eighth, quarter, 3)
        self.up_blocks = nn.ModuleList(ResidualBlock(styles, quarter) for _ in range(blocks[2]))
        self.up_to_half = StyledConv(styles, quarter, half, 3)
        self.narrow = StyledConv(styles, half, full_channels, 3)
        self.up_to_full = StyledConv(styles, full_channels + 3, full_channels, 3, normalize=False)
        self.to_colors = StyledConv(styles, full_channels, 3, 3, normalize=False)

    @property
    def styles(self) -> int:
        """Number of styles."""
        return len(self.to_half.norm.scales)

    def forward(self, image: Tensor, styles: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return the painted image, shape (B, 3, H, W), sRGB in [0, 1], in the image's number format.

        Args:
            image: shape (B, 3, H, W), sRGB in [0, 1]; height and width are multiples of ``UNIT``, 16 or more.
            styles: the weight of each style, shape (B, styles); a row whose sum is 1 blends styles.
            dtype: number format of the layers; the image's by default.
        """
        x = (image * 2 - 1).to(dtype or image.dtype)
        half = self.to_half(x, styles).relu()
        quarter = self.to_quarter(half, styles).relu()
        for block in self.quarter_blocks:
            quarter = block(quarter, styles)
        eighth = self.to_eighth(quarter, styles).relu()
        for block in self.eighth_blocks:
            eighth = block(eighth, styles)
        back = self.up_to_quarter(upsample(eighth), styles).relu() + quarter
        for block in self.up_blocks:
            back = block(back, styles)
        back = self.up_to_half(upsample(back), styles).relu() + half
        back = self.narrow(back, styles).relu()
        full = self.up_to_full(torch.cat([upsample(back), x], 1), styles).relu()
        return self.to_colors(full, styles).to(image.dtype).sigmoid()  # type: ignore[no-any-return]


class StyledConv(nn.Module):
    """A convolution and what the style does to its output.

    Args:
        styles: number of styles.
        inputs: channels of its input.
        outputs: channels of its output.
        kernel: height and width of the filters, in pixels.
        stride: the output's height and width are the input's divided by it.
        normalize: as in :class:`StyleNorm`.
    """

    def __init__(
        self, styles: int, inputs: int, outputs: int, kernel: int, stride: int = 1, *, normalize: bool = True
    ) -> None:
        super().__init__()
        self.conv = ReflectConv(inputs, outputs, kernel, stride, bias=False)
        self.norm = StyleNorm(styles, outputs, normalize=normalize)

    def forward(self, x: Tensor, styles: Tensor) -> Tensor:
        """Return the output for maps (B, inputs, H, W) and weights of styles (B, styles)."""
        return self.norm(self.conv(x), styles)  # type: ignore[no-any-return]


class ResidualBlock(nn.Module):
    """Two convolutions whose output is added to their input (He et al. 2015, arXiv:1512.03385)."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.first = StyledConv(styles, channels, channels, 3)
        self.second = StyledConv(styles, channels, channels, 3)

    def forward(self, x: Tensor, styles: Tensor) -> Tensor:
        """Return the output for maps (B, channels, H, W) and weights of styles (B, styles), of the same shape."""
        return x + self.second(self.first(x, styles).relu(), styles)  # type: ignore[no-any-return]


class ReflectConv(nn.Conv2d):
    """A convolution that mirrors its input at the border: zeros there would show as a frame around the picture.

    Its weights are used in the number format of the input.
    """

    def reset_parameters(self) -> None:
        """Draw the weights for a ReLU (He et al. 2015, arXiv:1502.01852)."""
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    @property
    def margins(self) -> tuple[int, int]:
        """Pixels that are mirrored before the first row and column, and after the last."""
        lacking = self.kernel_size[0] - self.stride[0]
        return lacking // 2, lacking - lacking // 2

    def forward(self, x: Tensor) -> Tensor:
        """Return maps (B, out_channels, H / stride, W / stride) of maps (B, in_channels, H, W)."""
        padded = F.pad(x, (*self.margins, *self.margins), mode="reflect")
        return F.conv2d(padded, self.weight.to(x.dtype), None, self.stride)


class StyleNorm(nn.Module):
    """Conditional instance normalization: each style has its own scale and shift for each channel.

    Args:
        styles: number of styles.
        channels: of the maps.
        normalize: make mean and variance of each channel of each picture 0 and 1 before.
    """

    def __init__(self, styles: int, channels: int, *, normalize: bool = True) -> None:
        super().__init__()
        self.scales = nn.Parameter(torch.ones(styles, channels))
        self.shifts = nn.Parameter(torch.zeros(styles, channels))
        self.normalize = normalize

    def mix(self, styles: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scales and shifts of blends, each (B, channels), from the weights of the styles (B, styles)."""
        return styles @ self.scales.to(styles.dtype), styles @ self.shifts.to(styles.dtype)

    def forward(self, x: Tensor, styles: Tensor) -> Tensor:
        """Return maps (B, channels, H, W) normalized, scaled and shifted."""
        scale, shift = self.mix(styles)
        return _InstanceNorm.apply(x, scale, shift) if self.normalize else affine(x, scale, shift)


class _InstanceNorm(torch.autograd.Function):
    """Instance normalization (Ulyanov et al. 2016, arXiv:1607.08022) with a scale and a shift for each channel.

    On processors, the gradient of torch's own, and of the same written with its other functions, takes ten times as
    long for bfloat16 maps with channels last: it goes through maps of float32. This one reads the maps as they are,
    and adds in float32.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:  # noqa: ANN401 - torch's context
        """Return ``scale * (x - mean) / std + shift`` of maps (B, C, H, W); scale and shift are (B, C)."""
        mean, rstd = moments(x)
        ctx.save_for_backward(x, mean, rstd, scale)
        return affine(x, scale * rstd, shift - mean * scale * rstd)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # noqa: ANN401 - torch's context
        """Return the gradients of maps, scale and shift: Ioffe and Szegedy 2015 (arXiv:1502.03167), section 3."""
        x, mean, rstd, scale = ctx.saved_tensors
        pixels, precise = x.shape[2] * x.shape[3], mean.dtype
        to_shift = gradient.sum((2, 3), dtype=precise)
        to_scale = ((gradient * x).sum((2, 3), dtype=precise) - mean * to_shift) * rstd
        # To x: scale * rstd * (gradient - to_shift / pixels - normalized * to_scale / pixels), a sum of two maps.
        of_gradient = scale * rstd
        of_x = -of_gradient * rstd * to_scale / pixels
        to_x = affine(gradient, of_gradient, -of_gradient * to_shift / pixels - of_x * mean)
        return to_x.addcmul_(x, of_x[:, :, None, None].to(x.dtype)), to_scale, to_shift


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean of maps (B, C, H, W) and the inverse of their standard deviation, each (B, C).

    They are float32, for float64 maps float64.
    """
    precise = torch.promote_types(x.dtype, torch.float32)
    rows = x.permute(0, 2, 3, 1).flatten(1, 2)  # without a copy where channels are last
    mean = rows.sum(1, dtype=precise) / rows.shape[1]
    variance = (rows * rows).sum(1, dtype=precise) / rows.shape[1] - mean.square()
    return mean, (variance.clamp_min(0) + EPSILON).rsqrt()


def affine(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Return ``scale * x + shift`` in the number format of the maps (B, C, H, W); scale and shift are (B, C)."""
    scale, shift = (row[:, :, None, None].to(x.dtype) for row in (scale, shift))
    return torch.addcmul(shift, x, scale)


def upsample(x: Tensor) -> Tensor:
    """Return maps at twice the height and width; a transposed convolution would leave its grid in the picture."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
