"""Style transfer: the photo's features, the painting's Gram matrices (Gatys, Ecker and Bethge, arXiv:1508.06576)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from artcnn.backbones.bands import WHOLE, Bands, features, measured, value_and_gradient
from artcnn.backbones.extractor import FeatureExtractor
from artcnn.engines.descent import Descent, Optimizer, make_optimizer
from artcnn.engines.step import State, Step, shares_of_work
from artcnn.image import SMALLEST_SIDE, Size, fit, fit_size, match_colours, resample, resize, size_of
from artcnn.losses import content_loss, gram_matrix, style_loss, total_variation
from artcnn.objectives import at_least_float32
from artcnn.recipes import StyleRecipe


def style(
    content: Tensor,
    painting: Tensor,
    backbone: FeatureExtractor,
    recipe: StyleRecipe,
    bands: Bands = WHOLE,
    state: State | None = None,
) -> Iterator[Step]:
    """Yield ``content`` repainted in the style of ``painting``, step by step, from the smallest scale to the largest.

    Args:
        content: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        painting: the style image, of any size and shape; it is never stretched.
        backbone: the network, on the images' device, with the recipe's pooling and padding.
        recipe: every setting.
        bands: how pictures are run through the network; the result is the same to rounding.
        state: of a step of an earlier run with the same arguments, to go on from.

    Raises:
        ArtcnnError: an image would have fewer than 32 pixels on its short side, or a layer does not exist.
    """
    scales = scale_sizes(size_of(content), size_of(painting), recipe)
    steps = steps_per_scale(recipe, len(scales))
    done = shares_of_work(steps, [fit_size(size_of(content), scale) for scale in scales])
    start = torch.lerp(content, match_colours(content, painting), recipe.recolour)
    photo = fit(start, scales[0])
    image = first_guess(photo, fit(painting, painting_size(scales[0], recipe)), recipe)
    optimizer: Optimizer | None = None
    index = 0 if state is None else int(state["index"])
    for number, long_side in enumerate(scales):
        end = sum(steps[: number + 1])
        if index > end:
            continue  # a scale that the earlier run had behind it
        objective = StyleObjective(content, painting, backbone, recipe, long_side, bands)
        smaller_photo, photo = photo, fit(start, long_side)
        optimizer = make_optimizer(recipe, optimizer)
        if state is not None and size_of(state["image"]) == size_of(photo):
            descent = Descent.restored(state, objective, optimizer)
        else:
            descent = Descent(enlarge(image, smaller_photo, photo, recipe.detail), objective, optimizer)
        if number == len(scales) - 1:
            del start, photo, smaller_photo, image  # of large pictures every copy counts
        stage = f"scale {number + 1} of {len(scales)}, {descent.image.shape[-1]} x {descent.image.shape[-2]}"
        while index < end:
            loss = descent.step()
            index += 1
            if index == len(done):
                descent.settle()
            yield Step(descent.image, loss, index, len(done), done[index - 1], stage, partial(descent.state, index))
        image = descent.image


@dataclass(frozen=True)
class StyleLoss:
    """The three terms of the objective, weighted, each of shape ``()``, and their sum."""

    content: Tensor
    style: Tensor
    tv: Tensor

    @property
    def total(self) -> Tensor:
        """What is minimised."""
        return self.content + self.style + self.tv


class StyleObjective:
    """The loss of an image at one scale: arXiv:1508.06576, equation 7, with a total variation term.

    The targets are computed once, here; a call costs one pass through the network.

    Args:
        content: the photo; the style image is ``painting``. Both are resized for this scale.
        long_side: longer side of the image that will be judged, in pixels.
        bands: how pictures are run through the network.
    """

    def __init__(
        self,
        content: Tensor,
        painting: Tensor,
        backbone: FeatureExtractor,
        recipe: StyleRecipe,
        long_side: int,
        bands: Bands = WHOLE,
    ) -> None:
        self.backbone, self.recipe, self.bands = backbone, recipe, bands
        self._content_weights = {layer.layer: layer.weight for layer in recipe.content_layers}
        self._style_weights = {layer.layer: layer.weight for layer in recipe.style_layers}
        self.layers = self._content_weights.keys() | self._style_weights.keys()
        painting = fit(painting, painting_size(long_side, recipe))
        grams = measured(painting, backbone, self._style_weights.keys(), lambda _, x, __: (gram_matrix(x),), bands)
        self._grams = {layer: gram for layer, (gram,) in grams.items()}
        self._contents = features(fit(content, long_side), backbone, self._content_weights.keys(), bands)
        self._content_units = {layer: self._unit(target) for layer, target in self._contents.items()}
        self._gram_units = {layer: self._unit(target) for layer, target in self._grams.items()}

    def __call__(self, image: Tensor) -> StyleLoss:
        """Return the loss of an image of shape (1, 3, H, W), without a gradient."""
        found = measured(image, self.backbone, self.layers, self.measure, self.bands)
        content, style = self._terms(found)
        return StyleLoss(content, style, self.recipe.tv_weight * total_variation(image))

    def total(self, image: Tensor) -> Tensor:
        """Return the sum of the terms, which is what is minimised, shape ``()``, without a gradient."""
        with torch.no_grad():
            return self(image).total

    def total_and_gradient(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sum of the terms, which is what is minimised, and its gradient with respect to the image."""
        loss, gradient = value_and_gradient(image, self.backbone, self, self.bands)
        if self.recipe.tv_weight == 0:
            return loss, gradient
        image = image.detach().requires_grad_(True)
        with torch.enable_grad():
            tv = self.recipe.tv_weight * total_variation(image)
        return loss + tv.detach(), gradient + torch.autograd.grad(tv, image)[0]

    def measure(self, layer: str, features: Tensor, top: int) -> tuple[Tensor, ...]:
        """Return what the loss wants to know of a band of a layer: its distance from the photo's, its Gram matrix."""
        found = []
        if layer in self._contents:
            found.append(content_loss(features, self._contents[layer][..., top : top + features.shape[2], :]))
        if layer in self._grams:
            found.append(gram_matrix(features))
        return tuple(found)

    def value(self, measured: Mapping[str, tuple[Tensor, ...]]) -> Tensor:
        """Return the terms that the network has part in, added."""
        content, style = self._terms(measured)
        return content + style

    def _terms(self, measured: Mapping[str, tuple[Tensor, ...]]) -> tuple[Tensor, Tensor]:
        """Return the content and the style term, weighted."""
        contents = [
            weight * measured[layer][0] / self._content_units[layer] for layer, weight in self._content_weights.items()
        ]
        styles = [
            weight * style_loss(measured[layer][-1], self._grams[layer]) / self._gram_units[layer]
            for layer, weight in self._style_weights.items()
        ]
        content, style = (torch.stack(terms).sum() for terms in (contents, styles))
        return self.recipe.content_weight * content, self.recipe.style_weight * style

    def _unit(self, target: Tensor) -> Tensor | float:
        """Return what squared differences from a target are measured in: its own mean square, or 1."""
        # The floor keeps a blank painting, whose deep Grams may vanish, from dividing by zero.
        return at_least_float32(target).square().mean().clamp_min(1e-12) if self.recipe.relative else 1.0


def painting_size(long_side: int, recipe: StyleRecipe) -> int:
    """Return the painting's longer side, in pixels, for a picture whose longer side is ``long_side``."""
    return round(long_side * recipe.style_scale)


def scale_sizes(content: Size, painting: Size, recipe: StyleRecipe) -> list[int]:
    """Return the longer sides, in pixels, from the smallest scale up to ``recipe.size``.

    Both sizes are (height, width). Scales at which the photo or the painting would be less than 32 pixels high or
    wide are left out.
    """
    sizes = [recipe.size]
    while sizes[0] / recipe.scale_factor >= recipe.min_size * 0.95:  # 512 to 128 in sqrt(2) steps survives rounding
        smaller = round(sizes[0] / recipe.scale_factor)
        sides = fit_size(content, smaller) + fit_size(painting, painting_size(smaller, recipe))
        if min(sides) < SMALLEST_SIDE:
            break
        sizes.insert(0, smaller)
    return sizes


def steps_per_scale(recipe: StyleRecipe, scales: int) -> list[int]:
    """Return the steps at each scale, from ``first_steps`` to ``last_steps`` geometrically; one scale has the last."""
    if scales == 1:
        return [recipe.last_steps]
    ratio = recipe.last_steps / recipe.first_steps
    return [round(recipe.first_steps * ratio ** (number / (scales - 1))) for number in range(scales)]


def first_guess(content: Tensor, painting: Tensor, recipe: StyleRecipe) -> Tensor:
    """Return the image that the optimisation starts from, of the content's size."""
    if recipe.init == "noise":
        generator = torch.Generator().manual_seed(recipe.seed)  # the CPU's: every device begins with the same noise
        return torch.rand(content.shape, generator=generator).to(content.device)
    if recipe.init == "painting":
        return cover(painting, size_of(content))
    return content


def enlarge(image: Tensor, photo: Tensor, larger_photo: Tensor, detail: float) -> Tensor:
    """Return ``image`` at the larger photo's size, with the detail that ``photo``, of the image's size, had not yet.

    Without it every scale would begin blurred, and the fine strokes would have to be found anew.
    """
    size = size_of(larger_photo)
    if size_of(image) == size:
        return image
    lost = larger_photo - resample(photo, size)
    return (resample(image, size) + detail * lost).clamp(0, 1)


def cover(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the middle of ``image``, scaled without stretching until it covers ``size``."""
    scale = max(size[0] / image.shape[-2], size[1] / image.shape[-1])
    height, width = (max(want, round(have * scale)) for want, have in zip(size, size_of(image), strict=True))
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return resize(image, (height, width))[..., top : top + size[0], left : left + size[1]]
