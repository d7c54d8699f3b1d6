"""The loss of style transfer: features of the photo, statistics of the paintings, total variation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiled_autograd import features, reduce_features, value_and_gradient
from artcnn.backbones.tiles import UNTILED, Offset, TilingPolicy, view_at
from artcnn.backbones.vgg import VGGBackbone
from artcnn.engines.guidance import NO_MASKS, Masks, Region, partition, protection_mask
from artcnn.engines.painting_scale import scale_painting
from artcnn.engines.statistics import RegionStatistics, Statistics, compute_statistics
from artcnn.engines.step import State
from artcnn.image import fit, size_of
from artcnn.losses import content_loss, style_loss, temporal_loss, total_variation
from artcnn.recipes import StyleRecipe
from artcnn.spatial import at_least_float32


@dataclass(frozen=True)
class LossTerms:
    """The terms of the loss, weighted, each of shape ``()``; ``temporal`` is 0 but in films."""

    content: Tensor
    style: Tensor
    tv: Tensor
    temporal: Tensor

    @property
    def total(self) -> Tensor:
        """Their sum, which is minimized."""
        return self.content + self.style + self.tv + self.temporal


class StyleLoss:
    """The loss of an image at one scale (Gatys et al. 2015, arXiv:1508.06576, equation 7), plus total variation.

    ``loss = content_weight * content + style_weight * style + tv_weight * tv``. With several regions the style term is
    the sum over the regions, each weighted by its share of the picture (arXiv:1611.07865, equation 7). The targets are
    computed once, here; each call costs one forward pass.

    Args:
        content: the photo, shape (1, 3, H, W), sRGB in [0, 1]. It and the paintings are resized for this scale.
        painting: the style image, or several.
        backbone: the network, on the images' device.
        recipe: every setting.
        long_side: longer side of the images whose loss is asked for, in pixels.
        tiling: how pictures are run through the network.
        masks: where each painting's style applies, and what is protected.

    Raises:
        ArtcnnError: weights, masks and paintings do not go together, or a picture is too small.
    """

    def __init__(
        self,
        content: Tensor,
        painting: Tensor | Sequence[Tensor],
        backbone: Backbone,
        recipe: StyleRecipe,
        long_side: int,
        tiling: TilingPolicy = UNTILED,
        masks: Masks = NO_MASKS,
    ) -> None:
        self.backbone, self.recipe, self.tiling = backbone, recipe, tiling
        self._content_weights = {layer.layer: layer.weight for layer in recipe.content_layers}
        self._style_weights = {layer.layer: layer.weight for layer in recipe.style_layers}
        self.layers = self._content_weights.keys() | self._style_weights.keys()
        self._target_backbone = backbone
        if recipe.padding == "circular" and isinstance(backbone, VGGBackbone):  # no other network has this padding
            self._target_backbone = backbone.padded("replicate")  # the borders of photo and paintings do not meet
        photo = fit(content, long_side)
        self.size = size_of(photo)
        self._masks = masks
        paintings = [painting] if isinstance(painting, Tensor) else painting
        regions = partition(len(paintings), recipe.blend, masks, self.size)
        self._set_style_targets(photo, paintings, regions, long_side)
        self.set_photo(photo)

    def set_photo(self, photo: Tensor) -> None:
        """Make this the loss for another photo of the same size, as the next frame of a film is.

        What was measured of the paintings stays; with ``colors = "match"`` they keep the colors of the first photo.

        Args:
            photo: shape (1, 3, H, W), sRGB in [0, 1].
        """
        # The photo is kept only where it is needed: every copy of a large picture counts.
        protect = self._masks.protect
        self._protected = None if protect is None else (photo, protection_mask(protect, self.size))
        self._anchor: tuple[Tensor, Tensor] | None = None
        self._mix_style(photo)
        self._content_targets = features(photo, self._target_backbone, self._content_weights.keys(), self.tiling)
        self._content_norms = {layer: self._norm(target) for layer, target in self._content_targets.items()}

    def set_anchor(self, picture: Tensor, weight: Tensor) -> None:
        """Add a term that keeps the image to a picture, until there is another photo.

        Args:
            picture: shape (1, 3, H, W), sRGB in [0, 1].
            weight: of the squared difference at each place, shape (1, 1, H, W).
        """
        self._anchor = picture, weight

    def _set_style_targets(
        self, photo: Tensor, paintings: Sequence[Tensor], regions: Sequence[Region], long_side: int
    ) -> None:
        """Compute the statistics of each region's paintings, blended."""
        self._statistics = RegionStatistics(
            regions, self.backbone, self._style_weights.keys(), size_of(photo), self.recipe.method
        )
        targets = [self._blend_paintings(region, photo, paintings, long_side) for region in regions]
        self._style_norms = {
            layer: [[self._norm(x) for x in target[layer]] for target in targets] for layer in self._style_weights
        }
        self._painting_targets = {layer: [target[layer] for target in targets] for layer in self._style_weights}

    def _mix_style(self, photo: Tensor) -> None:
        """Set the targets of the style: the paintings' statistics, mixed with the photo's own by strength."""
        self._style_targets = self._painting_targets
        if self.recipe.strength < 1:
            own, weights = (
                self._statistics.measure(photo, self.tiling),
                [1 - self.recipe.strength, self.recipe.strength],
            )
            self._style_targets = {
                layer: [_weighted_sum(pair, weights) for pair in zip(own[layer], targets, strict=True)]
                for layer, targets in self._painting_targets.items()
            }

    def __call__(self, image: Tensor) -> Tensor:
        """Return the loss of an image (1, 3, H, W), shape ``()``, without a gradient."""
        with torch.no_grad():
            return self.terms(self.restore_protected(image)).total

    def terms(self, image: Tensor) -> LossTerms:
        """Return the terms of the loss of an image as it is, protected or not, without a gradient."""
        reduced = reduce_features(image, self.backbone, self.layers, self.reduce, self.tiling)
        content, style = self._network_terms(reduced)
        return LossTerms(content, style, self._total_variation(image), self._temporal(image))

    def value_and_gradient(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss of an image, shape ``()``, and its gradient with respect to the image."""
        image = self.restore_protected(image).detach()
        loss, gradient = value_and_gradient(image, self.backbone, self, self.tiling)
        terms = [self._total_variation] if self._tv_weight > 0 else []
        terms += [self._temporal] if self._anchor is not None else []
        for term in terms:
            image.requires_grad_(True)
            with torch.enable_grad():
                value = term(image)
            loss, gradient = loss + value.detach(), gradient + torch.autograd.grad(value, image)[0]
        return loss, gradient if self._protected is None else gradient * (1 - self._protected[1])

    def restore_protected(self, image: Tensor) -> Tensor:
        """Return the image with the photo where that is protected."""
        return image if self._protected is None else torch.lerp(image, *self._protected)

    def reduce(self, layer: str, features: Tensor, at: Offset) -> tuple[Tensor, ...]:
        """Return what the loss needs of a tile of a layer: the distance to the photo's features, and statistics."""
        found: list[Tensor] = []
        if layer in self._content_targets:
            found.append(content_loss(features, view_at(features, at, self._content_targets[layer])))
        if layer in self._style_weights:
            found += self._reduce_style(layer, features, at)
        return tuple(found)

    def value(self, reduced: Mapping[str, tuple[Tensor, ...]]) -> Tensor:
        """Return the content and the style term, added: what depends on the network."""
        content, style = self._network_terms(reduced)
        return content + style

    def retarget(self, image: Tensor, step: int, steps_left: int) -> bool:  # noqa: ARG002
        """Update targets that depend on the image, and return whether there are any.

        Args:
            image: the current one.
            step: number of steps already made at this scale.
            steps_left: number of steps to come, at this scale and all later ones.
        """
        return False

    def state(self) -> State:
        """Return what the loss depends on besides its arguments, as tensors by name."""
        return {}

    def restore(self, state: State) -> None:
        """Load the state of another loss with the same arguments."""

    @property
    def _tv_weight(self) -> float:
        return self.recipe.tv_weight * self.recipe.strength  # at strength 0 the photo must stay as it is

    def _total_variation(self, image: Tensor) -> Tensor:
        return self._tv_weight * total_variation(image, circular=self.recipe.padding == "circular")

    def _temporal(self, image: Tensor) -> Tensor:
        if self._anchor is None:
            return image.new_zeros(())
        return temporal_loss(image, *self._anchor)

    def _network_terms(self, reduced: Mapping[str, tuple[Tensor, ...]]) -> tuple[Tensor, Tensor]:
        """Return the content and the style term, weighted."""
        contents = [
            weight * reduced[layer][0] / self._content_norms[layer] for layer, weight in self._content_weights.items()
        ]
        styles = [
            weight * distance
            for layer, weight in self._style_weights.items()
            for distance in self._style_distances(layer, reduced[layer][layer in self._content_targets :])
        ]
        zero = torch.zeros_like(contents[0])  # there is no style term where every mask is black
        content, style = (torch.stack(terms or [zero]).sum() for terms in (contents, styles))
        return self.recipe.content_weight * content, self.recipe.style_weight * style

    def _reduce_style(self, layer: str, features: Tensor, at: Offset) -> Sequence[Tensor]:
        """Return what the style term needs of a tile of a layer."""
        return self._statistics.reduce(layer, features, at)

    def _style_distances(self, layer: str, means: Sequence[Tensor]) -> Sequence[Tensor]:
        """Return the distance of each region from its style in a layer, weighted by the region's area."""
        regions = zip(
            self._statistics.from_means(layer, means),
            self._style_targets[layer],
            self._style_norms[layer],
            self._statistics.areas[layer],
            strict=True,
        )
        return [area * style_distance(found, target, norms) for found, target, norms, area in regions]

    def _blend_paintings(
        self, region: Region, photo: Tensor, paintings: Sequence[Tensor], long_side: int
    ) -> dict[str, Statistics]:
        """Return by layer the weighted sum of the statistics of a region's paintings."""
        recipe, weights = self.recipe, [weight for weight in region.weights if weight > 0]
        statistics = [
            compute_statistics(
                scale_painting(painting, photo, long_side, recipe, region.share),
                self._target_backbone,
                self._style_weights.keys(),
                recipe.method,
                self.tiling,
            )
            for painting, weight in zip(paintings, region.weights, strict=True)
            if weight > 0
        ]
        return {layer: _weighted_sum([x[layer] for x in statistics], weights) for layer in self._style_weights}

    def _norm(self, target: Tensor) -> Tensor | float:
        """Return what squared differences from a target are divided by: its own mean square, or 1."""
        # The floor keeps a blank painting, whose deep Gram matrices may vanish, from dividing by zero.
        return at_least_float32(target).square().mean().clamp_min(1e-12) if self.recipe.normalize_terms else 1.0


def style_distance(found: Statistics, target: Statistics, norms: Sequence[Tensor | float]) -> Tensor:
    """Return the sum of the mean squared differences of statistics, each divided by its norm, shape ``()``."""
    terms = [style_loss(x, y) / norm for x, y, norm in zip(found, target, norms, strict=True)]
    return torch.stack(terms).sum()


def _weighted_sum(statistics: Sequence[Statistics], weights: Sequence[float]) -> Statistics:
    """Return the weighted sum of statistics of the same kind."""
    return tuple(
        torch.stack([weight * x for weight, x in zip(weights, values, strict=True)]).sum(0)
        for values in zip(*statistics, strict=True)
    )
