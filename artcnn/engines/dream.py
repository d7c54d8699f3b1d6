"""Deep Dream: gradient ascent on a photo, octave by octave (Mordvintsev, Olah and Tyka 2015, "Inceptionism")."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import isfinite

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.backbones.base import Backbone, check_backbone
from artcnn.backbones.tiled_autograd import reduce_features, value_and_gradient
from artcnn.backbones.tiles import UNTILED, Offset, TilingPolicy
from artcnn.backbones.vjp import vector_jacobian_product
from artcnn.colors import color_covariance, transfer_luminance
from artcnn.engines.guide import Guide, GuidedObjective, guide_objectives
from artcnn.engines.smooth_areas import damp_texture, smoothness_mask
from artcnn.engines.spectral_adam import SpectralAdam
from artcnn.engines.step import State, Step, progress_fractions
from artcnn.errors import DivergenceError
from artcnn.image import SMALLEST_SIDE, Size, blur, fit, random_affine, resample, resize, size_of
from artcnn.objectives import RankedChannels, ResolvedObjective
from artcnn.recipes import DreamRecipe
from artcnn.spatial import channel_mean_squares, mean_square

HEADROOM = 0.15
"""Distance from 0 or 1 below which a value moves towards that bound ever more slowly; values are in [0, 1]."""

STRENGTH_EXPONENT = 1.5
"""Steps are scaled by strength to this power: then half the strength changes colors and features half as much."""


def dream(
    image: Tensor,
    backbone: Backbone,
    recipe: DreamRecipe,
    tiling: TilingPolicy = UNTILED,
    state: State | None = None,
    *,
    mask: Tensor | None = None,
    guide: Guide | None = None,
) -> Iterator[Step]:
    """Yield ``image`` as the network dreams it, step by step, from the smallest octave to the largest.

    Args:
        image: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        backbone: the network that the recipe asks for, on the image's device.
        recipe: every setting.
        tiling: how pictures are run through the network; the result is the same to rounding.
        state: of a step of an earlier run with the same arguments, to continue from.
        mask: where to dream, shape (1, 1, h, w), stretched over the photo: fully where 1, not at all where 0.
        guide: a picture that the dream is drawn towards.

    Raises:
        ArtcnnError: the network is not the recipe's, the picture would have fewer than 32 pixels on its short side, or
            a layer does not exist.
    """
    check_backbone(backbone, recipe)
    generator = torch.Generator().manual_seed(recipe.seed)
    photo = fit(image, recipe.size)
    sizes = octave_sizes(size_of(photo), recipe)
    progress = progress_fractions([recipe.steps] * len(sizes), sizes)
    colors = color_preconditioner(photo, recipe.palette)
    objectives = resolve_objectives(photo, backbone, recipe, tiling, guide)
    made, detail = _resume(state, generator), torch.zeros_like(photo)
    for number, size in enumerate(sizes):
        begin, end = number * recipe.steps, (number + 1) * recipe.steps
        if made > end:
            continue
        base = resize(photo, size)
        where = None if mask is None else resize(mask, size)
        smooth = recipe.calm * smoothness_mask(base) if recipe.calm > 0 else None
        picture = init_octave(base, detail, where, state)
        objective = DreamObjective(base, backbone, recipe, tiling, objectives)
        optimizer = _init_optimizer(recipe, made - begin, state, picture)
        stage = f"octave {number + 1} of {len(sizes)}, {size[1]} x {size[0]}"
        for index in range(max(made, begin) + 1, end + 1):
            picture, value = gradient_step(picture, objective, colors, recipe, generator, where, optimizer, smooth)
            output = _output_colors(picture, base, recipe, where)
            resume = partial(_state, index, picture, generator, optimizer)
            yield Step(output, value, index, len(progress), progress[index - 1], stage, resume)
        detail = picture - base


def _resume(state: State | None, generator: torch.Generator) -> int:
    """Return the number of steps made, and set the random numbers to those that follow them."""
    if state is None:
        return 0
    generator.set_state(state["random"])
    return int(state["index"])


def init_octave(photo: Tensor, detail: Tensor, mask: Tensor | None, state: State | None = None) -> Tensor:
    """Return the picture that an octave starts from: the photo plus the dream so far, or a state's picture.

    Args:
        photo: at this octave's size, shape (1, 3, H, W).
        detail: what the octave below added to the photo, at its size.
        mask: where to dream, shape (1, 1, H, W).
        state: its picture is taken if it has this octave's size.
    """
    if state is not None and size_of(state["picture"]) == size_of(photo):
        return state["picture"].to(photo.device)
    # Only the change is enlarged: the photo itself stays as sharp as it is at this size.
    detail = resample(detail, size_of(photo))
    # Interpolation may carry the change across the mask's edge.
    return (photo + (detail if mask is None else detail * (mask > 0))).clamp(0, 1)


def _init_optimizer(recipe: DreamRecipe, steps_made: int, state: State | None, picture: Tensor) -> SpectralAdam | None:
    """Return a spectral Adam for an octave, or None for plain gradient ascent."""
    if recipe.optimizer == "gradient":
        return None
    if state is None or steps_made <= 0:
        return SpectralAdam(recipe.steps)
    return SpectralAdam.from_state(state, recipe.steps, steps_made, picture.device)


def _state(index: int, picture: Tensor, generator: torch.Generator, optimizer: SpectralAdam | None) -> State:
    state = {"index": torch.tensor(index), "picture": picture, "random": generator.get_state()}
    return state if optimizer is None else state | optimizer.state()


def _output_colors(picture: Tensor, photo: Tensor, recipe: DreamRecipe, mask: Tensor | None) -> Tensor:
    """Return a picture in the colors that the recipe asks for."""
    if recipe.colors == "dream":
        return picture
    kept = transfer_luminance(picture, photo)
    return kept if mask is None else torch.where(mask > 0, kept, photo)  # to the bit where nothing was dreamed


def resolve_objectives(
    photo: Tensor,
    backbone: Backbone,
    recipe: DreamRecipe,
    tiling: TilingPolicy = UNTILED,
    guide: Guide | None = None,
) -> Sequence[ResolvedObjective | GuidedObjective]:
    """Return the recipe's objectives, with ranked channels chosen for ``photo``, or what a guide makes of them.

    Args:
        photo: shape (1, 3, H, W), of the result's size, so that all octaves agree.
        backbone: the network.
        recipe: its layers are the objectives.
        tiling: how pictures are run through the network.
        guide: a picture; where there is one, features are matched with its own in the objectives' layers and channels.
    """
    ranked = {objective.layer for objective in recipe.layers if isinstance(objective, RankedChannels)}
    activity: Mapping[str, tuple[Tensor, ...]] = {}
    if ranked:
        activity = reduce_features(photo, backbone, ranked, lambda _, x, __: (channel_mean_squares(x),), tiling)
    resolved = [o.select(activity[o.layer][0]) if isinstance(o, RankedChannels) else o for o in recipe.layers]
    return resolved if guide is None else guide_objectives(guide, resolved, backbone, tiling)


class DreamObjective:
    """The weighted mean of the recipe's objectives: 1 where layers are as active as the photo makes them.

    ``sum_i w_i f_i(image) / rms_i / sum_i w_i``, where rms_i is the root mean square of the photo's activations in
    objective i's layer.

    Args:
        photo: sets each layer's unit, shape (1, 3, H, W).
        backbone: the network.
        recipe: its layers are the objectives.
        tiling: how pictures are run through the network.
        objectives: from :func:`resolve_objectives`; by default of this photo and without a guide.
    """

    def __init__(
        self,
        photo: Tensor,
        backbone: Backbone,
        recipe: DreamRecipe,
        tiling: TilingPolicy = UNTILED,
        objectives: Sequence[ResolvedObjective | GuidedObjective] | None = None,
    ) -> None:
        self.backbone, self.tiling = backbone, tiling
        self.objectives = objectives or resolve_objectives(photo, backbone, recipe, tiling)
        self.layers = {objective.layer for objective in recipe.layers}
        squares = reduce_features(photo, backbone, self.layers, lambda _, x, __: (mean_square(x),), tiling)
        # The floor keeps a blank picture, in which a layer may be silent, from dividing by zero.
        self._units = {layer: square.sqrt().clamp_min(1e-6) for layer, (square,) in squares.items()}

    def __call__(self, image: Tensor) -> Tensor:
        """Return the value to maximize, shape ``()``, of an image (1, 3, H, W), without a gradient."""
        return self.value(reduce_features(image, self.backbone, self.layers, self.reduce, self.tiling))

    def value_and_gradient(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return the value of an image, shape ``()``, and its gradient with respect to the image."""
        return value_and_gradient(image, self.backbone, self, self.tiling)

    def reduce(self, layer: str, features: Tensor, at: Offset) -> tuple[Tensor, ...]:  # noqa: ARG002
        """Return what the objectives need of a tile of a layer."""
        return tuple(objective.reduce(features) for objective in self.objectives if objective.layer == layer)

    def value(self, reduced: Mapping[str, tuple[Tensor, ...]]) -> Tensor:
        """Return the weighted mean of the objectives, given what :meth:`reduce` returned of each layer."""
        means = {layer: iter(of_layer) for layer, of_layer in reduced.items()}
        values = [o.weight * o.value(next(means[o.layer])) / self._units[o.layer] for o in self.objectives]
        return torch.stack(values).sum() / sum(o.weight for o in self.objectives)


def gradient_step(
    picture: Tensor,
    objective: DreamObjective,
    colors: Tensor,
    recipe: DreamRecipe,
    generator: torch.Generator,
    mask: Tensor | None = None,
    optimizer: SpectralAdam | None = None,
    smooth: Tensor | None = None,
) -> tuple[Tensor, float]:
    """Return the picture after one step of gradient ascent, clamped to [0, 1], and the objective before the step.

    Args:
        picture: shape (1, 3, H, W), sRGB in [0, 1].
        objective: the value to raise.
        colors: from :func:`color_preconditioner`, shape (3, 3).
        recipe: every setting.
        generator: of the random shift, rotation and scale.
        mask: how much each place may change, shape (1, 1, H, W).
        optimizer: a spectral Adam; None for plain gradient ascent.
        smooth: how much fine texture is taken out of the gradient at each place, shape (1, 1, H, W).

    Raises:
        DivergenceError: the objective or its gradient is not finite.
    """
    height, width = size_of(picture)
    jitter = min(recipe.jitter, height - 1, width - 1)
    top, left = torch.randint(0, jitter + 1, (2,), generator=generator).tolist()
    # Differs from the original: reflected at the edges, not rolled, so that no border sees the opposite one.
    shifted = F.pad(picture, (left, jitter - left, top, jitter - top), mode="reflect")
    value, gradient = _transformed_gradient(shifted, objective, recipe, generator)
    gradient = gradient[..., top : top + height, left : left + width]
    if optimizer is not None:
        gradient = optimizer.update(gradient)
    gradient = blur(gradient, recipe.smoothing)
    gradient = torch.einsum("dc,ncyx->ndyx", colors, gradient)
    size = gradient.abs().mean() if mask is None else (mask * gradient.abs()).mean() / mask.mean().clamp_min(1e-6)
    found = _check_finite(value, size)
    if smooth is not None:
        # After its size is measured: a large sky makes the steps no larger elsewhere.
        gradient = damp_texture(gradient, smooth)
    gradient = gradient / size.clamp_min(torch.finfo(gradient.dtype).tiny)
    room = torch.where(gradient > 0, 1 - picture, picture)
    amount = recipe.strength if mask is None else recipe.strength * mask
    step_size = recipe.step_size if optimizer is None else recipe.step_size * optimizer.lr_scale
    change = step_size * amount**STRENGTH_EXPONENT * gradient * (room / HEADROOM).clamp(max=1)
    return (picture + change).clamp(0, 1), found


def _check_finite(value: Tensor, size: Tensor) -> float:
    """Return an objective as a number; raise a DivergenceError where it or the size of its gradient is not finite."""
    found, of_gradient = torch.stack([value, size]).tolist()  # together: a GPU is waited for once
    if not (isfinite(found) and isfinite(of_gradient)):
        raise DivergenceError(
            f"the dream diverged, the objective is {found:.3g}, with a gradient of {of_gradient:.3g}: "
            "lower the layers' weights, or use --precision float32"
        )
    return float(found)


def _transformed_gradient(
    picture: Tensor, objective: DreamObjective, recipe: DreamRecipe, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return the objective of a randomly rotated and scaled picture, and its gradient by the picture."""
    if not (recipe.max_rotation or recipe.max_scale_change):
        return objective.value_and_gradient(picture)
    picture = picture.detach().requires_grad_(True)
    with torch.enable_grad():
        transformed = random_affine(picture, recipe.max_rotation, recipe.max_scale_change, generator)
    value, gradient = objective.value_and_gradient(transformed.detach())
    return value, vector_jacobian_product([transformed], picture, [gradient])


def color_preconditioner(photo: Tensor, strength: float) -> Tensor:
    """Return the (3, 3) matrix that turns a color gradient towards the colors of the photo.

    Gradient ascent in coordinates in which the photo's colors are uncorrelated multiplies the RGB gradient by their
    covariance. ``strength`` 0 is the identity, 1 the covariance alone, scaled to a trace of 3.
    """
    covariance = color_covariance(photo)
    identity = torch.eye(3, device=photo.device)
    trace = covariance.trace()
    return (1 - strength) * identity + strength * (3 * covariance / trace if trace > 1e-6 else identity)


def octave_sizes(size: Size, recipe: DreamRecipe) -> list[Size]:
    """Return each octave's (height, width), smallest first; those under 32 pixels on a side are left out."""
    sizes = [size]
    for number in range(1, recipe.octaves):
        scale = recipe.octave_scale**-number
        smaller = round(size[0] * scale), round(size[1] * scale)
        if min(smaller) < SMALLEST_SIDE:
            break
        sizes.insert(0, smaller)
    return sizes
