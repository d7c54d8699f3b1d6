"""What style transfer descends: the photo's features, the paintings' statistics, where each rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiled_autograd import features, reduce_features, value_and_gradient
from artcnn.backbones.tiles import UNTILED, Offset, TilingPolicy, view_at
from artcnn.backbones.vgg import VGGBackbone
from artcnn.engines.guidance import NO_MASKS, Masks, Region, partition, protection_mask
from artcnn.engines.statistics import RegionStatistics, Statistics, compute_statistics
from artcnn.engines.step import State
from artcnn.errors import ArtcnnError
from artcnn.image import SMALLEST_SIDE, Size, crop, crop_size, fit, fit_size, match_colors, size_of
from artcnn.losses import content_loss, style_loss, total_variation
from artcnn.objectives import at_least_float32
from artcnn.recipes import RING_UNIT, StyleRecipe


@dataclass(frozen=True)
class LossTerms:
    """The three terms of the objective, weighted, each of shape ``()``, and their sum."""

    content: Tensor
    style: Tensor
    tv: Tensor

    @property
    def total(self) -> Tensor:
        """What is minimised."""
        return self.content + self.style + self.tv


class StyleLoss:
    """The loss of an image at one scale: arXiv:1508.06576, equation 7, with a total variation term.

    Where there are regions, the style's term is the sum of theirs, each by its part of the picture (arXiv:1611.07865,
    equation 7). The targets are computed once, here; a call costs one pass through the network.

    Args:
        content: the photo. It and the paintings are resized for this scale.
        painting: the style image, or several.
        long_side: longer side of the image that will be judged, in pixels.
        tiling: how pictures are run through the network.
        masks: where each painting rules, and where none does.

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
        self._of_others = backbone
        if recipe.padding == "circular" and isinstance(backbone, VGGBackbone):  # no other network closes to a ring
            self._of_others = backbone.padded("replicate")  # the pictures that it is made from do not
        photo = fit(content, long_side)
        # The photo is held where it is needed only: of large pictures every copy counts.
        self._protected = None if masks.protect is None else (photo, protection_mask(masks.protect, size_of(photo)))
        paintings = [painting] if isinstance(painting, Tensor) else painting
        regions = partition(len(paintings), recipe.blend, masks, size_of(photo))
        self._aim(photo, paintings, regions, long_side)
        self._contents = features(photo, self._of_others, self._content_weights.keys(), tiling)
        self._content_units = {layer: self._unit(target) for layer, target in self._contents.items()}

    def _aim(self, photo: Tensor, paintings: Sequence[Tensor], regions: Sequence[Region], long_side: int) -> None:
        """Compute what the style's term is to come to."""
        self._statistics = RegionStatistics(
            regions, self.backbone, self._style_weights.keys(), size_of(photo), self.recipe.method
        )
        wanted = [self._blended(region, photo, paintings, long_side) for region in regions]
        self._style_units = {
            layer: [[self._unit(target) for target in of[layer]] for of in wanted] for layer in self._style_weights
        }
        self._targets = {layer: [of[layer] for of in wanted] for layer in self._style_weights}
        if self.recipe.strength < 1:
            own = self._statistics.measure(photo, self.tiling)
            self._targets = {
                layer: [
                    _mixed([a, b], [1 - self.recipe.strength, self.recipe.strength])
                    for a, b in zip(own[layer], of, strict=True)
                ]
                for layer, of in self._targets.items()
            }

    def __call__(self, image: Tensor) -> LossTerms:
        """Return the loss of an image of shape (1, 3, H, W), without a gradient."""
        found = reduce_features(image, self.backbone, self.layers, self.reduce, self.tiling)
        content, style = self._terms(found)
        return LossTerms(content, style, self._tv(image))

    def total(self, image: Tensor) -> Tensor:
        """Return the sum of the terms, which is what is minimised, shape ``()``, without a gradient."""
        with torch.no_grad():
            return self(self.kept(image)).total

    def total_and_gradient(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sum of the terms, which is what is minimised, and its gradient with respect to the image."""
        image = self.kept(image).detach()
        loss, gradient = value_and_gradient(image, self.backbone, self, self.tiling)
        if self._tv_weight > 0:
            image.requires_grad_(True)
            with torch.enable_grad():
                tv = self._tv(image)
            loss, gradient = loss + tv.detach(), gradient + torch.autograd.grad(tv, image)[0]
        return loss, gradient if self._protected is None else gradient * (1 - self._protected[1])

    def kept(self, image: Tensor) -> Tensor:
        """Return the image with the photo where that is protected."""
        return image if self._protected is None else torch.lerp(image, *self._protected)

    def reduce(self, layer: str, features: Tensor, at: Offset) -> tuple[Tensor, ...]:
        """Return what the loss wants to know of a tile of a layer: its distance from the photo's, its statistics."""
        found: list[Tensor] = []
        if layer in self._contents:
            found.append(content_loss(features, view_at(features, at, self._contents[layer])))
        if layer in self._style_weights:
            found += self._style_means(layer, features, at)
        return tuple(found)

    def value(self, measured: Mapping[str, tuple[Tensor, ...]]) -> Tensor:
        """Return the terms that the network has part in, added."""
        content, style = self._terms(measured)
        return content + style

    def retarget(self, image: Tensor, done: int, left: int) -> bool:  # noqa: ARG002
        """Look anew for what an image is to come to, where it is time, and return whether the loss is another now.

        Args:
            image: the present one.
            done: steps taken at this scale.
            left: steps to be taken yet, at this scale and all others.
        """
        return False

    def state(self) -> State:
        """Return what else than the arguments the loss depends on."""
        return {}

    def restore(self, state: State) -> None:
        """Be the loss that had this state."""

    @property
    def _tv_weight(self) -> float:
        return self.recipe.tv_weight * self.recipe.strength  # at strength 0 the photo is to stay as it is

    def _tv(self, image: Tensor) -> Tensor:
        return self._tv_weight * total_variation(image, circular=self.recipe.padding == "circular")

    def _terms(self, measured: Mapping[str, tuple[Tensor, ...]]) -> tuple[Tensor, Tensor]:
        """Return the content and the style term, weighted."""
        contents = [
            weight * measured[layer][0] / self._content_units[layer] for layer, weight in self._content_weights.items()
        ]
        styles = [
            weight * distance
            for layer, weight in self._style_weights.items()
            for distance in self._style_distances(layer, measured[layer][layer in self._contents :])
        ]
        nowhere = torch.zeros_like(contents[0])  # is a style, where every mask is black
        content, style = (torch.stack(terms or [nowhere]).sum() for terms in (contents, styles))
        return self.recipe.content_weight * content, self.recipe.style_weight * style

    def _style_means(self, layer: str, features: Tensor, at: Offset) -> Sequence[Tensor]:
        """Return what the style's term wants to know of a tile of a layer."""
        return self._statistics.reduce(layer, features, at)

    def _style_distances(self, layer: str, means: Sequence[Tensor]) -> Sequence[Tensor]:
        """Return each region's distance from the style in a layer, of which all that was measured is known."""
        regions = zip(
            self._statistics.from_means(layer, means),
            self._targets[layer],
            self._style_units[layer],
            self._statistics.areas[layer],
            strict=True,
        )
        return [area * style_distance(found, target, units) for found, target, units, area in regions]

    def _blended(
        self, region: Region, photo: Tensor, paintings: Sequence[Tensor], long_side: int
    ) -> dict[str, Statistics]:
        """Return by layer what the statistics of a region are to come to: those of its paintings, blended."""
        recipe, weights = self.recipe, [weight for weight in region.weights if weight > 0]
        seen = [
            compute_statistics(
                scale_painting(painting, photo, long_side, recipe, region.share),
                self._of_others,
                self._style_weights.keys(),
                recipe.method,
                self.tiling,
            )
            for painting, weight in zip(paintings, region.weights, strict=True)
            if weight > 0
        ]
        return {layer: _mixed([of[layer] for of in seen], weights) for layer in self._style_weights}

    def _unit(self, target: Tensor) -> Tensor | float:
        """Return what squared differences from a target are measured in: its own mean square, or 1."""
        # The floor keeps a blank painting, whose deep Grams may vanish, from dividing by zero.
        return at_least_float32(target).square().mean().clamp_min(1e-12) if self.recipe.normalize_terms else 1.0


def style_distance(found: Statistics, target: Statistics, units: Sequence[Tensor | float]) -> Tensor:
    """Return the sum of the squared differences of statistics, each in its unit, shape ``()``."""
    terms = [style_loss(x, y) / unit for x, y, unit in zip(found, target, units, strict=True)]
    return torch.stack(terms).sum()


def _mixed(statistics: Sequence[Statistics], weights: Sequence[float]) -> Statistics:
    """Return the weighted sum of statistics of the same kind."""
    return tuple(
        torch.stack([weight * x for weight, x in zip(weights, of_all, strict=True)]).sum(0)
        for of_all in zip(*statistics, strict=True)
    )


def scale_painting(
    painting: Tensor, photo: Tensor, long_side: int, recipe: StyleRecipe, share: Tensor | None = None
) -> Tensor:
    """Return the part of a painting that the style is taken from, as it is seen at one scale.

    Args:
        painting: of any size.
        photo: at that scale, with whose colours the painting is painted where the recipe wants it.
        long_side: of the scale, in pixels.
        recipe: the settings.
        share: how far each place of the photo is the painting's.
    """
    if recipe.style_crop is not None:
        painting = crop(painting, recipe.style_crop)
    seen = fit(painting, painting_size(long_side, recipe))
    return seen if recipe.colors == "style" else match_colors(seen, photo, where=share)


def check_painting(size: Size, recipe: StyleRecipe, name: str) -> None:
    """Check that a painting of (height, width) can be looked at, at the last scale.

    Raises:
        ArtcnnError: its short side, of what is used of it, would be under 32 pixels.
    """
    if recipe.style_crop is not None:
        size = crop_size(size, recipe.style_crop)
    height, width = fit_size(size, painting_size(recipe.size, recipe))
    if min(height, width) < SMALLEST_SIDE:
        larger = SMALLEST_SIDE * max(size) / min(size) / painting_size(recipe.size, recipe)
        unit = RING_UNIT if recipe.padding == "circular" else 1
        enough = ceil(recipe.size * larger / unit) * unit
        raise ArtcnnError(
            f"{name} would be seen {width} x {height} pixels large, and its short side needs {SMALLEST_SIDE}: "
            f"use --size {enough} or --style-scale {ceil(100 * recipe.style_scale * larger) / 100:g}"
        )


def painting_size(long_side: int, recipe: StyleRecipe) -> int:
    """Return the painting's longer side, in pixels, for a picture whose longer side is ``long_side``."""
    return round(long_side * recipe.style_scale)
