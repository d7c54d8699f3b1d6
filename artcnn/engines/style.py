"""Style transfer: a photo's content in the style of paintings (Gatys, Ecker and Bethge 2015, arXiv:1508.06576).

The image is optimized from small to large scales, so that large forms settle before fine strokes.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone, check_backbone
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.colors import ColorStats, color_stats, match_color_stats, transfer_luminance
from artcnn.engines.guidance import NO_MASKS, Masks, partition
from artcnn.engines.neighbor_loss import NeighborLoss
from artcnn.engines.optimizers import Safeguard, make_optimizer
from artcnn.engines.painting_scale import painting_size, scale_painting
from artcnn.engines.step import State, Step, progress_fractions
from artcnn.engines.style_loss import StyleLoss
from artcnn.errors import ArtcnnError
from artcnn.image import (
    SMALLEST_SIDE,
    Size,
    crop,
    crop_size,
    fit,
    fit_size,
    resample,
    resample_circular,
    resize,
    size_of,
)
from artcnn.recipes import CIRCULAR_UNIT, StyleRecipe

_INSTANT_SIDE = 512
"""Longer side, in pixels, of the smallest scale that begins with an instant picture: its strokes are of that scale."""


def style(
    content: Tensor,
    painting: Tensor | Sequence[Tensor],
    backbone: Backbone,
    recipe: StyleRecipe,
    tiling: TilingPolicy = UNTILED,
    state: State | None = None,
    masks: Masks = NO_MASKS,
    start: Tensor | None = None,
) -> Iterator[Step]:
    """Yield ``content`` repainted in the style of ``painting``, step by step, from the smallest scale to the largest.

    Args:
        content: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        painting: the style image, of any size and shape, or several; they are never stretched.
        backbone: the network that the recipe asks for, on the images' device.
        recipe: every setting.
        tiling: how pictures are run through the network; the result is the same to rounding.
        state: of a step of an earlier run with the same arguments, to continue from.
        masks: where each painting's style applies, and what is protected.
        start: with ``init = "instant"``, the picture that an instant style makes of the content, of any size.

    Raises:
        ArtcnnError: the network is not the recipe's, an image's short side would be under 32 pixels, a layer does not
            exist, masks do not fit, or the start is missing.
    """
    check_backbone(backbone, recipe)
    if recipe.init == "instant" and start is None and state is None:
        raise ArtcnnError("init instant begins with a picture: give it as start, or let artcnn.stylize make it")
    paintings = [painting] if isinstance(painting, Tensor) else painting
    content = fit(content, recipe.size)
    scales = plan_scales(size_of(content), [size_of(painting) for painting in paintings], recipe)
    progress = progress_fractions([scale.steps for scale in scales], [scale.size for scale in scales])
    total = len(progress)
    made, image, optimizer = _resume(state, scales, recipe, content.device)
    for scale in [scale for scale in scales if scale.end > made]:
        image = _start_scale(image, scale, content, paintings, recipe, masks, start)
        loss_of = make_loss(content, paintings, backbone, recipe, scale.long_side, tiling, masks, state)
        for index in range(max(made, scale.begin) + 1, scale.end + 1):
            if loss_of.retarget(image, index - 1 - scale.begin, total + 1 - index):
                optimizer.retarget()
            loss, gradient = loss_of.value_and_gradient(image)
            image = optimizer.step(image, loss, gradient)
            if index == total:
                image = optimizer.best_of(image, loss_of)
            picture = compose_output(image, content, loss_of, recipe)
            resume = partial(_state, index, image, optimizer, loss_of)
            yield Step(picture, loss.item(), index, total, progress[index - 1], scale.stage, resume)
        optimizer.next_scale()
        del loss_of, gradient, picture, resume  # large, and the next scale is larger


class Scale(NamedTuple):
    """One size of the image, and the steps made at it.

    Attributes:
        long_side: longer side of the image, in pixels.
        smaller: that of the scale before; its own of the first scale.
        size: (height, width) of the image.
        begin: index of the last step before this scale.
        end: index of its last step.
        stage: what it is called: ``"scale 2 of 5, 181 x 121"``.
    """

    long_side: int
    smaller: int
    size: Size
    begin: int
    end: int
    stage: str

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.end - self.begin


def plan_scales(content: Size, paintings: Sequence[Size], recipe: StyleRecipe) -> list[Scale]:
    """Return the scales of a run, smallest first; all sizes are (height, width) in pixels."""
    sides = scale_sizes(content, paintings, recipe)
    scales, end = list[Scale](), 0
    for number, (side, steps) in enumerate(zip(sides, steps_per_scale(recipe, len(sides)), strict=True)):
        size = fit_size(content, side)
        stage = f"scale {number + 1} of {len(sides)}, {size[1]} x {size[0]}"
        scales.append(Scale(side, sides[max(number - 1, 0)], size, end, end + steps, stage))
        end += steps
    return scales


def _resume(
    state: State | None, scales: Sequence[Scale], recipe: StyleRecipe, device: torch.device
) -> tuple[int, Tensor | None, Safeguard]:
    """Return the number of steps made, the image, and the optimizer: of a state, or of a new run."""
    optimizer = make_optimizer(recipe)
    if state is None:
        return 0, None, optimizer
    optimizer.restore({name: x.to(device) for name, x in state.items()})
    index = int(state["index"])
    if any(index == scale.end for scale in scales):
        optimizer.next_scale()
    return index, state["image"].to(device), optimizer


def _state(index: int, image: Tensor, optimizer: Safeguard, loss: StyleLoss) -> State:
    return {"index": torch.tensor(index), "image": image} | optimizer.state() | loss.state()


def make_loss(
    content: Tensor,
    paintings: Sequence[Tensor],
    backbone: Backbone,
    recipe: StyleRecipe,
    long_side: int,
    tiling: TilingPolicy = UNTILED,
    masks: Masks = NO_MASKS,
    state: State | None = None,
) -> StyleLoss:
    """Return the loss of the recipe's method at one scale, as it was in a state of this scale."""
    method = NeighborLoss if recipe.method == "neighbors" else StyleLoss
    loss = method(content, paintings, backbone, recipe, long_side, tiling, masks)
    if state is not None and size_of(state["image"]) == loss.size:
        loss.restore({name: x.to(content.device) for name, x in state.items()})
    return loss


def _start_scale(
    image: Tensor | None,
    scale: Scale,
    content: Tensor,
    paintings: Sequence[Tensor],
    recipe: StyleRecipe,
    masks: Masks,
    first: Tensor | None,
) -> Tensor:
    """Return the image that a scale starts from: the last scale's, enlarged, or that of ``init``."""
    if image is not None and size_of(image) == scale.size:
        return image
    if image is None and recipe.init == "instant":
        assert first is not None  # noqa: S101 - it is checked before
        return resize(first, scale.size)
    start = match_palette(content, paintings, recipe, masks)
    photo = fit(start, scale.long_side)
    if image is None:
        return init_image(photo, scale_painting(paintings[0], photo, scale.long_side, recipe), recipe)
    # All of the detail where nothing is painted.
    detail = recipe.detail_transfer + (1 - recipe.strength) * (1 - recipe.detail_transfer)
    return upscale(image, fit(start, scale.smaller), photo, detail, circular=recipe.padding == "circular")


def match_palette(content: Tensor, paintings: Sequence[Tensor], recipe: StyleRecipe, masks: Masks) -> Tensor:
    """Return the photo with the paintings' colors, as far as ``init_color_match`` says, in each region with its own."""
    amount = recipe.init_color_match * recipe.strength if recipe.colors == "style" else 0.0
    if amount == 0:
        return content
    cropped = [p if recipe.style_crop is None else crop(p, recipe.style_crop) for p in paintings]
    matched = torch.zeros_like(content)
    rest: Tensor | float = 1.0
    for region in partition(len(paintings), recipe.blend, masks, size_of(content)):
        have = color_stats(content, region.share)
        wanted = [(w, color_stats(p)) for w, p in zip(region.weights, cropped, strict=True) if w > 0]
        mean, covariance = (torch.stack([w * stats[i] for w, stats in wanted]).sum(0) for i in range(2))
        colored = match_color_stats(content, have, ColorStats(mean, covariance))
        share = 1.0 if region.share is None else region.share
        matched, rest = matched + share * colored, rest - share
    return torch.lerp(content, matched + rest * content, amount)


def compose_output(image: Tensor, content: Tensor, loss: StyleLoss, recipe: StyleRecipe) -> Tensor:
    """Return the picture that an optimized image is: with the photo's colors if asked for, and its protected parts."""
    if recipe.colors == "content":
        image = transfer_luminance(image, resize(content, size_of(image)))
    return loss.restore_protected(image)


def scale_sizes(content: Size, paintings: Sequence[Size], recipe: StyleRecipe) -> list[int]:
    """Return the longer sides, in pixels, from the smallest scale up to ``recipe.size``.

    All sizes are (height, width). Scales at which the photo or a painting would be less than 32 pixels high or wide
    are left out; so are those whose large forms an instant picture has already.
    """
    if recipe.style_crop is not None:
        paintings = [crop_size(size, recipe.style_crop) for size in paintings]
    sizes = [recipe.size]
    # A picture whose borders meet is halved five times, and has to come out even.
    unit = CIRCULAR_UNIT if recipe.padding == "circular" else 1
    least = max(recipe.min_size, _INSTANT_SIDE) if recipe.init == "instant" else recipe.min_size
    while sizes[0] / recipe.scale_factor >= least * 0.95:  # 512 to 128 in sqrt(2) steps survives rounding
        smaller = min(round(sizes[0] / recipe.scale_factor / unit) * unit, sizes[0] - unit)
        seen = [fit_size(painting, painting_size(smaller, recipe)) for painting in paintings]
        if min(min(sides) for sides in (fit_size(content, smaller), *seen)) < SMALLEST_SIDE:
            break
        sizes.insert(0, smaller)
    return sizes


def steps_per_scale(recipe: StyleRecipe, scales: int) -> list[int]:
    """Return the steps at each scale, from ``coarse_steps`` to ``fine_steps`` geometrically; one scale has the last."""
    if scales == 1:
        return [recipe.fine_steps]
    ratio = recipe.fine_steps / recipe.coarse_steps
    return [round(recipe.coarse_steps * ratio ** (number / (scales - 1))) for number in range(scales)]


def init_image(content: Tensor, painting: Tensor, recipe: StyleRecipe) -> Tensor:
    """Return the image that the optimization starts from, of the content's size."""
    if recipe.init == "noise":
        generator = torch.Generator().manual_seed(recipe.seed)  # on the CPU: every device starts from the same noise
        return torch.rand(content.shape, generator=generator).to(content.device)
    if recipe.init == "painting":
        return resize_cover(painting, size_of(content))
    return content


def upscale(image: Tensor, photo: Tensor, larger_photo: Tensor, detail: float, *, circular: bool = False) -> Tensor:
    """Return ``image`` at the larger photo's size, plus the photo's detail that the smaller size could not show.

    Without the detail every scale would start blurred, and would have to find fine strokes anew.

    Args:
        image: at one scale, shape (1, 3, h, w).
        photo: at the same scale.
        larger_photo: at the next scale, shape (1, 3, H, W).
        detail: how much of the detail is added, 0 to 2.
        circular: whether the opposite borders of ``image`` meet.
    """
    size = size_of(larger_photo)
    if size_of(image) == size:
        return image
    lost = larger_photo - resample(photo, size)
    larger = resample_circular(image, size) if circular else resample(image, size)
    return (larger + detail * lost).clamp(0, 1)


def resize_cover(image: Tensor, size: Size) -> Tensor:
    """Return the middle of ``image``, resized without stretching until it covers ``size``."""
    scale = max(size[0] / image.shape[-2], size[1] / image.shape[-1])
    height, width = (max(want, round(have * scale)) for want, have in zip(size, size_of(image), strict=True))
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return resize(image, (height, width))[..., top : top + size[0], left : left + size[1]]
