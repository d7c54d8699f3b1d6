"""Deep Dream: gradient ascent on a photo, octave by octave (Mordvintsev, Olah and Tyka 2015, "Inceptionism")."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiled_autograd import reduce_features, value_and_gradient
from artcnn.backbones.tiles import UNTILED, Offset, TilingPolicy
from artcnn.engines.guide import Guide, GuidedObjective, guide_objectives
from artcnn.engines.smooth_areas import damp_texture, smoothness_mask
from artcnn.engines.spectral_adam import SpectralAdam, random_affine
from artcnn.engines.step import State, Step, progress_fractions
from artcnn.errors import DivergenceError
from artcnn.image import SMALLEST_SIDE, Size, blur, color_covariance, fit, resample, resize, size_of, transfer_luminance
from artcnn.objectives import RankedChannels, ResolvedObjective, channel_mean_squares, mean_square
from artcnn.recipes import DreamRecipe

HEADROOM = 0.15
"""Nearness to 0 or 1, of the range 0 to 1, below which a value is pushed there ever more gently."""

POWER = 1.5
"""Of the strength, by which steps are scaled: half the strength is half the way, in colours and in features."""


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
        backbone: the network, on the image's device.
        recipe: every setting.
        tiling: how pictures are run through the network; the result is the same to rounding.
        state: of a step of an earlier run with the same arguments, to go on from.
        mask: where to dream, shape (1, 1, h, w), stretched over the photo: fully where 1, not at all where 0.
        guide: a picture that the dream is drawn towards.

    Raises:
        ArtcnnError: the picture would have fewer than 32 pixels on its short side, or a layer does not exist.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    photo = fit(image, recipe.size)
    sizes = octave_sizes(size_of(photo), recipe)
    colours, excited = (
        color_preconditioner(photo, recipe.palette),
        resolve_objectives(photo, backbone, recipe, tiling, guide),
    )
    done = progress_fractions([recipe.steps] * len(sizes), sizes)
    detail, index = torch.zeros_like(photo), 0 if state is None else int(state["index"])
    if state is not None:
        generator.set_state(state["random"])
    for number, size in enumerate(sizes):
        end = (number + 1) * recipe.steps
        if index > end:
            continue  # an octave that the earlier run had behind it
        base = resize(photo, size)
        where = None if mask is None else resize(mask, size)
        calm = recipe.calm * smoothness_mask(base) if recipe.calm > 0 else None
        picture = init_octave(base, detail, where, state)
        objective = DreamObjective(base, backbone, recipe, tiling, excited)
        climb = _init_optimizer(recipe, index - number * recipe.steps, state, picture)
        stage = f"octave {number + 1} of {len(sizes)}, {size[1]} x {size[0]}"
        while index < end:
            picture, value = gradient_step(picture, objective, colours, recipe, generator, where, climb, calm)
            index += 1
            here = partial(_state, index, picture, generator, climb)
            yield Step(
                _output_colors(picture, base, recipe, where), value, index, len(done), done[index - 1], stage, here
            )
        detail = picture - base


def init_octave(photo: Tensor, detail: Tensor, mask: Tensor | None, state: State | None = None) -> Tensor:
    """Return what an octave begins with: the photo and what was dreamt below it, or the picture of a state in it."""
    if state is not None and size_of(state["picture"]) == size_of(photo):
        return state["picture"].to(photo.device)
    # Only what was dreamt is carried on: the photo itself stays as sharp as it is at this size.
    detail = resample(detail, size_of(photo))
    # A pixel of the smaller size may reach over the mask's edge.
    return (photo + (detail if mask is None else detail * (mask > 0))).clamp(0, 1)


def _state(index: int, picture: Tensor, generator: torch.Generator, climb: SpectralAdam | None) -> State:
    state = {"index": torch.tensor(index), "picture": picture, "random": generator.get_state()}
    return state if climb is None else state | climb.state()


def _init_optimizer(recipe: DreamRecipe, taken: int, state: State | None, picture: Tensor) -> SpectralAdam | None:
    """Return what knows the way along the spectrum, where it is to be that, in an octave with so many steps taken."""
    if recipe.optimizer == "gradient":
        return None
    if state is None or taken == 0:
        return SpectralAdam(recipe.steps)
    return SpectralAdam.from_state(state, recipe.steps, taken, picture)


def _output_colors(picture: Tensor, photo: Tensor, recipe: DreamRecipe, mask: Tensor | None) -> Tensor:
    """Return a picture as it is to be seen, in the colours that the recipe asks for."""
    if recipe.colors == "dream":
        return picture
    kept = transfer_luminance(picture, photo)
    return kept if mask is None else torch.where(mask > 0, kept, photo)  # to the bit where nothing was dreamt


def resolve_objectives(
    photo: Tensor, backbone: Backbone, recipe: DreamRecipe, tiling: TilingPolicy = UNTILED, guide: Guide | None = None
) -> Sequence[ResolvedObjective | GuidedObjective]:
    """Return what to maximise: the recipe's objectives, channels chosen by what ``photo`` excites, or their guide's.

    Args:
        photo: shape (1, 3, H, W), of the size of the result, so that all octaves agree.
        backbone: the network.
        recipe: its layers are the objectives.
        tiling: how pictures are run through the network.
        guide: a picture; where there is one, its features in the objectives' layers and channels are matched instead.
    """
    ranked = {objective.layer for objective in recipe.layers if isinstance(objective, RankedChannels)}
    squares = {}
    if ranked:
        squares = reduce_features(photo, backbone, ranked, lambda _, x, __: (channel_mean_squares(x),), tiling)
    chosen = [o.chosen(squares[o.layer][0]) if isinstance(o, RankedChannels) else o for o in recipe.layers]
    return chosen if guide is None else guide_objectives(guide, chosen, backbone, tiling)


class DreamObjective:
    """The weighted mean of the recipe's objectives; at 1, layers are as active as the photo makes them.

    Args:
        photo: the image that sets each layer's unit, the root mean square of its activations.
        backbone: the network.
        recipe: its layers are the objectives.
        tiling: how pictures are run through the network.
        excited: what :func:`resolve_objectives` makes of the objectives; by default of this photo and without a guide.
    """

    def __init__(
        self,
        photo: Tensor,
        backbone: Backbone,
        recipe: DreamRecipe,
        tiling: TilingPolicy = UNTILED,
        excited: Sequence[ResolvedObjective | GuidedObjective] | None = None,
    ) -> None:
        self.backbone, self.tiling = backbone, tiling
        self.objectives = excited or resolve_objectives(photo, backbone, recipe, tiling)
        self.layers = {objective.layer for objective in recipe.layers}
        squares = reduce_features(photo, backbone, self.layers, lambda _, x, __: (mean_square(x),), tiling)
        # The floor keeps a blank picture, which may leave a layer silent, from dividing by zero.
        self._units = {layer: square.sqrt().clamp_min(1e-6) for layer, (square,) in squares.items()}

    def __call__(self, image: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, of an image of shape (1, 3, H, W), without a gradient."""
        return self.value(reduce_features(image, self.backbone, self.layers, self.reduce, self.tiling))

    def value_and_gradient(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return the value of an image, and its gradient with respect to it."""
        return value_and_gradient(image, self.backbone, self, self.tiling)

    def reduce(self, layer: str, features: Tensor, at: Offset) -> tuple[Tensor, ...]:  # noqa: ARG002
        """Return what the objectives want to know of a tile of a layer."""
        return tuple(objective.reduce(features) for objective in self.objectives if objective.layer == layer)

    def value(self, measured: Mapping[str, tuple[Tensor, ...]]) -> Tensor:
        """Return the weighted mean of the objectives."""
        means = {layer: iter(of_layer) for layer, of_layer in measured.items()}
        values = [o.weight * o.value(next(means[o.layer])) / self._units[o.layer] for o in self.objectives]
        return torch.stack(values).sum() / sum(o.weight for o in self.objectives)


def gradient_step(
    picture: Tensor,
    objective: DreamObjective,
    colours: Tensor,
    recipe: DreamRecipe,
    generator: torch.Generator,
    mask: Tensor | None = None,
    climb: SpectralAdam | None = None,
    calm: Tensor | None = None,
) -> tuple[Tensor, float]:
    """Return the picture one step further, clamped to [0, 1], and the objective that it had before.

    Args:
        picture: shape (1, 3, H, W), sRGB in [0, 1].
        objective: the value to raise.
        colours: what :func:`color_preconditioner` returns.
        recipe: every setting.
        generator: of the random shift, turn and scale.
        mask: how far each place may change, shape (1, 1, H, W).
        climb: the state of an ascent along the spectrum.
        calm: how far the gradient is smoothed at each place, shape (1, 1, H, W).

    Raises:
        DivergenceError: the objective or its gradient is not finite.
    """
    height, width = size_of(picture)
    jitter = min(recipe.jitter, height - 1, width - 1)
    top, left = torch.randint(0, jitter + 1, (2,), generator=generator).tolist()
    # Differs from the original: mirrored at the edges, not rolled, so that no border sees the opposite one.
    shifted = F.pad(picture, (left, jitter - left, top, jitter - top), mode="reflect")
    value, gradient = _transformed_gradient(shifted, objective, recipe, generator)
    gradient = gradient[..., top : top + height, left : left + width]
    if climb is not None:
        gradient = climb.update(gradient)
    gradient = blur(gradient, recipe.smoothing)
    gradient = torch.einsum("dc,ncyx->ndyx", colours, gradient)
    size = gradient.abs().mean() if mask is None else (mask * gradient.abs()).mean() / mask.mean().clamp_min(1e-6)
    _check_finite(value, size)
    if calm is not None:
        # After its size is taken: a large sky makes the steps no larger elsewhere.
        gradient = damp_texture(gradient, calm)
    gradient = gradient / size.clamp_min(torch.finfo(gradient.dtype).tiny)
    room = torch.where(gradient > 0, 1 - picture, picture)
    amount = recipe.strength if mask is None else recipe.strength * mask
    step_size = recipe.step_size if climb is None else recipe.step_size * climb.lr_scale
    change = step_size * amount**POWER * gradient * (room / HEADROOM).clamp(max=1)
    return (picture + change).clamp(0, 1), value.item()


def _check_finite(value: Tensor, size: Tensor) -> None:
    """Raise a DivergenceError where an objective or the size of its gradient is not finite."""
    if not (value.isfinite() and size.isfinite()):
        raise DivergenceError(
            f"the dream diverged, the objective is {value.item():.3g}, with a gradient of {size.item():.3g}: "
            "lower the layers' weights, or use --precision float32"
        )


def _transformed_gradient(
    picture: Tensor, objective: DreamObjective, recipe: DreamRecipe, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return the objective of a picture as it is seen, turned and scaled, and its gradient by the picture."""
    if not (recipe.max_rotation or recipe.max_scale_change):
        return objective.value_and_gradient(picture)
    picture = picture.detach().requires_grad_(True)
    with torch.enable_grad():
        sight = random_affine(picture, recipe.max_rotation, recipe.max_scale_change, generator)
    value, gradient = objective.value_and_gradient(sight.detach())
    return value, torch.autograd.grad(sight, picture, gradient)[0]


def color_preconditioner(photo: Tensor, strength: float) -> Tensor:
    """Return the (3, 3) matrix that turns a colour gradient towards the colours of the photo.

    Ascent in coordinates in which the photo's colours are uncorrelated has its gradient multiplied, in RGB, by their
    covariance; ``strength`` 0 is the identity, 1 the covariance alone.
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
