"""The input that a unit wants to see: gradient ascent on the input, the network fixed (Erhan et al. 2009)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.errors import DivergenceError
from artcnn.image import sampling_grid, size_of
from artcnn.visualizers.network import Network

Objective = Callable[[Tensor], Tensor]
"""Takes inputs (N, C, H, W) and returns the value to maximize of each, shape (N,): each input has a unit of its own."""


Start = Literal["black", "gray", "white", "noise"]


@dataclass(frozen=True)
class MaximizeConfig:
    """The settings of gradient ascent.

    Attributes:
        steps: of Adam.
        learning_rate: its learning rate.
        l1: lambda of the penalty lambda * sum |x|, as a part of the root mean square of d value / dx at the start: the
            same number does the same for a network whose values are a thousand times as large.
        tv: the same for the sum of |differences| of neighbors, down and across.
        max_shift: largest random shift before each step, in pixels.
        max_rotation: largest random rotation, in degrees.
        max_scaling: largest random change of size, as a ratio.
        fourier: optimize the Fourier coefficients of a color picture, not its pixels.
        decay: exponent of the coefficients' scale over frequency: with 1 a step changes all scales alike, with more it
            changes large shapes more than small ones.
        starts: initial pixels, tried one after the other; the best result for each input is kept.
    """

    steps: int
    learning_rate: float = 0.05
    l1: float = 0.0
    tv: float = 0.0
    max_shift: float = 0.0
    max_rotation: float = 0.0
    max_scaling: float = 0.0
    fourier: bool = False
    decay: float = 1.0
    starts: tuple[Start, ...] = ("black",)


NAIVE = MaximizeConfig(steps=100, learning_rate=0.1)
"""Nothing but the gradient."""

PATTERN = MaximizeConfig(steps=100, learning_rate=0.1, starts=("black", "noise", "white"))
"""For filters of small networks, where different starts end in different maxima."""

SPARSE = MaximizeConfig(steps=100, learning_rate=0.1, l1=0.4)
"""With an L1 penalty, the lecture's y - lambda * sum |x|: pixels that gain too little stay black."""

DIGIT = MaximizeConfig(steps=400, learning_rate=0.05, l1=0.2, tv=0.2, max_shift=2, max_rotation=10)
"""For classes of digits: the most legible ones."""

TEXTURE = MaximizeConfig(steps=96, learning_rate=0.05, max_shift=8, max_rotation=5, max_scaling=0.1, fourier=True)
"""For units of networks of photos: few steps, because many oversaturate the colors."""

OBJECT = MaximizeConfig(
    steps=256, learning_rate=0.05, max_shift=24, max_rotation=15, max_scaling=0.35, fourier=True, decay=1.25
)
"""For classes of photos: what survives large random transforms is an object, not noise."""


def channel_objective(network: Network, name: str, units: list[int]) -> Objective:
    """Return the sum over one unit's map for each input, a^k behind a ReLU; of a neuron its own value.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    maps_of = _own_maps(network, name, units)
    return lambda inputs: maps_of(inputs).sum((1, 2))


def neuron_objective(network: Network, name: str, units: list[int]) -> Objective:
    """Return the value in the middle of one unit's map for each input; a neuron's has one place.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    maps_of = _own_maps(network, name, units)

    def values(inputs: Tensor) -> Tensor:
        maps = maps_of(inputs)
        return maps[:, maps.shape[1] // 2, maps.shape[2] // 2]

    return values


def _own_maps(network: Network, name: str, units: list[int]) -> Callable[[Tensor], Tensor]:
    """Return what makes of inputs the map of one unit for each, shape (N, h, w); a neuron's has one place."""
    network.check_units(name, units)

    def maps(inputs: Tensor) -> Tensor:
        output = network.run(inputs, [name])[name]
        every = output if output.ndim == 4 else output[:, :, None, None]
        return every[torch.arange(len(units)), units]

    return maps


def before_relu(network: Network, name: str) -> str:
    """Return the layer before the ReLU that a layer is, or that it pools; else the layer itself.

    A unit that its ReLU sets to zero has no gradient after it, and there are many of them.
    """
    names = [layer.name for layer in network.layers]
    if name not in names:
        return name  # made of several layers
    at = names.index(name)
    while at and network.layers[at].kind == "pooling":
        at -= 1
    if at == 0 or network.layers[at].kind != "ReLU":
        return name
    before, shapes = network.layers[at - 1].name, network.shapes()
    return before if shapes[before][0] == shapes[name][0] else name  # pooling both ways has twice the maps


def logit_objective(network: Network, targets: list[int]) -> Objective:
    """Return the output y of one class for each input, before the softmax."""
    return lambda inputs: network.logits(inputs)[torch.arange(len(targets)), targets]


def margin_objective(network: Network, targets: list[int]) -> Objective:
    """Return how far the output of one class is above all others together: y_i - log sum exp of the others."""

    def values(inputs: Tensor) -> Tensor:
        logits = network.logits(inputs)
        others = logits.scatter(1, torch.tensor(targets)[:, None], -torch.inf)
        return logits[torch.arange(len(targets)), targets] - others.logsumexp(1)

    return values


class ParametrizedImage(Protocol):
    """Inputs that are computed from parameters, which an ascent changes."""

    parameters: list[Tensor]

    def inputs(self) -> Tensor:
        """Return the inputs, shape (N, C, H, W), in [0, 1]."""


class PixelImage:
    """Inputs as what they are: numbers in [0, 1], at the start black, gray or white with a trace of noise, or noise."""

    _RANGES: Mapping[Start, tuple[float, float]] = {
        "black": (0.0, 0.05),
        "gray": (0.475, 0.525),
        "white": (0.95, 1.0),
        "noise": (0.0, 1.0),
    }

    def __init__(self, shape: tuple[int, int, int, int], seed: int, start: Start = "black") -> None:
        noise = torch.rand(shape, generator=torch.Generator().manual_seed(seed))
        low, high = self._RANGES[start]
        self.parameters = [(low + (high - low) * noise).requires_grad_()]

    def inputs(self) -> Tensor:
        """Return the inputs; beyond black and white there is nothing."""
        with torch.no_grad():
            self.parameters[0].clamp_(0, 1)
        return self.parameters[0]


class FourierImage:
    """Color pictures by their spectrum, in which a step changes all sizes alike (Olah, Mordvintsev and Schubert 2017).

    The colors are those of natural pictures, decorrelated: steps go along their principal directions.
    """

    _COLORS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])

    def __init__(self, shape: tuple[int, int, int, int], seed: int, decay: float = 1.0) -> None:
        count, channels, self._height, self._width = shape
        down = torch.fft.fftfreq(self._height)[:, None]
        across = torch.fft.rfftfreq(self._width)[None]
        frequency = (down.square() + across.square()).sqrt()
        even = 1 / frequency.clamp(min=1 / max(self._height, self._width))
        steep = even**decay
        self._scale = steep * even.norm() / steep.norm()
        size = (count, channels, *frequency.shape, 2)
        spectrum = 0.01 * torch.randn(size, generator=torch.Generator().manual_seed(seed))
        self.parameters = [spectrum.requires_grad_()]

    def inputs(self) -> Tensor:
        """Return the pictures, sRGB in [0, 1]."""
        spectrum = torch.view_as_complex(self.parameters[0]) * self._scale
        plain = torch.fft.irfft2(spectrum, (self._height, self._width), norm="ortho") / 4
        colors = self._COLORS / self._COLORS.norm(dim=0).max()
        return torch.einsum("dc,nchw->ndhw", colors, plain).sigmoid()


@dataclass(frozen=True, eq=False)
class MaximizeStep:
    """The state after a step.

    Attributes:
        inputs: shape (N, C, H, W), in [0, 1].
        values: what each makes large, shape (N,), without penalties, as the step saw it: moved, but for the last.
        index: of the step, from 0 for the start.
        total: number of steps.
    """

    inputs: Tensor
    values: Tensor
    index: int
    total: int


def maximize(
    picture: ParametrizedImage, objective: Objective, config: MaximizeConfig, seed: int = 0
) -> Iterator[MaximizeStep]:
    """Yield the start and each step of gradient ascent on a batch of inputs.

    Args:
        picture: the parametrized inputs.
        objective: the value to maximize of each input.
        config: the settings.
        seed: of the random transforms.

    Raises:
        DivergenceError: a gradient is not finite.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(picture.parameters, lr=config.learning_rate)
    slope = _gradient_rms(picture, objective) if config.l1 or config.tv else torch.zeros(1)
    for index in range(config.steps + 1):
        inputs = picture.inputs()
        seen = inputs if index == config.steps else _random_affine(inputs, config, generator)
        gain = objective(seen)
        yield MaximizeStep(inputs.detach().clone(), gain.detach(), index, config.steps)
        if index == config.steps:
            return
        l1 = inputs.abs().sum((1, 2, 3))
        tv = inputs.diff(dim=2).abs().sum((1, 2, 3)) + inputs.diff(dim=3).abs().sum((1, 2, 3))
        # From black, the full penalty would keep everything black: it is phased in over the first half.
        weight = slope * min(1.0, 2 * index / config.steps)
        loss = -(gain - weight * (config.l1 * l1 + config.tv * tv)).sum()
        gradients = torch.autograd.grad(loss, picture.parameters)
        check_gradient(index, gradients)
        for parameter, step in zip(picture.parameters, gradients, strict=True):
            parameter.grad = step
        optimizer.step()


def check_gradient(index: int, gradients: Sequence[Tensor]) -> None:
    """Raise a DivergenceError where the gradient of a step, counted from 0, is not finite."""
    if not all(gradient.isfinite().all() for gradient in gradients):
        raise DivergenceError(
            f"the gradient of step {index + 1} is not finite: the network's weights are too large, "
            "train it anew with a lower lr"
        )


def _gradient_rms(picture: ParametrizedImage, objective: Objective) -> Tensor:
    """Return the root mean square of each value's gradient at the start, shape (N,)."""
    inputs = picture.inputs().detach().requires_grad_()
    (slope,) = torch.autograd.grad(objective(inputs).sum(), inputs)
    return slope.square().mean((1, 2, 3)).sqrt()


def _random_affine(inputs: Tensor, config: MaximizeConfig, generator: torch.Generator) -> Tensor:
    """Apply the same small random affine transform to every input, with reflection at the border."""
    if not (config.max_shift or config.max_rotation or config.max_scaling):
        return inputs
    across, down, turn, size = (2 * torch.rand(4, generator=generator) - 1).tolist()
    shift = down * config.max_shift, across * config.max_shift
    grid = sampling_grid(size_of(inputs), 1 / (1 + size * config.max_scaling), turn * config.max_rotation, shift)
    grid = grid.to(inputs).expand(len(inputs), -1, -1, -1)
    return F.grid_sample(inputs, grid, padding_mode="reflection", align_corners=False)
