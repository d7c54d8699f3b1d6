"""What ``artcnn inspect maximize`` makes large, and in which ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from artcnn.inspection.input_kinds import input_kind
from artcnn.visualizers import maximize as engine
from artcnn.visualizers.linear_units import center_box
from artcnn.visualizers.maximize import MaximizeConfig, Objective
from artcnn.visualizers.network import Network


@dataclass(frozen=True)
class Way:
    """One way to a goal.

    Attributes:
        objective: what is made large, of an input each.
        measured: what is told of the result, of an input each.
        config: how the ascent goes.
        box: top, left, bottom and right of what is shown, where that is not all.
    """

    objective: Objective
    measured: Objective
    config: MaximizeConfig
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Goal:
    """What is to be large.

    Attributes:
        what: ``conv``, ``fc`` or ``class``.
        names: of the units or answers.
        ways: there, by name.
        settings: more of how.
    """

    what: str
    names: Sequence[str]
    ways: Mapping[str, Way]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """Of all ascents of all ways."""
        return sum(way.config.steps * len(way.config.starts) for way in self.ways.values())


def answers(network: Network, targets: list[int]) -> Goal:
    """Return the goal of making answers large, in three ways."""
    values = engine.logit_objective(network, targets)
    recipe = engine.OBJECT if input_kind(network.kind).colored else engine.DIGIT
    ways = {
        "naive": Way(values, values, engine.NAIVE),
        "L1": Way(values, values, engine.SPARSE),
        "best": Way(engine.margin_objective(network, targets), values, recipe),
    }
    return Goal("class", [network.classes[target] for target in targets], ways)


def units_goal(network: Network, layer: str, units: list[int]) -> Goal:
    """Return the goal of making units of a layer large, in the ways that show them best.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    network.check_units(layer, units)
    source = engine.before_relu(network, layer)
    what = "conv" if len(network.shapes()[layer]) == 3 else "fc"
    place = engine.neuron_objective(network, source, units), engine.neuron_objective(network, layer, units)
    sums = engine.channel_objective(network, source, units), engine.channel_objective(network, layer, units)
    if input_kind(network.kind).colored:
        ways = {"texture": Way(*sums, engine.TEXTURE)}
    elif what == "conv":  # a pattern covers all of what it sees: there is no ink to save
        ways = {"place": Way(*place, engine.PATTERN, center_box(network, source)), "map": Way(*sums, engine.PATTERN)}
    else:
        ways = {"best": Way(*place, engine.DIGIT)}
    return Goal(what, [f"{layer}:{unit}" for unit in units], ways, {"objective": source})
