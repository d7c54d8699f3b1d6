"""Attribution maps by the names of their methods: which there are for a network, what each says, where it lies."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from artcnn.errors import ArtcnnError
from artcnn.image import Size, size_of
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.options import CAM_METHODS, METHOD_GROUPS, SALIENCY_METHODS
from artcnn.inspection.progress import Counter, Progress, silent
from artcnn.reports.messages import Message, message
from artcnn.visualizers.class_activation import activation_layer, last_map_layer, resample_maps
from artcnn.visualizers.network import Network
from artcnn.visualizers.relevance import EPSILON, propagate_relevance, unknown_operation
from artcnn.visualizers.relevance_rules import EpsilonRule, PositiveRule, Rule
from artcnn.visualizers.rise import rise
from artcnn.visualizers.saliency import METHODS, difference_from_black

SIGNED = "integrated", "lrp-epsilon"
"""What they find speaks for an answer or against it."""

_RULES: dict[str, Rule] = {"lrp-epsilon": EpsilonRule(EPSILON), "lrp-zplus": PositiveRule()}


@dataclass(frozen=True)
class AttributionSettings:
    """What some of the methods can be told.

    Attributes:
        layer: whose maps the class activation methods weigh; by default one of each method's own.
        masks: RISE's; by default as many as the kind of input needs.
        seed: of the masks.
    """

    layer: str | None = None
    masks: int | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method says of a picture.

    Attributes:
        method: its name.
        values: of each pixel, shape (H, W), or of each place of a layer, (h, w).
        layer: which layer; empty for pixels.
        facts: more numbers, by the name of their column in the table.
        caption: below the map.
    """

    method: str
    values: Tensor
    layer: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    caption: Message | None = None

    def over(self, network: Network, picture: Size, size: Size) -> Tensor:
        """Return the map over a picture of one size that is drawn at another: shape (1, 1, *size)."""
        if self.layer:
            return resample_maps(network, self.layer, self.values[None, None], picture, size)
        return F.interpolate(self.values[None, None], size, mode="nearest")


def obstacles(network: Network, methods: Collection[str] = SALIENCY_METHODS) -> dict[str, str]:
    """Return which of some methods there are not for a network, and why."""
    found: dict[str, str] = {}
    if not network.map_layers():
        found |= dict.fromkeys(CAM_METHODS, f"{network.name} has no convolution, so no maps to weigh")
    if _RULES.keys() & set(methods) and (unknown := unknown_operation(network)):
        found |= dict.fromkeys(_RULES, f"{network.name} computes {unknown}, for which LRP has no rule")
    if why := input_kind(network.kind).no_masks:
        found |= dict.fromkeys(METHOD_GROUPS["masks"], why)
    return found


def choose_methods(network: Network, name: str, on_progress: Progress = silent) -> tuple[str, ...]:
    """Return the methods that names and groups, with commas, stand for, if they exist for a network; say which do not.

    Raises:
        ArtcnnError: there is none of them.
    """
    named = [METHOD_GROUPS.get(part, (part,)) for part in name.split(",")]
    wanted = list(dict.fromkeys(method for group in named for method in group))
    missing = obstacles(network, wanted)
    chosen = tuple(method for method in wanted if method not in missing)
    if not chosen:
        others = [method for method in SALIENCY_METHODS if method not in obstacles(network)]
        raise ArtcnnError(f"{name}: {missing[wanted[0]]}", hint=f"use {', '.join(others)}")
    for why in dict.fromkeys(missing[method] for method in wanted if method in missing):
        on_progress(f"left out: {', '.join(each for each in wanted if missing.get(each) == why)}: {why}")
    return chosen


def attribute(
    network: Network,
    picture: Tensor,
    target: int,
    method: str,
    settings: AttributionSettings = AttributionSettings(),
    on_progress: Progress = silent,
) -> Attribution:
    """Return what a method says of a picture, shape (1, C, H, W) in [0, 1], and the class of a number.

    Raises:
        ArtcnnError: there is no such method for the network, or no such layer.
    """
    if method in _RULES:
        found = propagate_relevance(network, picture, target, _RULES[method])
        total = float(found.map.double().sum())
        says = "{method}: keeps\n{sum:.4g} of y = {output:.4g}"
        caption = message(says, method=method, sum=total, output=found.output)
        return Attribution(method, found.map, facts={"output": found.output}, caption=caption)
    if method == "integrated":
        values = METHODS[method](network, picture, target)
        total, change = float(values.double().sum()), difference_from_black(network, picture, target)
        caption = message("{method}: adds up to\n{sum:.4g} of {change:.4g}", method=method, sum=total, change=change)
        return Attribution(method, values, facts={"change": change, "gap": total - change}, caption=caption)
    if method == "rise":
        return _rise(network, picture, target, settings, on_progress)
    if method in CAM_METHODS:
        return _weigh_maps(network, picture, target, method, settings, on_progress)
    return Attribution(method, METHODS[method](network, picture, target))


def _weigh_maps(
    network: Network, picture: Tensor, target: int, method: str, settings: AttributionSettings, on_progress: Progress
) -> Attribution:
    own = last_map_layer if method == "gradcam" else activation_layer
    layer, more = settings.layer or own(network), dict[str, Any]()
    if method == "scorecam":
        more["background"] = input_kind(network.kind).fill_background(picture)
        more["on_batch"] = Counter(f"{method}: {{}} of {{}} maps", on_progress)
    values = METHODS[method](network, picture, target, name=layer, **more)
    usual = method == "gradcam" and network.is_chain and not settings.layer
    caption = message("{method}" if usual else "{method} of {layer}", method=method, layer=layer)
    return Attribution(method, values, layer, caption=caption)


def _rise(
    network: Network, picture: Tensor, target: int, settings: AttributionSettings, on_progress: Progress
) -> Attribution:
    kind, count = input_kind(network.kind), Counter("rise: {} of {} masks", on_progress)
    hidden = kind.fill_background(picture)
    for estimate in rise(network, picture, target, hidden, settings.masks or kind.masks, settings.seed):
        count(estimate.done, estimate.total)
    error = float(estimate.error.mean())
    says = "{method}: p while seen,\neach value ± {error:.2g}"
    caption = message(says, method="rise", error=error)
    return Attribution("rise", estimate.map, facts={"mean": estimate.mean, "error": error}, caption=caption)


def importance(network: Network, picture: Tensor, found: Attribution) -> Tensor:
    """Return how much each pixel matters, without its sign: shape (H, W)."""
    size = size_of(picture)
    return found.over(network, size, size)[0, 0].abs()
