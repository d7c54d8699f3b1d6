"""``artcnn inspect maximize``: the input that a unit or an answer wants to see."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.goals import Goal, Way, answers, units_goal
from artcnn.cli.inspect.kernels import find_kernels
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out, class_of, units_of
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.reports.messages import Phrase
    from artcnn.reports.results import Finding
    from artcnn.visualizers.maximize import MaximizeConfig
    from artcnn.visualizers.network import Network

PHOTO_SIDE = 128
"""Pixels of the picture that a unit of a photographs' network wants to see."""

_MOST = 40  # classes on one sheet

_WHATS = {"conv": "conv2:7", "fc": "fc1:0-11", "class": "3"}
_BESIDE = 222, 230, 242  # a color that no picture in grey has, where a tile is not filled
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


def maximize(
    what: Annotated[str, typer.Argument(metavar="conv|fc|class", help="What is to be large.")],
    which: Annotated[
        str | None, typer.Argument(metavar="LAYER[:UNIT]|CLASS|all", help="Such as conv2:7, fc1:0-11, 5, all.")
    ] = None,
    model: ModelName = "mnist-lecture",
    steps: Annotated[int | None, typer.Option(min=1, max=10_000, help="Steps of the ascent.")] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the start and the random moves.")] = 0,
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Change the input, not the network, until a unit or an answer is as large as it gets.

    Of an answer three are made: naive (static that fools the network), with L1 (ink is dear), and the best recipe.
    """
    if what not in _WHATS:
        meant = f"class {what}" if what == "all" or what.isdigit() else f"conv {what}" if which is None else ""
        says = (
            f"did you mean 'maximize {meant}'?" if meant else "maximize conv LAYER:UNIT, fc LAYER:UNIT, or class NAME"
        )
        raise ArtcnnError(f"'{what}': {says}")
    if which is None:
        raise ArtcnnError(f"maximize {what}: which? As in 'maximize {what} {_WHATS[what]}'")
    answer, units_named = (None if which == "all" else which, []) if what == "class" else (None, [which])
    look = Look("maximize", model, side=PHOTO_SIDE, target=answer, units=units_named)
    from artcnn.visualizers.linear_units import is_linear

    network = look.network
    if what == "class":
        everything = which == "all" and network.classes
        if everything and len(network.classes) > _MOST:
            raise ArtcnnError(f"{network.name} has too many classes for a sheet: name one, as '{network.classes[0]}'")
        goal = answers(network, list(range(len(network.classes))) if everything else [class_of(network, which)])
    else:
        layer, units = units_of(network, which, default=12)
        goal = units_goal(network, layer, units)
        if goal.what != what:
            maps = "maps" if goal.what == "conv" else "no maps"
            raise ArtcnnError(f"{layer} has {maps}: use 'inspect maximize {goal.what} {which}'")
    look.go_to(out, which.replace(":", "-"))
    if what == "class" or not is_linear(network, layer):
        finding = find_maximum(network, goal, steps, seed, quiet)
    else:
        finding = find_kernels(network, layer, units)
    path = look.write(finding, html)
    if not quiet:
        typer.echo(path)


def find_maximum(
    network: "Network", goal: Goal, steps: int | None = None, seed: int = 0, quiet: bool = False
) -> "Finding":
    """Return the inputs that make each of a goal's values large, in each of its ways.

    Args:
        network: which stays as it is.
        goal: what is to be large.
        steps: of the ascent, instead of the way's own number.
        seed: of the start and the random moves.
        quiet: say nothing of it on stderr.
    """
    from dataclasses import asdict, replace

    import torch

    from artcnn.reports.messages import NOTHING, phrase
    from artcnn.reports.results import Finding, Tile

    images: dict[str, Tensor] = {}
    rows: list[dict[str, Any]] = []
    tiles, configs = [], {}
    alone = len(goal.names) == 1  # its ways stand side by side; else each way has a line
    for name, way in goal.ways.items():
        config = replace(way.config, steps=steps or way.config.steps)
        if not quiet:
            starts = f" from {', '.join(config.starts)}" if len(config.starts) > 1 else ""
            typer.echo(f"{name}: {config.steps} steps for {len(goal.names)} inputs{starts}", err=True)
        before, after = _ascend(network, len(goal.names), way, config, seed)
        images[name], configs[name] = _part(after, way), asdict(config)
        for row in _rows(network, goal, name, before, after):
            unit = "" if goal.what == "class" else row["unit"]
            under = NOTHING if alone else phrase(_WAYS[name], steps=config.steps)
            tiles.append(
                Tile(_caption(row, alone and len(goal.ways) > 1, network.input_shape[0] == 3), len(rows), unit, under)
            )
            rows.append(row)
    first, *others = images.values()
    every = [first, *others] if all(other.shape == first.shape for other in others) else []
    fields = {"network": network.name, "layer": goal.names[0].rpartition(":")[0], "answer": goal.names[0]}
    title = phrase(_UNITS if goal.what != "class" else _ANSWER if alone else _ANSWERS, **fields)
    arrays = {f"image_{way}": image for way, image in images.items()}
    arrays |= {"image": torch.cat(every)} if every else {}
    settings = {"what": goal.what, "units": list(goal.names), "seed": seed, "ways": configs, **goal.settings}
    columns = len(goal.ways) if alone else len(goal.names) if goal.what == "class" else min(6, len(goal.names))
    pictures = _shown(list(images.values()))
    return Finding(f"maximize-{goal.what}", title, rows, pictures, tiles, columns, 1, arrays, settings)


def _shown(images: "list[Tensor]") -> "Tensor":
    """Return pictures as bytes, each enlarged, hard-edged, to the size of the largest or to that of a tile."""
    import torch
    from torch.nn import functional as F

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


def _part(inputs: "Tensor", way: Way) -> "Tensor":
    if way.box is None:
        return inputs
    top, left, bottom, right = way.box
    return inputs[..., top:bottom, left:right]


def _caption(row: Mapping[str, Any], by_way: bool, colored: bool) -> "Phrase":
    """Return what stands below a picture: what it is, how large its value got, and what is special."""
    from artcnn.reports.messages import phrase

    name = "{way}" if by_way else "{unit}"
    if "probability_after" in row:
        ink = "light" if colored else "ink"
        says = name + ": y = {value_after:.3g}\np = {probability_after:.3f}, " + ink + " {ink_percent:.0f} %"
    elif row["dead"]:
        says = name + ": dead\n{value_after:.3g} whatever it sees"
    elif row["uniform"]:
        says = name + ": {value_after:.3g}\n" + ("{uniform} is its best" if row["best_known"] else "stayed {uniform}")
    else:
        says = name + ": {value_after:.3g}"
    return phrase(says, **row)


def _ascend(network: "Network", count: int, way: Way, config: "MaximizeConfig", seed: int) -> "tuple[Tensor, Tensor]":
    """Return the inputs at the start and at the end of an ascent, each input's best of those from all starts."""
    import torch

    from artcnn.visualizers.maximize import FourierImage, PixelImage, maximize

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


def _rows(network: "Network", goal: Goal, name: str, before: "Tensor", after: "Tensor") -> list[dict[str, Any]]:
    """Return a line for each input: its value, its ink and an answer's probability, before and after."""
    import torch

    way = goal.ways[name]
    with torch.no_grad():
        measured = [_measure(network, goal, way, inputs) for inputs in (before, after)]
    found = [{}] * len(after) if goal.what == "class" else _special(way, before, after)
    return [
        {"unit": unit, "way": name}
        | {
            f"{key}_{when}": float(value[number])
            for when, measure in zip(("before", "after"), measured, strict=True)
            for key, value in measure.items()
        }
        | {"ink_percent": 100 * float(_part(after, way)[number].mean())}
        | found[number]
        for number, unit in enumerate(goal.names)
    ]


def _special(way: Way, before: "Tensor", after: "Tensor") -> list[dict[str, Any]]:
    """Return of each input whether its unit is dead, whether it is uniform, and whether plain ones are no better."""
    import torch

    noise = torch.rand(after.shape, generator=torch.Generator().manual_seed(0))
    every = after, before, torch.zeros_like(after), torch.ones_like(after), noise
    with torch.no_grad():
        known = torch.stack([way.measured(inputs) for inputs in every])
    rows = []
    for values, shown in zip(known.T, _part(after, way), strict=True):
        mean, even = float(shown.mean()), float(shown.std()) < 1e-3
        row: dict[str, Any] = {"dead": float(values.max() - values.min()) <= 1e-6 * float(values.abs().max())}
        row["uniform"] = "" if not even else "black" if mean < 0.01 else "white" if mean > 0.99 else "grey"
        rows.append(row | {"best_known": bool(values[0] >= values.max())})
    return rows


def _measure(network: "Network", goal: Goal, way: Way, inputs: "Tensor") -> "dict[str, Tensor]":
    found = {"value": way.measured(inputs), "ink": _part(inputs, way).sum((1, 2, 3))}
    if goal.what == "class":
        numbers = [network.classes.index(name) for name in goal.names]
        found["probability"] = network.logits(inputs).softmax(1)[range(len(numbers)), numbers]
    return found
