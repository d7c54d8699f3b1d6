"""What a report contains, in which order it is computed, and how long that takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import prod
from time import monotonic

import torch
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.image import fit
from artcnn.inspection.activations import find_activations
from artcnn.inspection.adversarial import find_adversarial
from artcnn.inspection.attribution import choose_methods
from artcnn.inspection.caricature import find_caricature
from artcnn.inspection.collection import open_collection
from artcnn.inspection.convolution import find_parts, reads_digits
from artcnn.inspection.feature_inversion import find_inverse
from artcnn.inspection.filters import find_filters
from artcnn.inspection.goals import class_goal, unit_goal
from artcnn.inspection.grid import find_grid
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.kernels import find_kernels
from artcnn.inspection.layers import find_layers
from artcnn.inspection.maximize import find_maximum
from artcnn.inspection.models import open_model
from artcnn.inspection.occlusion import default_square, find_occlusion
from artcnn.inspection.options import ADVERSARIAL_STEPS, CHECKED_METHODS, PHOTO_SIDE
from artcnn.inspection.patches import find_patches
from artcnn.inspection.prediction import predict
from artcnn.inspection.saliency import find_saliency
from artcnn.inspection.sanity_checks import find_check
from artcnn.inspection.subject import Subject
from artcnn.reports.messages import Message, message
from artcnn.reports.results import Finding
from artcnn.visualizers import activation_grid as grid
from artcnn.visualizers import saliency
from artcnn.visualizers.activations import compute_activations
from artcnn.visualizers.caricature import INK, PHOTO
from artcnn.visualizers.filters import read_filters
from artcnn.visualizers.layer import Layer
from artcnn.visualizers.linear_units import is_linear
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import receptive_fields

_NO_ANSWERS = "it has no output layer, so no answers to ask about"
_BACKWARD = 3  # a forward and a backward pass cost about as much as this many forward passes
_FEW = 10  # classes, all of which are maximized
_STAGES = 5  # networks for which a check computes each map
_SHRUNKEN = 100  # test digits that are shrunken
_CURVES = 16 * 28  # passes for its deletion and insertion curves


@dataclass(frozen=True, eq=False)
class Cost:
    """The cost of a plan: a number of forward passes of some inputs, up to a layer."""

    network: Network
    layer: str
    inputs: Tensor
    passes: float

    def seconds(self) -> float:
        """Estimate the time from one pass on this machine."""
        start = monotonic()
        with torch.no_grad():
            self.network.run(self.inputs, [self.layer])
        return self.passes * (monotonic() - start)


@dataclass(frozen=True, eq=False)
class Plan:
    """One finding of a report that is still to be computed.

    Attributes:
        section: of the report.
        find: computes it; or the reason why there is none.
        layers: it is about these layers, if the section has several findings.
        cost: None if it takes no time.
    """

    section: str
    find: Callable[[], Finding] | Message
    layers: tuple[str, ...] = ()
    cost: Cost | None = None


def plan_report(subject: Subject) -> Iterator[Plan]:
    """Yield the plans of a report, the most informative for their time first."""
    network, picture, name = subject.network, subject.picture, subject.name
    shown = _choose_layers(network)
    yield Plan("layers", partial(find_layers, network))
    yield from _convolution(network, picture, name)
    yield from _parts(network, picture, name, shown)
    yield from _answers(network, picture)
    yield from _units(network, subject.model, picture, shown)
    yield from _neurons(network, picture)
    yield from _inverses(network, picture, shown)
    if shown:
        yield from _caricatures(network, picture, shown)
        yield _grid(network, picture, shown)
    yield _check(network, picture)


def _convolution(network: Network, picture: Tensor, name: str) -> Iterator[Plan]:
    """Plan what the first layer computes, if it is a convolution."""
    if network.layers[0].kind != "convolution":
        yield Plan("convolution", message("the first layer is no convolution of a picture"))
        return
    digits = _SHRUNKEN if reads_digits(network) else 0
    for part, make in find_parts(network, picture, name, digits=digits).items():
        section = "convolution" if part in ("example", "picture") else f"convolution-{part}"
        passes = 50 + 8 * digits if part == "shrunken" else 5
        cost = None if part == "example" else Cost(network, network.layers[-1].name, picture, passes)
        yield Plan(section, make, cost=cost)


def _parts(network: Network, picture: Tensor, name: str, shown: list[str]) -> Iterator[Plan]:
    """Plan the filters, and the feature maps of the picture."""

    def kernels(layer: str) -> Finding:
        deep = read_filters(network, layer).slices is not None
        return find_filters(network, layer, _strongest(network, picture, layer, 8) if deep else None)

    convolutions = [layer.name for layer in network.layers if layer.kind == "convolution"]
    # A deep filter has hundreds of slices: a few of them say nothing.
    for layer in convolutions[:1] if input_kind(network.kind).colored else convolutions[:2]:
        yield Plan("filters", partial(kernels, layer), (layer,))
    maps = [name for first, second in pairwise(network.layers) for name in _maps(first, second) if first.name in shown]

    def feature_maps() -> Finding:
        return find_activations(network, picture, dict.fromkeys(maps), name, shown=32)

    if maps:
        yield Plan("activations", feature_maps, cost=Cost(network, maps[-1], picture, 1))
    else:
        yield Plan("activations", message("it has no convolution, so no maps"))


def _answers(network: Network, picture: Tensor) -> Iterator[Plan]:
    """Plan why the network gives its answer, and what classes want to see."""
    if not network.classes:
        why = message(_NO_ANSWERS)
        yield from (Plan(section, why) for section in ("saliency", "fool", "occlusion", "maximize-class"))
        return
    own, probabilities = predict(network, picture)
    count = len(network.classes)
    second = int(probabilities.topk(2).indices[1])
    window, stride = default_square(network)
    goal = class_goal(network, list(range(count)) if count <= _FEW else [own])
    cost = partial(Cost, network, network.layers[-1].name, picture)
    maps = partial(find_saliency, network, picture, own, choose_methods(network, "backward"))
    yield Plan("saliency", maps, cost=cost(_count_gradient_passes()))
    yield Plan("fool", partial(find_adversarial, network, picture, second), cost=cost(_BACKWARD * ADVERSARIAL_STEPS))
    ascent = partial(find_maximum, network, goal)
    yield Plan("maximize-class", ascent, cost=cost(_BACKWARD * goal.steps * len(goal.names)))
    slide = partial(find_occlusion, network, picture, own, window, stride)
    yield Plan("occlusion", slide, cost=cost(_count_positions(picture, stride)))


def _units(network: Network, model: str, picture: Tensor, shown: list[str]) -> Iterator[Plan]:
    """Plan what units respond to and want to see: the two deepest layers first, then the others from the deepest."""
    colored = input_kind(network.kind).colored
    count, patches = (6, 6) if colored else (8, 8)
    small = open_model(model, PHOTO_SIDE) if colored and model and network.is_chain else network
    collection = open_collection(network)
    for layer in [*shown[-2:], *shown[-3::-1]]:
        units = _strongest(network, picture, layer, count)
        batch = next(collection.batches())
        search = partial(find_patches, network, layer, units, collection, patches)
        yield Plan("patches", search, (layer,), Cost(network, layer, batch, 1.5 * len(collection) / len(batch)))
        yield _maximize_units("maximize-conv", small, layer, units)


def _maximize_units(section: str, network: Network, layer: str, units: list[int]) -> Plan:
    """Plan what units of a layer want to see."""
    if is_linear(network, layer):
        return Plan(section, partial(find_kernels, network, layer, units), (layer,))
    goal = unit_goal(network, layer, units)
    cost = Cost(network, layer, torch.zeros(len(units), *network.input_shape), _BACKWARD * goal.steps)
    return Plan(section, partial(find_maximum, network, goal), (layer,), cost)


def _strongest(network: Network, picture: Tensor, layer: str, count: int) -> list[int]:
    """Return the units of a layer that respond most to the picture: all of a page is about the same units."""
    return compute_activations(network, picture, [layer])[layer].order[:count]


def _neurons(network: Network, picture: Tensor) -> Iterator[Plan]:
    """Plan what the units of fully connected layers want to see."""
    dense = _dense(network.layers[:-1], network)
    if not dense:
        yield Plan("maximize-fc", message("it has no fully connected layer before its answers"))
    for layer in dense:
        yield _maximize_units("maximize-fc", network, layer, _strongest(network, picture, layer, 12))


def _inverses(network: Network, picture: Tensor, shown: list[str]) -> Iterator[Plan]:
    """Plan the inversion of several layers, of a smaller version of a photo."""
    dense = _dense(network.layers, network)
    colored = input_kind(network.kind).colored
    layers = [*shown, *([] if colored else dense)]
    steps = 150 if colored else 300
    small = fit(picture, PHOTO_SIDE) if colored and network.is_chain else picture
    if not layers:
        yield Plan("invert", message("it has no convolution, so no maps"))
        return
    # The deepest layer takes longest; together they take about half as long as if all were as deep.
    cost = Cost(network, layers[-1], small, _BACKWARD * steps * len(layers) / (2 if colored else 1))
    yield Plan("invert", partial(find_inverse, network, small, layers, steps), tuple(layers), cost)


def _dense(layers: Sequence[Layer], network: Network) -> list[str]:
    """Return the fully connected ones of some layers; one that is applied to each of many tokens has no units."""
    shapes = network.shapes()
    return [layer.name for layer in layers if layer.kind == "fully connected" and len(shapes[layer.name]) == 1]


def _caricatures(network: Network, picture: Tensor, shown: list[str]) -> Iterator[Plan]:
    """Plan caricatures by several layers, of a smaller version of a photo."""
    colored = input_kind(network.kind).colored
    config, small = (PHOTO, fit(picture, PHOTO_SIDE) if network.is_chain else picture) if colored else (INK, picture)
    cost = Cost(network, shown[-1], small, 2 * _BACKWARD * config.steps * len(shown) / (2 if colored else 1))
    yield Plan("caricature", partial(find_caricature, network, small, shown), tuple(shown), cost)


def _grid(network: Network, picture: Tensor, shown: list[str]) -> Plan:
    """Plan what each place of a deep layer wants to see, of a photo the last but one that is shown."""
    kind = input_kind(network.kind)
    config, layer = (grid.PHOTO, shown[-2:][0]) if kind.colored else (grid.INK, shown[-1])
    try:
        side = grid.cell_side(network, layer)
    except ArtcnnError:
        return Plan("grid", message("it takes no small pictures, one for each place"))
    places = prod(min(kind.cells, count) for count in network.shapes()[layer][1:])
    passes = _BACKWARD * config.steps * places * side**2 / picture[0, 0].numel()
    cost = Cost(network, layer, picture, passes)
    return Plan("grid", partial(find_grid, network, picture, layer, kind.cells), (layer,), cost)


def _maps(layer: Layer, following: Layer) -> list[str]:
    """Return the maps that show a convolution best: those after its ReLU, else its own and the pooled ones."""
    if following.kind == "ReLU":
        return [following.name]
    return [layer.name, *([following.name] if following.kind == "pooling" else [])]


def _check(network: Network, picture: Tensor) -> Plan:
    """Plan the sanity checks of the attribution maps, which take longest."""
    if not network.classes:
        return Plan("check", message(_NO_ANSWERS))
    passes = _STAGES * (_count_gradient_passes() + _count_positions(picture, default_square(network)[1])) + _CURVES
    cost = Cost(network, network.layers[-1].name, picture, passes)
    return Plan(
        "check", partial(find_check, network, picture, None, choose_methods(network, CHECKED_METHODS)), cost=cost
    )


def _count_gradient_passes() -> int:
    """Count the passes of all attribution methods: nearly all are SmoothGrad's and integrated gradients'."""
    return _BACKWARD * (saliency.SAMPLES + saliency.STEPS)


def _count_positions(picture: Tensor, stride: int) -> int:
    """Count the positions of the occluding square."""
    return prod(-(-side // stride) for side in picture.shape[2:])


def _choose_layers(network: Network) -> list[str]:
    """Choose the convolutions, and blocks of them, to show: all of a few, else four from shallow to deep."""
    fields = receptive_fields(network)
    named = (layer for layer in network.layers if layer.kind in ("convolution", "block"))
    names = [layer.name for layer in named if fields[layer.name]]
    return names if len(names) <= 4 else [names[part * (len(names) - 1) // 4] for part in range(1, 5)]
