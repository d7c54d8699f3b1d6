"""Joint objectives: the input that several units, or several classes, want to see together."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.inspection.goals import Variant, class_goal, unit_goal
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.maximize import ascend, to_tiles
from artcnn.inspection.progress import Progress, silent
from artcnn.reports.messages import Message, message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.combined_objectives import joint_margin_objective, weighted_sum
from artcnn.visualizers.network import Network

_TITLE = "{network}: what {objective} want to see, alone and together; below, what each gains, of what it gains alone"


@dataclass(frozen=True)
class Part:
    """One of several things to maximize.

    Attributes:
        name: LAYER:UNIT, or a class.
        weight: in the sum; negative to have less of it.
        way: how it is maximized alone.
    """

    name: str
    weight: float
    way: Variant


def unit_parts(network: Network, named: Sequence[tuple[str, int, float]]) -> list[Part]:
    """Return units, given by layer, number and weight, as parts: the first variant of each, one place of its map.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    return [
        Part(f"{layer}:{unit}", weight, next(iter(unit_goal(network, layer, [unit]).ways.values())))
        for layer, unit, weight in named
    ]


def class_parts(network: Network, named: Sequence[tuple[int, float]]) -> list[Part]:
    """Return classes, given by number and weight, as parts: how far each is above all that are not wanted."""
    wanted = [target for target, weight in named if weight > 0]
    parts = []
    for target, weight in named:
        best = [*class_goal(network, [target]).ways.values()][-1]
        objective = joint_margin_objective(network, target, [*wanted, target])
        parts.append(Part(network.classes[target], weight, replace(best, objective=objective)))
    return parts


def find_combination(
    network: Network,
    what: str,
    parts: Sequence[Part],
    steps: int | None = None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return what maximizes each part alone, and what maximizes their weighted sum.

    In the sum each part counts by what it gains over plain paper, black or gray, as a share of what it gains alone: so
    none outweighs another by its units.

    Args:
        network: which stays as it is.
        what: ``conv``, ``fc`` or ``class``.
        parts: at least two.
        steps: of each ascent.
        seed: of the start and the random transforms.
        on_progress: is told each ascent.

    Raises:
        ArtcnnError: a part is the same whatever the network sees.
    """
    config = replace(parts[-1].way.config, steps=steps or parts[-1].way.config.steps)
    images = list[Tensor]()
    for part in parts:
        on_progress(f"{part.name}: {config.steps} steps")
        images.append(ascend(network, 1, part.way, config, seed)[1])
    gains = [_gain(network, part, image) for part, image in zip(parts, images, strict=True)]
    weak = next((part.name for part, gain in zip(parts, gains, strict=True) if gain <= 0), None)
    if weak:
        raise ArtcnnError(f"{weak} gains nothing alone", hint="choose another, or allow more --steps")
    on_progress(f"together: {config.steps} steps")
    weights = [part.weight / gain for part, gain in zip(parts, gains, strict=True)]
    joint = weighted_sum([part.way.objective for part in parts], weights)
    images.append(ascend(network, 1, Variant(joint, joint, config), config, seed)[1])
    return _show(network, what, parts, images, gains, {"seed": seed, **asdict(config)})


def _show(
    network: Network,
    what: str,
    parts: Sequence[Part],
    images: Sequence[Tensor],
    gains: Sequence[float],
    chosen: Mapping[str, Any],
) -> Finding:
    """Return the images of each part and of their sum, and what each part gains in each."""
    names = [part.name for part in parts]
    rows: list[dict[str, Any]] = []
    for name, image in zip([*names, "together"], images, strict=True):
        pairs = zip(parts, gains, strict=True)
        shares = {f"share_{part.name}": _gain(network, part, image) / gain for part, gain in pairs}
        rows.append({"picture": name} | shares)
    settings = {"what": what, "units": names, "weights": [part.weight for part in parts]}
    return Finding(
        look=f"maximize-{what}",
        title=message(_TITLE, network=network.name, objective=_sum_text(parts)),
        rows=rows,
        pictures=to_tiles([_crop(image, parts) for image in images]),
        tiles=[Tile(_caption(row), number) for number, row in enumerate(rows)],
        columns=len(rows),
        arrays={"image": torch.cat([*images])},
        settings=settings | dict(chosen),
    )


def _gain(network: Network, part: Part, image: Tensor) -> float:
    """Return by how much a part's value is larger for an image than for paper: black, of a photo gray."""
    paper = torch.full_like(image, 0.5 if input_kind(network.kind).colored else 0.0)
    with torch.no_grad():
        return float(part.way.objective(image)[0] - part.way.objective(paper)[0])


def _crop(image: Tensor, parts: Sequence[Part]) -> Tensor:
    """Return what all parts together see of an image."""
    boxes = [part.way.box for part in parts if part.way.box is not None]
    if len(boxes) < len(parts):
        return image
    top, left = (min(box[axis] for box in boxes) for axis in (0, 1))
    bottom, right = (max(box[axis] for box in boxes) for axis in (2, 3))
    return image[..., top:bottom, left:right]


def _sum_text(parts: Sequence[Part]) -> str:
    texts = [part.name if part.weight == 1 else f"{part.weight:g} x {part.name}" for part in parts]
    return " + ".join(texts)


def _caption(row: Mapping[str, Any]) -> Message:
    """Return what each part gains in a picture, as a share of what it gains alone."""
    shares = {key.removeprefix("share_"): value for key, value in row.items() if key != "picture"}
    texts = [f"{name}: {100 * share:.0f} %" for name, share in shares.items()]
    return message("{picture}\n{shares}", picture=row["picture"], shares="\n".join(texts))
