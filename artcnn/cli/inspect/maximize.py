"""``artcnn inspect maximize``: the input that a unit or an answer wants to see."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out
from artcnn.errors import ArtcnnError
from artcnn.inspection.names import class_of, units_of
from artcnn.inspection.options import PHOTO_SIDE

if TYPE_CHECKING:
    pass


_MOST = 40  # classes on one sheet


_WHATS = {"conv": "conv2:7", "fc": "fc1:0-11", "class": "3"}


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
    from artcnn.inspection.goals import answers, units_goal
    from artcnn.inspection.kernels import find_kernels
    from artcnn.inspection.maximize import find_maximum
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
        finding = find_maximum(network, goal, steps, seed, look.progress(quiet))
    else:
        finding = find_kernels(network, layer, units)
    path = look.write(finding, html)
    if not quiet:
        typer.echo(path)
