"""Methods of inspection that optimize an input: what a unit or a class wants to see, and what a layer still knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from artcnn.errors import ArtcnnError
from artcnn.inspection.method import Method, Option
from artcnn.inspection.names import resolve_class, resolve_units
from artcnn.inspection.options import PHOTO_SIDE
from artcnn.inspection.progress import Progress, silent

if TYPE_CHECKING:
    from artcnn.inspection.goals import Goal
    from artcnn.inspection.outline import Outline
    from artcnn.inspection.subject import Subject
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network

_MOST_CLASSES = 40  # on one sheet
_EXAMPLES = {"conv": "conv2:7", "fc": "fc1:0-11", "class": "3"}


@dataclass(frozen=True)
class Maximize(Method):
    """Change the input, not the network, until a unit or a class is as large as it gets.

    Of a class three are made: naive (noise that fools the network), with an L1 penalty, and the best recipe.
    """

    name = "maximize"
    picture = "none"
    side = PHOTO_SIDE
    sections = ("maximize-conv", "maximize-fc", "maximize-class")

    what: Annotated[str, Option("What to maximize.", "conv|fc|class", positional=True)]
    which: Annotated[
        str | None, Option("Such as conv2:7, fc1:0-11, 5, all.", "LAYER[:UNIT]|CLASS|all", positional=True)
    ] = None
    steps: Annotated[int | None, Option("Steps of the ascent.", min=1, max=10_000)] = None
    seed: Annotated[int, Option("Seed of the start and the random transforms.", "NUMBER")] = 0

    @property
    def units(self) -> Sequence[str]:
        """The layer, where it is no class."""
        return [self.which] if self.what != "class" and self.which else ()

    @property
    def target(self) -> str | None:
        """The class, where one is named."""
        return self.which if self.what == "class" and self.which != "all" else None

    def label(self, network: "Network") -> str:  # noqa: ARG002
        """Return the layer or the class."""
        return self.which or ""

    def check(self, known: "Outline", image: Path | None) -> None:
        """Check that something to maximize is named."""
        what, which = self.what, self.which
        if what not in _EXAMPLES:
            meant = f"class {what}" if what == "all" or what.isdigit() else f"conv {what}" if which is None else ""
            says = (
                f"did you mean 'maximize {meant}'?"
                if meant
                else "maximize conv LAYER:UNIT, fc LAYER:UNIT, or class NAME"
            )
            raise ArtcnnError(f"'{what}'", hint=says)
        if which is None:
            raise ArtcnnError(f"maximize {what}: which? As in 'maximize {what} {_EXAMPLES[what]}'")
        super().check(known, image)

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return the inputs that were made; of a linear layer its kernels, which are the exact answer."""
        from artcnn.inspection.goals import unit_goal
        from artcnn.inspection.kernels import find_kernels
        from artcnn.inspection.maximize import find_maximum
        from artcnn.visualizers.linear_units import is_linear

        network = subject.network
        if self.what == "class":
            return find_maximum(network, self._class_goal(network), self.steps, self.seed, on_progress)
        layer, units = resolve_units(network, self.which or "", default=12)
        goal = unit_goal(network, layer, units)
        if goal.what != self.what:
            maps = "maps" if goal.what == "conv" else "no maps"
            raise ArtcnnError(f"{layer} has {maps}", hint=f"use 'inspect maximize {goal.what} {self.which}'")
        if is_linear(network, layer):
            return find_kernels(network, layer, units)
        return find_maximum(network, goal, self.steps, self.seed, on_progress)

    def _class_goal(self, network: "Network") -> "Goal":
        from artcnn.inspection.goals import class_goal

        if self.which != "all":
            return class_goal(network, [resolve_class(network, self.which or "")])
        network.check_classes()
        count = len(network.classes)
        if count > _MOST_CLASSES:
            raise ArtcnnError(
                f"{network.name} has too many classes for a sheet", hint=f"name one, as '{network.classes[0]}'"
            )
        return class_goal(network, list(range(count)))


@dataclass(frozen=True)
class Invert(Method):
    """Rebuild a picture from one layer's features alone: what that layer still knows, and what it has forgotten."""

    name = "invert"
    side = 160
    sections = ("invert",)

    layers: Annotated[list[str], Option("One or more, from shallow to deep.", "LAYER...", positional=True)]
    size: Annotated[
        int | None, Option("Longer side of a photo, in pixels, for a VGG [default: 160].", min=32, max=1024)
    ] = None
    steps: Annotated[int, Option("Steps of the descent.", min=1, max=10_000)] = 300
    seed: Annotated[int, Option("Seed of the start.", "NUMBER")] = 0

    @property
    def units(self) -> Sequence[str]:
        """The layers."""
        return self.layers

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return the pictures that were rebuilt."""
        from artcnn.inspection.feature_inversion import find_inverse

        for layer in self.layers:
            subject.network.layer(layer)
        return find_inverse(subject.network, subject.picture, self.layers, self.steps, self.seed, on_progress)
