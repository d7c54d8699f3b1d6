"""Activation maximization: the input that a unit or an answer wants to see."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.inspection.goals import Goal, Variant
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.progress import Progress, silent
from artcnn.reports.messages import EMPTY_MESSAGE, Message, message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.maximize import FourierImage, MaximizeConfig, PixelImage, maximize
from artcnn.visualizers.network import Network

_BESIDE = 222, 230, 242  # a color that no gray picture has, for the part of a tile that is not filled
_TILE = 112  # pixels of a small network's picture on the sheet, about
_WAYS = {
    "naive": "Naive: nothing but the gradient, {steps} steps",
    "L1": "With L1: the same, but ink is dear, {steps} steps",
    "best": "The best recipe, {steps} steps",
    "texture": "As textures, {steps} steps",
    "place": "One place of each map, and the part of the picture that it sees, {steps} steps",
    "map": "Each whole map: the sum over all its places, {steps} steps",
}


_UNITS = "{network}: what units of {layer} want to see; below each, how large its value got"
_ANSWERS = "{network}: what answers want to see; below each, its output y, its p, and how much is ink, or light"
_ANSWER = "{network}, {answer}: what it wants to see; below each, its output y, its p, and how much is ink, or light"


def find_maximum(
    network: Network, goal: Goal, steps: int | None = None, seed: int = 0, on_progress: Progress = silent
) -> Finding:
    """Return the inputs that maximize each of a goal's objectives, in each of its variants.

    Args:
        network: which stays as it is.
        goal: what to maximize.
        steps: of the ascent, instead of the variant's own number.
        seed: of the start and the random transforms.
        on_progress: is told each way and its steps.
    """
    images: dict[str, Tensor] = {}
    rows, tiles, configs = list[dict[str, Any]](), list[Tile](), {}
    alone = len(goal.names) == 1  # its variants stand side by side; else each variant has a line
    for name, way in goal.ways.items():
        config = replace(way.config, steps=steps or way.config.steps)
        starts = f" from {', '.join(config.starts)}" if len(config.starts) > 1 else ""
        on_progress(f"{name}: {config.steps} steps for {len(goal.names)} inputs{starts}")
        before, after = ascend(network, len(goal.names), way, config, seed)
        images[name], configs[name] = _crop(after, way), asdict(config)
        group = EMPTY_MESSAGE if alone else message(_WAYS[name], steps=config.steps)
        for row in _rows(network, goal, name, before, after):
            caption = _caption(row, alone and len(goal.ways) > 1, input_kind(network.kind).brightness)
            tiles.append(Tile(caption, len(rows), "" if goal.what == "class" else row["unit"], group))
            rows.append(row)
    return Finding(
        look=f"maximize-{goal.what}",
        title=_title(network, goal),
        rows=rows,
        pictures=to_tiles(list(images.values())),
        tiles=tiles,
        columns=_columns(goal),
        arrays=_arrays(images),
        settings={"what": goal.what, "units": list(goal.names), "seed": seed, "ways": configs, **goal.settings},
    )


def _columns(goal: Goal) -> int:
    """Return how many pictures stand side by side: the variants of one, copies, or all classes."""
    if goal.copies > 1:
        return goal.copies
    if len(goal.names) == 1:
        return len(goal.ways)
    return len(goal.names) if goal.what == "class" else min(6, len(goal.names))


def _title(network: Network, goal: Goal) -> Message:
    layer, answer = goal.names[0].rpartition(":")[0], goal.names[0]
    template = _UNITS if goal.what != "class" else _ANSWER if len(goal.names) == 1 else _ANSWERS
    return message(template, network=network.name, layer=layer, answer=answer)


def _arrays(images: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the inputs of each variant by name, and all together if they have one size."""
    arrays = {f"image_{way}": image for way, image in images.items()}
    first, *others = images.values()
    if all(other.shape == first.shape for other in others):
        arrays["image"] = torch.cat([first, *others])
    return arrays


def to_tiles(images: list[Tensor]) -> Tensor:
    """Return pictures as bytes, each enlarged, hard-edged, to the size of the largest or to that of a tile."""
    height, width = (max(image.shape[side] for image in images) for side in (2, 3))
    scale = max(1, round(_TILE / height))
    pictures = []
    for image in images:
        own = min(height * scale / image.shape[2], width * scale / image.shape[3])
        size = round(image.shape[2] * own), round(image.shape[3] * own)
        larger = F.interpolate(image, size, mode="nearest").mul(255).round().byte()
        paper = torch.tensor(_BESIDE, dtype=torch.uint8)[:, None, None].expand(len(image), 3, height * scale, -1)
        paper = paper.repeat(1, 1, 1, width * scale)
        paper[..., : size[0], : size[1]] = larger
        pictures.append(paper)
    return torch.cat(pictures)


def _crop(inputs: Tensor, way: Variant) -> Tensor:
    if way.box is None:
        return inputs
    top, left, bottom, right = way.box
    return inputs[..., top:bottom, left:right]


def _caption(row: Mapping[str, Any], by_way: bool, brightness: str) -> Message:
    """Return the caption of a picture: its unit, the value reached, and anything special."""
    name = "{way}" if by_way else "{unit}"
    if "probability_after" in row:
        says = name + ": y = {value_after:.3g}\np = {probability_after:.3f}, " + brightness + " {ink_percent:.0f} %"
    elif row["dead"]:
        says = name + ": dead\n{value_after:.3g} whatever it sees"
    elif row["uniform"]:
        says = name + ": {value_after:.3g}\n" + ("{uniform} is its best" if row["best_known"] else "stayed {uniform}")
    else:
        says = name + ": {value_after:.3g}"
    return message(says, **row)


def ascend(network: Network, count: int, way: Variant, config: MaximizeConfig, seed: int) -> tuple[Tensor, Tensor]:
    """Return the inputs at the start and at the end of an ascent; of several starts, the best for each input."""
    shape = (count, *network.input_shape)
    begun, ended, values = [], [], []
    for start in config.starts:
        picture = FourierImage(shape, seed, config.decay) if config.fourier else PixelImage(shape, seed, start)
        ascent = maximize(picture, way.objective, config, seed)
        first = last = next(ascent)
        for step in ascent:
            last = step
        begun.append(first.inputs)
        ended.append(last.inputs)
        values.append(last.values)
    best, each = torch.stack(values).argmax(0), torch.arange(count)
    return torch.stack(begun)[best, each], torch.stack(ended)[best, each]


def _rows(network: Network, goal: Goal, name: str, before: Tensor, after: Tensor) -> list[dict[str, Any]]:
    """Return a line for each input: its value, its ink and an answer's probability, before and after."""
    way = goal.ways[name]
    with torch.no_grad():
        measured = [_measure(network, goal, way, inputs) for inputs in (before, after)]
    found = [{}] * len(after) if goal.what == "class" else _describe_units(way, before, after)
    return [
        {"unit": unit, "way": name}
        | {
            f"{key}_{when}": float(value[number])
            for when, measure in zip(("before", "after"), measured, strict=True)
            for key, value in measure.items()
        }
        | {"ink_percent": 100 * float(_crop(after, way)[number].mean())}
        | found[number]
        for number, unit in enumerate(goal.names)
    ]


def _describe_units(way: Variant, before: Tensor, after: Tensor) -> list[dict[str, Any]]:
    """Return for each input whether its unit is dead, whether it is uniform, and whether nothing plain is better."""
    noise = torch.rand(after.shape, generator=torch.Generator().manual_seed(0))
    every = after, before, torch.zeros_like(after), torch.ones_like(after), noise
    with torch.no_grad():
        known = torch.stack([way.measured(inputs) for inputs in every])
    rows = []
    for values, shown in zip(known.T, _crop(after, way), strict=True):
        mean, even = float(shown.mean()), float(shown.std()) < 1e-3
        row: dict[str, Any] = {"dead": float(values.max() - values.min()) <= 1e-6 * float(values.abs().max())}
        row["uniform"] = "" if not even else "black" if mean < 0.01 else "white" if mean > 0.99 else "gray"
        rows.append(row | {"best_known": bool(values[0] >= values.max())})
    return rows


def _measure(network: Network, goal: Goal, way: Variant, inputs: Tensor) -> dict[str, Tensor]:
    found = {"value": way.measured(inputs), "ink": _crop(inputs, way).sum((1, 2, 3))}
    if goal.what == "class":
        numbers = [network.classes.index(name) for name in goal.names]
        found["probability"] = network.logits(inputs).softmax(1)[range(len(numbers)), numbers]
    return found
