"""What activation maximization maximizes, and in which variants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from artcnn.inspection.input_kinds import input_kind
from artcnn.visualizers import maximize as engine
from artcnn.visualizers.class_activation import last_map_layer
from artcnn.visualizers.combined_objectives import diverse_objective
from artcnn.visualizers.linear_units import center_box
from artcnn.visualizers.maximize import MaximizeConfig, Objective
from artcnn.visualizers.network import Network

_DIVERSITY = {True: 1.0, False: 0.3}  # by color: of what pictures have in common, as a part of their value


@dataclass(frozen=True)
class Variant:
    """One way to maximize.

    Attributes:
        objective: a value for each input, which is maximized.
        measured: a value for each input, which is reported.
        config: of the gradient ascent.
        box: top, left, bottom and right of the part that is shown; None for all.
    """

    objective: Objective
    measured: Objective
    config: MaximizeConfig
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Goal:
    """What to maximize.

    Attributes:
        what: ``conv``, ``fc`` or ``class``.
        names: of the units or classes.
        ways: the variants, by name.
        settings: for ``run.json``.
        copies: pictures of each, one behind the other, that differ.
    """

    what: str
    names: Sequence[str]
    ways: Mapping[str, Variant]
    settings: Mapping[str, Any] = field(default_factory=dict)
    copies: int = 1

    @property
    def steps(self) -> int:
        """Steps of all variants and starts together."""
        return sum(way.config.steps * len(way.config.starts) for way in self.ways.values())


def class_goal(network: Network, targets: list[int]) -> Goal:
    """Return the goal of maximizing classes, in three variants."""
    values = engine.logit_objective(network, targets)
    recipe = engine.OBJECT if input_kind(network.kind).colored else engine.DIGIT
    ways = {
        "naive": Variant(values, values, engine.NAIVE),
        "L1": Variant(values, values, engine.SPARSE),
        "best": Variant(engine.margin_objective(network, targets), values, recipe),
    }
    return Goal("class", [network.classes[target] for target in targets], ways)


def unit_goal(network: Network, layer: str, units: list[int]) -> Goal:
    """Return the goal of maximizing units of a layer, in the variants that show them best.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    network.check_units(layer, units)
    source = engine.before_relu(network, layer)
    what = "conv" if len(network.shapes()[layer]) == 3 else "fc"
    place = engine.neuron_objective(network, source, units), engine.neuron_objective(network, layer, units)
    sums = engine.channel_objective(network, source, units), engine.channel_objective(network, layer, units)
    if input_kind(network.kind).colored:
        ways = {"texture": Variant(*sums, engine.TEXTURE)}
    elif what == "conv":  # the pattern fills the receptive field, so an L1 penalty would not help
        ways = {
            "place": Variant(*place, engine.PATTERN, center_box(network, source)),
            "map": Variant(*sums, engine.PATTERN),
        }
    else:
        ways = {"best": Variant(*place, engine.DIGIT)}
    return Goal(what, [f"{layer}:{unit}" for unit in units], ways, {"objective": source})


def diverse_goal(network: Network, goal: Goal, copies: int) -> Goal:
    """Return the goal of several pictures of each unit or class that differ, in its last variant.

    They are compared in the layer itself where it has maps, else in the last that has any: all of both are positive.

    Args:
        network: the network.
        goal: whose names and objectives have each unit so many times in a row.
        copies: pictures of each.

    Raises:
        ArtcnnError: the network has no maps.
    """
    (name, way), layer = [*goal.ways.items()][-1], goal.settings.get("objective", "")
    weight = _DIVERSITY[input_kind(network.kind).colored]
    compared = layer if goal.what == "conv" else last_map_layer(network)
    objective = diverse_objective(
        way.objective, lambda inputs: network.run(inputs, [compared])[compared], copies, weight
    )
    config = replace(way.config, starts=("noise",) if len(way.config.starts) > 1 else way.config.starts)
    settings = {**goal.settings, "copies": copies, "compared": compared, "diversity": weight}
    return replace(goal, ways={name: Variant(objective, way.measured, config)}, settings=settings, copies=copies)
