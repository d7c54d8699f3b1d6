"""The loss of style transfer for many pictures at once, each with a painting of its own."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from artcnn.backbones.vgg import VGGBackbone
from artcnn.spatial import at_least_float32

CONTENT_LAYER = "relu4_2"

_SMALLEST = 1e-12
"""Mean square below which nothing is divided by it: what is aimed at is black."""


class PaintingLoss:
    """How far pictures are from the content of a photo and from the style of a painting.

    The terms are those of Gatys et al. 2015 (arXiv:1508.06576), mean squared differences of features and of Gram
    matrices, each relative to the mean square of what is aimed at. So every layer counts as much as any other. In plain
    sums relu2_1 and relu3_1 are hundreds of times as large as relu1_1, which sees colors.

    Args:
        backbone: the frozen VGG; it computes in its own number format, Gram matrices and losses in float32.
        paintings: each of shape (1, 3, H, W), sRGB in [0, 1].
        layers: whose Gram matrices are compared.

    Attributes:
        count: number of paintings.
    """

    def __init__(self, backbone: VGGBackbone, paintings: Sequence[Tensor], layers: Sequence[str]) -> None:
        self._backbone, self._layers, self.count = backbone, tuple(layers), len(paintings)
        with torch.no_grad():
            found = [backbone.features(painting, layers) for painting in paintings]
            self._grams = {layer: torch.cat([gram_matrices(one[layer]) for one in found]) for layer in layers}
            self._norms = {
                layer: gram.square().mean((1, 2)).clamp_min(_SMALLEST) for layer, gram in self._grams.items()
            }

    @property
    def dtype(self) -> torch.dtype:
        """Number format of the features."""
        return self._backbone.dtype

    def content(self, photos: Tensor) -> Tensor:
        """Return the features of photos that :meth:`terms` compares with, from pictures (B, 3, H, W)."""
        with torch.no_grad():
            return at_least_float32(self._backbone.features(photos, [CONTENT_LAYER])[CONTENT_LAYER])

    def terms(self, pictures: Tensor, content: Tensor, paintings: Tensor) -> tuple[Tensor, Tensor]:
        """Return the content term and the sum of the style terms of each picture, both (B,).

        Args:
            pictures: shape (B, 3, H, W), sRGB in [0, 1].
            content: of the photos, by :meth:`content`.
            paintings: the number of each picture's painting, shape (B,).
        """
        features = self._backbone.features(pictures, [*self._layers, CONTENT_LAYER])
        styles = [
            (gram_matrices(features[layer]) - self._grams[layer][paintings]).square().mean((1, 2))
            / self._norms[layer][paintings]
            for layer in self._layers
        ]
        difference = (at_least_float32(features[CONTENT_LAYER]) - content).square().mean((1, 2, 3))
        return difference / content.square().mean((1, 2, 3)).clamp_min(_SMALLEST), torch.stack(styles).sum(0)


def gram_matrices(features: Tensor) -> Tensor:
    """Return the Gram matrix of each picture's features (B, C, H, W), divided by C H W: (B, C, C), float32."""
    rows = features.permute(0, 2, 3, 1).flatten(1, 2)  # without a copy where channels are last
    grams: Tensor = _Grams.apply(rows)
    return grams / rows[0].numel()


class _Grams(torch.autograd.Function):
    """The products X^T X; their gradient is one product each, X (D + D^T), where autograd makes two.

    ``losses.gram_matrix`` does this for one picture and in parts, which for many small pictures takes three times as
    long.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:  # noqa: ANN401 - torch's context
        ctx.save_for_backward(rows)
        return at_least_float32(torch.bmm(rows.transpose(1, 2), rows))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401 - torch's context
        (rows,) = ctx.saved_tensors
        return torch.bmm(rows, (gradient + gradient.transpose(1, 2)).to(rows.dtype))
