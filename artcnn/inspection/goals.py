"""What activation maximization maximizes, and in which variants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from artcnn.inspection.input_kinds import input_kind
from artcnn.visualizers import maximize as engine
from artcnn.visualizers.linear_units import center_box
from artcnn.visualizers.maximize import MaximizeConfig, Objective
from artcnn.visualizers.network import Network


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
    """

    what: str
    names: Sequence[str]
    ways: Mapping[str, Variant]
    settings: Mapping[str, Any] = field(default_factory=dict)

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
