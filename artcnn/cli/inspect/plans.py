"""What a report looks at, in which order, and how long that takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import prod
from time import monotonic
from typing import TYPE_CHECKING

from artcnn.cli.inspect.activations import activations_found
from artcnn.cli.inspect.check import find_check
from artcnn.cli.inspect.convolution import find_parts, reads_digits
from artcnn.cli.inspect.filters import filters_found
from artcnn.cli.inspect.fool import STEPS, find_fool
from artcnn.cli.inspect.goals import answers, units_goal
from artcnn.cli.inspect.invert import find_inverse
from artcnn.cli.inspect.kernels import find_kernels
from artcnn.cli.inspect.layers import find_layers
from artcnn.cli.inspect.look import answer
from artcnn.cli.inspect.maximize import PHOTO_SIDE, find_maximum
from artcnn.cli.inspect.model import open_model
from artcnn.cli.inspect.occlusion import find_occlusion, usual_square
from artcnn.cli.inspect.patches import Collection, find_patches
from artcnn.cli.inspect.saliency import find_saliency, methods_of

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.reports.messages import Phrase
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Layer, Network

_NO_ANSWERS = "it has no output layer, so no answers to ask about"
_BACKWARD = 3  # a forward and a backward pass take as long as so many forward ones
_FEW = 10  # answers that are all shown
_STAGES = 5  # networks that a check makes each map of
_SHRUNKEN = 100  # test digits that are shrunk
_CURVES = 16 * 28  # passes for its deletions and insertions


@dataclass(frozen=True, eq=False)
class Cost:
    """What a look takes: so many passes of some inputs through a network, up to a layer."""

    network: "Network"
    layer: str
    inputs: "Tensor"
    passes: float

    def seconds(self) -> float:
        """Return how long that is, roughly, as one pass on this machine tells."""
        import torch

        start = monotonic()
        with torch.no_grad():
            self.network.run(self.inputs, [self.layer])
        return self.passes * (monotonic() - start)


@dataclass(frozen=True, eq=False)
class Plan:
    """A look to be taken.

    Attributes:
        look: its name.
        make: takes it; or why it cannot be taken.
        layers: that it looks at, where others of its name look at others.
        cost: of it; none where it is done at once.
    """

    look: str
    make: "Callable[[], Finding] | Phrase"
    layers: tuple[str, ...] = ()
    cost: Cost | None = None


def plans(network: "Network", model: str, picture: "Tensor", name: str) -> Iterator[Plan]:
    """Yield every look at a network and a picture (1, C, H, W), the most telling for their time first.

    Args:
        network: what is looked into.
        model: its name on the command line.
        picture: in [0, 1], as the network takes it.
        name: the picture's.
    """
    shown = _chosen(network)
    yield Plan("layers", partial(find_layers, network))
    yield from _convolution(network, picture, name)
    yield from _parts(network, picture, name, shown)
    yield from _answers(network, picture)
    yield from _units(network, model, picture, shown)
    yield from _neurons(network, picture)
    yield from _inverses(network, picture, shown)
    yield _check(network, picture)


def _convolution(network: "Network", picture: "Tensor", name: str) -> Iterator[Plan]:
    """Yield what the first layer computes, where it is a convolution."""
    from artcnn.reports.messages import phrase

    if network.layers[0].kind != "convolution":
        yield Plan("convolution", phrase("the first layer is no convolution of a picture"))
        return
    digits = _SHRUNKEN if reads_digits(network) else 0
    for part, make in find_parts(network, picture, name, digits=digits).items():
        look = "convolution" if part in ("example", "picture") else f"convolution-{part}"
        passes = 50 + 8 * digits if part == "shrunken" else 5
        cost = None if part == "example" else Cost(network, network.layers[-1].name, picture, passes)
        yield Plan(look, make, cost=cost)


def _parts(network: "Network", picture: "Tensor", name: str, shown: list[str]) -> Iterator[Plan]:
    """Yield the network's parts, and what they give for the picture."""
    from artcnn.reports.messages import phrase
    from artcnn.visualizers.activations import compute_activations
    from artcnn.visualizers.filters import read_filters

    def kernels(layer: str) -> "Finding":
        found = read_filters(network, layer)
        deep = found.slices is not None
        units = _strongest(network, picture, layer, 8) if deep else list(range(len(found.kernels)))
        return filters_found(network, layer, found, units)

    convolutions = [layer.name for layer in network.layers if layer.kind == "convolution"]
    # One slice of the hundreds of a deep filter tells nothing.
    for layer in convolutions[:2] if network.input_shape[0] == 1 else convolutions[:1]:
        yield Plan("filters", partial(kernels, layer), (layer,))
    maps = [name for first, second in pairwise(network.layers) for name in _maps(first, second) if first.name in shown]

    def answered() -> "Finding":
        return activations_found(network, picture, name, compute_activations(network, picture, maps), shown=32)

    if maps:
        yield Plan("activations", answered, cost=Cost(network, maps[-1], picture, 1))
    else:
        yield Plan("activations", phrase("it has no convolution, so no maps"))


def _answers(network: "Network", picture: "Tensor") -> Iterator[Plan]:
    """Yield what the network's answer to the picture rests on, and what answers want to see."""
    from artcnn.reports.messages import phrase

    if not network.classes:
        why = phrase(_NO_ANSWERS)
        yield from (Plan(look, why) for look in ("saliency", "fool", "occlusion", "maximize-class"))
        return
    own, probabilities = answer(network, picture)
    count = len(network.classes)
    second = int(probabilities.topk(2).indices[1])
    window, stride = usual_square(network)
    goal = answers(network, list(range(count)) if count <= _FEW else [own])
    cost = partial(Cost, network, network.layers[-1].name, picture)
    maps = partial(find_saliency, network, picture, own, methods_of(network))
    yield Plan("saliency", maps, cost=cost(_gradients()))
    yield Plan("fool", partial(find_fool, network, picture, second), cost=cost(_BACKWARD * STEPS))
    ascent = partial(find_maximum, network, goal, quiet=True)
    yield Plan("maximize-class", ascent, cost=cost(_BACKWARD * goal.steps * len(goal.names)))
    slide = partial(find_occlusion, network, picture, own, window, stride)
    yield Plan("occlusion", slide, cost=cost(_places(picture, stride)))


def _units(network: "Network", model: str, picture: "Tensor", shown: list[str]) -> Iterator[Plan]:
    """Yield what units are for and want to see, the deepest layers but for the first of them first."""
    digits = network.input_shape[0] == 1
    count, patches = (8, 8) if digits else (6, 6)
    small = network if digits else open_model(model, PHOTO_SIDE)
    collection = Collection(network, None)
    for layer in [*shown[-2:], *shown[-3::-1]]:
        units = _strongest(network, picture, layer, count)
        batch = next(collection.batches())
        look = partial(find_patches, network, layer, units, collection, patches)
        yield Plan("patches", look, (layer,), Cost(network, layer, batch, 1.5 * len(collection) / len(batch)))
        yield _wanted("maximize-conv", small, layer, units)


def _wanted(look: str, network: "Network", layer: str, units: list[int]) -> Plan:
    """Return what units of a layer want to see."""
    import torch

    from artcnn.visualizers.linear_units import is_linear

    if is_linear(network, layer):
        return Plan(look, partial(find_kernels, network, layer, units), (layer,))
    goal = units_goal(network, layer, units)
    cost = Cost(network, layer, torch.zeros(len(units), *network.input_shape), _BACKWARD * goal.steps)
    return Plan(look, partial(find_maximum, network, goal, quiet=True), (layer,), cost)


def _strongest(network: "Network", picture: "Tensor", layer: str, count: int) -> list[int]:
    """Return the units of a layer that answer most to the picture: what a page tells of them belongs together."""
    from artcnn.visualizers.activations import compute_activations

    return compute_activations(network, picture, [layer])[layer].order[:count]


def _neurons(network: "Network", picture: "Tensor") -> Iterator[Plan]:
    """Yield what the units of fully connected layers want to see."""
    from artcnn.reports.messages import phrase

    dense = [layer.name for layer in network.layers[:-1] if layer.kind == "fully connected"]
    if not dense:
        yield Plan("maximize-fc", phrase("it has no fully connected layer before its answers"))
    for layer in dense:
        yield _wanted("maximize-fc", network, layer, _strongest(network, picture, layer, 12))


def _inverses(network: "Network", picture: "Tensor", shown: list[str]) -> Iterator[Plan]:
    """Yield pictures rebuilt by all layers, in a row; a photo is smaller."""
    from artcnn.image import fit

    dense = [layer.name for layer in network.layers if layer.kind == "fully connected"]
    layers = [*shown, *(dense if network.input_shape[0] == 1 else [])]
    steps, small = (300, picture) if network.input_shape[0] == 1 else (150, fit(picture, PHOTO_SIDE))
    # The deepest takes longest; together they take about half of what as many of it would.
    cost = Cost(network, layers[-1], small, _BACKWARD * steps * len(layers) / (2 if len(picture[0]) > 1 else 1))
    yield Plan("invert", partial(find_inverse, network, small, layers, steps, quiet=True), tuple(layers), cost)


def _maps(layer: "Layer", following: "Layer") -> list[str]:
    """Return the maps that show best what a convolution gives: behind its ReLU, else its own and the pooled ones."""
    if following.kind == "ReLU":
        return [following.name]
    return [layer.name, *([following.name] if following.kind == "pooling" else [])]


def _check(network: "Network", picture: "Tensor") -> Plan:
    """Return whether the maps of the answer can be believed, which takes longest."""
    from artcnn.reports.messages import phrase

    if not network.classes:
        return Plan("check", phrase(_NO_ANSWERS))
    passes = _STAGES * (_gradients() + _places(picture, usual_square(network)[1])) + _CURVES
    cost = Cost(network, network.layers[-1].name, picture, passes)
    return Plan("check", partial(find_check, network, picture, None, quiet=True), cost=cost)


def _gradients() -> int:
    """Return the passes that all of saliency's methods take: nearly all are SmoothGrad's and integrated gradients'."""
    from artcnn.visualizers import saliency

    return _BACKWARD * (saliency.SAMPLES + saliency.STEPS)


def _places(picture: "Tensor", stride: int) -> int:
    """Return how many places a square has on a picture."""
    return prod(-(-side // stride) for side in picture.shape[2:])


def _chosen(network: "Network") -> list[str]:
    """Return the convolutions, and blocks of them, that are shown: all of a few, else four from shallow to deep."""
    from artcnn.visualizers.receptive_field import receptive_fields

    fields = receptive_fields(network.layers)
    named = (layer for layer in network.layers if layer.kind in ("convolution", "block"))
    names = [layer.name for layer in named if fields[layer.name]]
    return names if len(names) <= 4 else [names[part * (len(names) - 1) // 4] for part in range(1, 5)]
