"""``artcnn inspect maximize``: the input that a unit or an answer wants to see."""

from pathlib import Path
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

_PHOTO_SIDE = 128


def maximize(
    what: Annotated[str, typer.Argument(metavar="conv|fc|class", help="What is to be large.")],
    which: Annotated[str, typer.Argument(metavar="LAYER[:UNIT]|CLASS|all", help="Such as conv2:7, fc1:0-11, 5, all.")],
    model: ModelName = "mnist-lecture",
    steps: Annotated[int | None, typer.Option(min=1, max=10_000, help="Steps of the ascent.")] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the start and the random moves.")] = 0,
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Change the input, not the network, until a unit or an answer is as large as it gets.

    Of an answer three are made: naive (static that fools the network), with L1 (ink is dear), and the best recipe.
    """
    if what not in ("conv", "fc", "class"):
        raise ArtcnnError(f"'{what}': maximize conv LAYER:UNIT, fc LAYER:UNIT, or class NAME")
    look = Look("maximize", model, side=_PHOTO_SIDE)
    network = look.network
    from artcnn.inspect import maximize as engine

    if what == "class":
        everything = which == "all" and network.classes
        targets = list(range(len(network.classes))) if everything else [class_of(network, which)]
        names = [network.classes[target] for target in targets]
        values = engine.class_values(network, targets)
        ways: dict[str, tuple[Values, Manner]] = {
            "naive": (values, engine.NAIVE),
            "L1": (values, engine.SPARSE),
            "best": (engine.margin_values(network, targets), engine.DIGIT),
        }
    else:
        layer, units = units_of(network, which, default=12)
        fitting = "conv" if len(network.shapes()[layer]) == 3 else "fc"
        if what != fitting:
            raise ArtcnnError(f"{layer} is {network.layer(layer).kind}: use 'inspect maximize {fitting} {which}'")
        names = [f"{layer}:{unit}" for unit in units]
        values = engine.unit_values(network, layer, units)
        if network.input_shape[0] != 1:
            ways = {"texture": (values, engine.TEXTURE)}
        elif what == "conv":
            ways = {"naive": (values, engine.NAIVE)}  # a filter's pattern covers all: there is no ink to save
        else:
            ways = {"best": (values, engine.DIGIT)}
    look.go_to(out, which.replace(":", "-"))
    found = _Found(network, names, values)
    for name, (objective, manner) in ways.items():
        found.ascend(name, objective, manner, steps, seed, quiet)
    path = found.write(look, what=what, which=which, seed=seed)
    if not quiet:
        typer.echo(path)


class _Found:
    """What came of each way, for all units or answers."""

    def __init__(self, network: "Network", names: list[str], values: "Values") -> None:
        self._network, self._names, self._values = network, names, values
        self._images: dict[str, Tensor] = {}
        self._rows: list[dict[str, Any]] = []
        self._manners: dict[str, Any] = {}

    def ascend(
        self, way: str, objective: "Values", manner: "Manner", steps: int | None, seed: int, quiet: bool
    ) -> None:
        from dataclasses import asdict, replace

        import torch

        from artcnn.inspect.maximize import Fourier, Pixels, maximize

        manner = replace(manner, steps=steps or manner.steps)
        shape = (len(self._names), *self._network.input_shape)
        picture = (Pixels if shape[1] == 1 else Fourier)(shape, seed)
        if not quiet:
            typer.echo(f"{way}: {manner.steps} steps for {len(self._names)} inputs", err=True)
        moments = maximize(picture, objective, manner, seed)
        before = next(moments).inputs
        after = before
        for moment in moments:
            after = moment.inputs
        with torch.no_grad():
            measured = [self._measure(inputs) for inputs in (before, after)]
        for number, name in enumerate(self._names):
            row: dict[str, Any] = {"unit": name, "way": way}
            for when, measure in zip(("before", "after"), measured, strict=True):
                row |= {f"{key}_{when}": float(value[number]) for key, value in measure.items()}
            row["flat"] = float(after[number].std()) < 1e-3
            self._rows.append(row)
        self._images[way], self._manners[way] = after, asdict(manner)

    def _measure(self, inputs: "Tensor") -> "dict[str, Tensor]":
        found = {"value": self._values(inputs), "ink": inputs.sum((1, 2, 3))}
        if self._names[0] in self._network.classes:
            numbers = [self._network.classes.index(name) for name in self._names]
            found["probability"] = self._network.logits(inputs).softmax(1)[range(len(numbers)), numbers]
        return found

    def write(self, look: Look, **settings: Any) -> Path:  # noqa: ANN401 - as Look.write takes them
        import torch
        from torch.nn import functional as F

        from artcnn.media.sheet import Sheet

        images = torch.cat(list(self._images.values()))
        scale = max(1, 84 // images.shape[3])
        tiles = F.interpolate(images, scale_factor=scale, mode="nearest") if scale > 1 else images
        captions = [
            f"{row['unit']} flat" if row["flat"] else f"{row['unit']}: {row['value_after']:.3g}" for row in self._rows
        ]
        columns = len(self._names) if len(self._images) > 1 else min(6, len(self._names))
        ways = ", ".join(self._images)
        title = f"{self._network.name}: {ways}; below each how large its value got"
        sheet = Sheet(tiles.mul(255).round().byte(), columns, captions, title, scale=1)
        arrays = {"image": images} | {f"image_{way}": image for way, image in self._images.items()}
        return look.write(sheet, arrays, self._rows, **settings, ways=self._manners)
