"""Style transfer: the photo's features, the painting's Gram matrices (Gatys, Ecker and Bethge, arXiv:1508.06576)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.engines.guidance import NO_MASKS, Masks, partition
from artcnn.engines.neighbor_loss import NeighborLoss
from artcnn.engines.optimizers import Descent, Optimizer, make_optimizer
from artcnn.engines.step import State, Step, progress_fractions
from artcnn.engines.style_loss import StyleLoss, painting_size, scale_painting
from artcnn.image import (
    SMALLEST_SIDE,
    ColorStats,
    Size,
    color_stats,
    crop,
    crop_size,
    fit,
    fit_size,
    match_color_stats,
    resample,
    resample_circular,
    resize,
    size_of,
    transfer_luminance,
)
from artcnn.recipes import RING_UNIT, StyleRecipe


def style(
    content: Tensor,
    painting: Tensor | Sequence[Tensor],
    backbone: Backbone,
    recipe: StyleRecipe,
    tiling: TilingPolicy = UNTILED,
    state: State | None = None,
    masks: Masks = NO_MASKS,
) -> Iterator[Step]:
    """Yield ``content`` repainted in the style of ``painting``, step by step, from the smallest scale to the largest.

    Args:
        content: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        painting: the style image, of any size and shape, or several; they are never stretched.
        backbone: the network, on the images' device, with the recipe's pooling and padding.
        recipe: every setting.
        tiling: how pictures are run through the network; the result is the same to rounding.
        state: of a step of an earlier run with the same arguments, to go on from.
        masks: where each painting rules, and where none does.

    Raises:
        ArtcnnError: an image's short side would be under 32 pixels, a layer does not exist, or masks do not fit.
    """
    paintings = [painting] if isinstance(painting, Tensor) else painting
    scales = scale_sizes(size_of(content), [size_of(painting) for painting in paintings], recipe)
    steps = steps_per_scale(recipe, len(scales))
    done = progress_fractions(steps, [fit_size(size_of(content), scale) for scale in scales])
    start = match_palette(content, paintings, recipe, masks)
    photo = fit(start, scales[0])
    image = init_image(photo, scale_painting(paintings[0], photo, scales[0], recipe), recipe)
    # All of the detail where nothing is painted.
    detail = recipe.detail_transfer + (1 - recipe.strength) * (1 - recipe.detail_transfer)
    optimizer: Optimizer | None = None
    index = 0 if state is None else int(state["index"])
    for number, long_side in enumerate(scales):
        end = sum(steps[: number + 1])
        if index > end:
            continue  # a scale that the earlier run had behind it
        optimizer = make_optimizer(recipe, optimizer)
        objective = loss_type(recipe)(content, paintings, backbone, recipe, long_side, tiling, masks)
        smaller_photo, photo = photo, fit(start, long_side)
        image = upscale(image, smaller_photo, photo, detail, circular=recipe.padding == "circular")
        descent = Descent(image, objective, optimizer)
        _restore(descent, objective, state)
        if number == len(scales) - 1:
            del start, photo, smaller_photo, image  # of large pictures every copy counts
        stage = f"scale {number + 1} of {len(scales)}, {descent.image.shape[-1]} x {descent.image.shape[-2]}"
        picture = partial(compose_output, content=content, objective=objective, recipe=recipe)
        yield from _descend(descent, objective, range(index + 1, end + 1), end - steps[number], done, stage, picture)
        index, image = end, descent.image
        del descent, objective, picture  # what they hold is in the way of the next, larger scale


def loss_type(recipe: StyleRecipe) -> type[StyleLoss]:
    """Return what the recipe's method descends."""
    return NeighborLoss if recipe.method == "neighbors" else StyleLoss


def _descend(
    descent: Descent,
    objective: StyleLoss,
    steps: Iterable[int],
    began: int,
    done: Sequence[float],
    stage: str,
    picture: Callable[[Tensor], Tensor],
) -> Iterator[Step]:
    """Yield the steps of a scale, by their numbers, which began behind ``began``; ``picture`` is shown of an image."""
    for index in steps:
        if objective.retarget(descent.image, index - 1 - began, len(done) + 1 - index):
            descent.retarget()
        loss = descent.step()
        if index == len(done):
            descent.finalize()
        image, here = picture(descent.image), partial(_state, descent, objective, index)
        yield Step(image, loss, index, len(done), done[index - 1], stage, here)


def _restore(descent: Descent, objective: StyleLoss, state: State | None) -> None:
    """Go on from a state, where it is of an image of this size."""
    if state is not None and state["image"].shape == descent.image.shape:
        descent.restore(state)
        objective.restore(state)


def _state(descent: Descent, objective: StyleLoss, index: int) -> State:
    return descent.state(index) | objective.state()


def match_palette(content: Tensor, paintings: Sequence[Tensor], recipe: StyleRecipe, masks: Masks) -> Tensor:
    """Return the photo with the paintings' colours, as far as the recipe wants it, in each region with its own."""
    amount = recipe.init_color_match * recipe.strength if recipe.colors == "style" else 0.0
    if amount == 0:
        return content
    cropped = [p if recipe.style_crop is None else crop(p, recipe.style_crop) for p in paintings]
    moved = torch.zeros_like(content)
    left: Tensor | float = 1.0
    for region in partition(len(paintings), recipe.blend, masks, size_of(content)):
        have = color_stats(content, region.share)
        wanted = [(w, color_stats(p)) for w, p in zip(region.weights, cropped, strict=True) if w > 0]
        mean, covariance = (torch.stack([w * of[i] for w, of in wanted]).sum(0) for i in range(2))
        of_region = match_color_stats(content, have, ColorStats(mean, covariance))
        share = 1.0 if region.share is None else region.share
        moved, left = moved + share * of_region, left - share
    return torch.lerp(content, moved + left * content, amount)


def compose_output(image: Tensor, content: Tensor, objective: StyleLoss, recipe: StyleRecipe) -> Tensor:
    """Return the picture that an image of the optimisation is: with the photo's colours, and where it is protected."""
    if recipe.colors == "content":
        image = transfer_luminance(image, resize(content, size_of(image)))
    return objective.kept(image)


def scale_sizes(content: Size, paintings: Sequence[Size], recipe: StyleRecipe) -> list[int]:
    """Return the longer sides, in pixels, from the smallest scale up to ``recipe.size``.

    All sizes are (height, width). Scales at which the photo or a painting would be less than 32 pixels high or wide
    are left out.
    """
    if recipe.style_crop is not None:
        paintings = [crop_size(size, recipe.style_crop) for size in paintings]
    sizes = [recipe.size]
    # What is halved five times must come out even, where the last row is to meet the first.
    unit = RING_UNIT if recipe.padding == "circular" else 1
    while sizes[0] / recipe.scale_factor >= recipe.min_size * 0.95:  # 512 to 128 in sqrt(2) steps survives rounding
        smaller = round(sizes[0] / recipe.scale_factor / unit) * unit
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
    """Return the image that the optimisation starts from, of the content's size."""
    if recipe.init == "noise":
        generator = torch.Generator().manual_seed(recipe.seed)  # the CPU's: every device begins with the same noise
        return torch.rand(content.shape, generator=generator).to(content.device)
    if recipe.init == "painting":
        return resize_cover(painting, size_of(content))
    return content


def upscale(image: Tensor, photo: Tensor, larger_photo: Tensor, detail: float, *, circular: bool = False) -> Tensor:
    """Return ``image`` at the larger photo's size, with the detail that ``photo``, of the image's size, had not yet.

    Without it every scale would begin blurred, and the fine strokes would have to be found anew.

    Args:
        image: at a scale.
        photo: at the same scale.
        larger_photo: at the next.
        detail: how much of it is put back.
        circular: whether the opposite borders of ``image`` meet.
    """
    size = size_of(larger_photo)
    if size_of(image) == size:
        return image
    lost = larger_photo - resample(photo, size)
    larger = resample_circular(image, size) if circular else resample(image, size)
    return (larger + detail * lost).clamp(0, 1)


def resize_cover(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the middle of ``image``, scaled without stretching until it covers ``size``."""
    scale = max(size[0] / image.shape[-2], size[1] / image.shape[-1])
    height, width = (max(want, round(have * scale)) for want, have in zip(size, size_of(image), strict=True))
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return resize(image, (height, width))[..., top : top + size[0], left : left + size[1]]
