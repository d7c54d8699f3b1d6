"""The loss of style transfer for many pictures at once, each with a painting of its own."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from artcnn.backbones.vgg import VGGBackbone
from artcnn.spatial import at_least_float32

CONTENT_LAYER = "relu4_2"


class PaintingLoss:
    """How far pictures are from the content of a photo and from the style of a painting.

    The terms are those of Gatys et al. 2015 (arXiv:1508.06576): mean squared differences of features, and of Gram
    matrices divided by channels x height x width.

    Args:
        backbone: the frozen VGG; it computes in its own number format, Gram matrices and losses in float32.
        paintings: each of shape (1, 3, H, W), sRGB in [0, 1].
        layers: whose Gram matrices are compared.
        relative: divide each layer's term by the mean square of the painting's Gram matrix, so that all count alike; as
            they are, those with the largest features decide.

    Attributes:
        count: number of paintings.
    """

    def __init__(
        self, backbone: VGGBackbone, paintings: Sequence[Tensor], layers: Sequence[str], *, relative: bool = False
    ) -> None:
        self._backbone, self._layers, self.count = backbone, tuple(layers), len(paintings)
        with torch.no_grad():
            found = [backbone.features(painting, layers) for painting in paintings]
            self._grams = {layer: torch.cat([gram_matrices(one[layer]) for one in found]) for layer in layers}
        squares = {layer: grams.square().mean((1, 2)) for layer, grams in self._grams.items()}
        self._units = {layer: square if relative else torch.ones_like(square) for layer, square in squares.items()}

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
        style = torch.stack(
            [
                (gram_matrices(features[layer]) - grams[paintings]).square().mean((1, 2))
                / self._units[layer][paintings]
                for layer, grams in self._grams.items()
            ]
        )
        return (at_least_float32(features[CONTENT_LAYER]) - content).square().mean((1, 2, 3)), style.sum(0)


def gram_matrices(features: Tensor) -> Tensor:
    """Return the Gram matrix of each picture's features (B, C, H, W), divided by C H W: (B, C, C), float32."""
    rows = features.permute(0, 2, 3, 1).flatten(1, 2)  # without a copy where channels are last
    grams: Tensor = _Grams.apply(rows)
    return grams / rows[0].numel()


class _Grams(torch.autograd.Function):
    """The products X^T X; their gradient is one product each, X (D + D^T), where autograd makes two."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:  # noqa: ANN401 - torch's context
        ctx.save_for_backward(rows)
        return at_least_float32(torch.bmm(rows.transpose(1, 2), rows))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401 - torch's context
        (rows,) = ctx.saved_tensors
        return torch.bmm(rows, (gradient + gradient.transpose(1, 2)).to(rows.dtype))
