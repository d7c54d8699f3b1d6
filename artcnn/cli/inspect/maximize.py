"""``artcnn inspect maximize``: the input that a unit or an answer wants to see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out, class_of, units_of
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.maximize import Manner, Values
    from artcnn.inspect.network import Network
    from artcnn.media.findings import Finding

PHOTO_SIDE = 128
"""Pixels of the picture that a unit of a photographs' network wants to see."""

_MOST = 40  # classes on one sheet

_WAYS = {
    "naive": "Naive: nothing but the gradient",
    "L1": "With L1: ink is dear",
    "best": "The best recipe",
    "texture": "As textures",
}

_TITLES = {
    "conv": "{network}: what units of {layer} want to see; below each, how large its value got",
    "fc": "{network}: what units of {layer} want to see; below each, how large its value got",
    "class": "{network}: naive, with L1, and the best recipe; below each, how large its value got",
    "one": "{network}, {answer}: naive, with L1, and the best recipe; below each, how large its value got",
}


def maximize(
    what: Annotated[str, typer.Argument(metavar="conv|fc|class", help="What is to be large.")],
    which: Annotated[str, typer.Argument(metavar="LAYER[:UNIT]|CLASS|all", help="Such as conv2:7, fc1:0-11, 5, all.")],
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
    if what not in ("conv", "fc", "class"):
        raise ArtcnnError(f"'{what}': maximize conv LAYER:UNIT, fc LAYER:UNIT, or class NAME")
    look = Look("maximize", model, side=PHOTO_SIDE)
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
            raise ArtcnnError(f"{layer} is {network.layer(layer).kind}: use 'inspect maximize {goal.what} {which}'")
    look.go_to(out, which.replace(":", "-"))
    path = look.write(find_maximum(network, goal, steps, seed, quiet), html)
    if not quiet:
        typer.echo(path)


@dataclass(frozen=True)
class Goal:
    """What is to be large.

    Attributes:
        what: ``conv``, ``fc`` or ``class``.
        names: of the units or answers.
        values: theirs, of an input each.
        ways: what each way makes large, and how.
    """

    what: str
    names: Sequence[str]
    values: "Values"
    ways: "Mapping[str, tuple[Values, Manner]]"


def answers(network: "Network", targets: list[int]) -> Goal:
    """Return the goal of making answers large, in three ways."""
    from artcnn.inspect import maximize as engine

    values = engine.class_values(network, targets)
    ways = {
        "naive": (values, engine.NAIVE),
        "L1": (values, engine.SPARSE),
        "best": (
            engine.margin_values(network, targets),
            engine.DIGIT if network.input_shape[0] == 1 else engine.OBJECT,
        ),
    }
    return Goal("class", [network.classes[target] for target in targets], values, ways)


def units_goal(network: "Network", layer: str, units: list[int]) -> Goal:
    """Return the goal of making units of a layer large, in the way that shows them best.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    from artcnn.inspect import maximize as engine

    values = engine.unit_values(network, layer, units)
    what = "conv" if len(network.shapes()[layer]) == 3 else "fc"
    if network.input_shape[0] != 1:
        ways = {"texture": (values, engine.TEXTURE)}
    elif what == "conv":
        ways = {"naive": (values, engine.NAIVE)}  # a filter's pattern covers all: there is no ink to save
    else:
        ways = {"best": (values, engine.DIGIT)}
    return Goal(what, [f"{layer}:{unit}" for unit in units], values, ways)


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
    from torch.nn import functional as F

    from artcnn.media.findings import Finding, Tile
    from artcnn.media.phrase import NOTHING, phrase

    images: dict[str, Tensor] = {}
    rows: list[dict[str, Any]] = []
    tiles, manners = [], {}
    alone = len(goal.names) == 1  # its ways stand side by side; else each way has a line
    for way, (objective, own) in goal.ways.items():
        manner = replace(own, steps=steps or own.steps)
        if not quiet:
            typer.echo(f"{way}: {manner.steps} steps for {len(goal.names)} inputs", err=True)
        before, after = _ascend(network, len(goal.names), objective, manner, seed)
        images[way], manners[way] = after, asdict(manner)
        for row, image in zip(_rows(network, goal, way, before, after), after, strict=True):
            row["flat"] = float(image.std()) < 1e-3
            says = "{unit} flat" if row["flat"] else "{way}: {value:.3g}" if alone else "{unit}: {value:.3g}"
            caption = phrase(says, unit=row["unit"], way=way, value=row["value_after"])
            unit = "" if goal.what == "class" else row["unit"]
            tiles.append(Tile(caption, len(rows), unit, NOTHING if alone else phrase(_WAYS[way])))
            rows.append(row)
    every = torch.cat(list(images.values()))
    scale = max(1, 84 // every.shape[3])
    shown = F.interpolate(every, scale_factor=scale, mode="nearest") if scale > 1 else every
    columns = len(images) if alone else len(goal.names) if len(images) > 1 else min(6, len(goal.names))
    if goal.what == "class":
        named = len(goal.names) == 1  # else each stands below its own
        title = phrase(_TITLES["one" if named else "class"], network=network.name, answer=goal.names[0])
    else:
        title = phrase(_TITLES[goal.what], network=network.name, layer=goal.names[0].rpartition(":")[0])
    arrays = {"image": every} | {f"image_{way}": image for way, image in images.items()}
    settings = {"what": goal.what, "units": list(goal.names), "seed": seed, "ways": manners}
    pictures = shown.mul(255).round().byte()
    return Finding(f"maximize-{goal.what}", title, rows, pictures, tiles, columns, 1, arrays, settings)


def _ascend(
    network: "Network", count: int, objective: "Values", manner: "Manner", seed: int
) -> "tuple[Tensor, Tensor]":
    """Return the inputs at the start and at the end of an ascent."""
    from artcnn.inspect.maximize import Fourier, Pixels, maximize

    shape = (count, *network.input_shape)
    picture = Fourier(shape, seed, manner.decay) if manner.spectrum else Pixels(shape, seed)
    moments = maximize(picture, objective, manner, seed)
    before = after = next(moments).inputs
    for moment in moments:
        after = moment.inputs
    return before, after


def _rows(network: "Network", goal: Goal, way: str, before: "Tensor", after: "Tensor") -> list[dict[str, Any]]:
    """Return a line for each input: its value, its ink and an answer's probability, before and after."""
    import torch

    with torch.no_grad():
        measured = [_measure(network, goal, inputs) for inputs in (before, after)]
    return [
        {"unit": name, "way": way}
        | {
            f"{key}_{when}": float(value[number])
            for when, measure in zip(("before", "after"), measured, strict=True)
            for key, value in measure.items()
        }
        for number, name in enumerate(goal.names)
    ]


def _measure(network: "Network", goal: Goal, inputs: "Tensor") -> "dict[str, Tensor]":
    found = {"value": goal.values(inputs), "ink": inputs.sum((1, 2, 3))}
    if goal.what == "class":
        numbers = [network.classes.index(name) for name in goal.names]
        found["probability"] = network.logits(inputs).softmax(1)[range(len(numbers)), numbers]
    return found
