"""The method that optimizes an input for units or classes: what they want to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from artcnn.errors import ArtcnnError
from artcnn.inspection.method import Method, Option
from artcnn.inspection.names import resolve_class, resolve_units, split_terms
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
    """Show what a unit or a class wants to see: the input is changed until it is as large as it gets.

    Of a class three are made: naive (noise that fools the network), with an L1 penalty, and the best recipe. Of a sum,
    such as conv2:7+conv2:9 or 3+8, each part alone and all together.
    """

    name = "maximize"
    picture = "none"
    side = PHOTO_SIDE
    sections = ("maximize-conv", "maximize-fc", "maximize-class")

    what: Annotated[str, Option("What to maximize.", "conv|fc|class", positional=True)]
    which: Annotated[
        str | None,
        Option("Such as conv2:7, fc1:0-11, 5, all, conv2:7+conv2:9=-0.5.", "LAYER[:UNIT]|CLASS|all", positional=True),
    ] = None
    diversity: Annotated[
        int | None, Option("So many pictures of each unit or class, as different as can be.", min=2, max=9)
    ] = None
    steps: Annotated[int | None, Option("Steps of the ascent.", min=1, max=10_000)] = None
    seed: Annotated[int, Option("Seed of the start and the random transforms.", "NUMBER")] = 0

    @property
    def units(self) -> Sequence[str]:
        """The layers and units, where it is no class."""
        return [name for name, _ in self._terms] if self.what != "class" else ()

    @property
    def target(self) -> str | None:
        """The class, where one is named."""
        named = self.what == "class" and len(self._terms) == 1 and self.which != "all"
        return self.which if named else None

    @property
    def _terms(self) -> list[tuple[str, float]]:
        """What is named and its weight: of no sum, what was written."""
        which = self.which or ""
        return split_terms(which) if "+" in which else [(which, 1.0)]

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
        if self.diversity and len(self._terms) > 1:
            raise ArtcnnError("--diversity: a sum has one picture", hint="leave it out, or name one unit or class")
        super().check(known, image)
        if what == "class" and len(self._terms) > 1:
            for name, _ in self._terms:
                known.check_class(name)

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return the inputs that were made; of a linear layer its kernels, which are the exact answer."""
        from artcnn.inspection.goals import diverse_goal, unit_goal
        from artcnn.inspection.kernels import find_kernels
        from artcnn.inspection.maximize import find_maximum
        from artcnn.visualizers.linear_units import is_linear

        network = subject.network
        if len(self._terms) > 1:
            return self._combination(network, on_progress)
        if self.what == "class":
            goal = self._class_goal(network)
        else:
            layer, units = resolve_units(network, self.which or "", default=4 if self.diversity else 12)
            goal = unit_goal(network, layer, self._repeat(units))
            self._check_kind(layer, goal)
            if is_linear(network, layer):
                if self.diversity:
                    raise ArtcnnError(f"{layer} is linear: one picture is the best", hint="leave out --diversity")
                return find_kernels(network, layer, units)
        if self.diversity:
            goal = diverse_goal(network, goal, self.diversity)
        return find_maximum(network, goal, self.steps, self.seed, on_progress)

    def _repeat(self, numbers: Sequence[int]) -> list[int]:
        """Return each number as often as there are to be pictures of it."""
        return [number for number in numbers for _ in range(self.diversity or 1)]

    def _check_kind(self, layer: str, goal: "Goal") -> None:
        """Raise an ArtcnnError where a layer has maps and was called fully connected, or the other way round."""
        if goal.what != self.what:
            maps = "maps" if goal.what == "conv" else "no maps"
            raise ArtcnnError(f"{layer} has {maps}", hint=f"use 'inspect maximize {goal.what} {self.which}'")

    def _combination(self, network: "Network", on_progress: Progress) -> "Finding":
        """Return what the parts of a sum want to see, alone and together."""
        from artcnn.inspection.combination import class_parts, find_combination, unit_parts

        if self.what == "class":
            parts = class_parts(network, [(resolve_class(network, name), weight) for name, weight in self._terms])
        else:
            named = [(*resolve_units(network, name), weight) for name, weight in self._terms]
            several = next((layer for layer, units, _ in named if len(units) > 1), None)
            if several:
                raise ArtcnnError(f"{several}: a sum is of single units", hint=f"write {several}:3")
            parts = unit_parts(network, [(layer, units[0], weight) for layer, units, weight in named])
        return find_combination(network, self.what, parts, self.steps, self.seed, on_progress)

    def _class_goal(self, network: "Network") -> "Goal":
        from artcnn.inspection.goals import class_goal

        if self.which != "all":
            return class_goal(network, self._repeat([resolve_class(network, self.which or "")]))
        network.check_classes()
        count = len(network.classes)
        if count > _MOST_CLASSES:
            raise ArtcnnError(
                f"{network.name} has too many classes for a sheet", hint=f"name one, as '{network.classes[0]}'"
            )
        return class_goal(network, self._repeat(range(count)))
