"""Methods of inspection that optimize an input by what a layer gives for a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from artcnn.inspection.method import Method, Option
from artcnn.inspection.progress import Progress, silent

if TYPE_CHECKING:
    from artcnn.inspection.subject import Subject
    from artcnn.reports.results import Finding


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


@dataclass(frozen=True)
class Caricature(Method):
    """Draw a picture that exaggerates what a layer sees in yours.

    Where 'invert' looks for the same features, this looks for more of the same.
    """

    name = "caricature"
    side = 160
    sections = ("caricature",)

    layers: Annotated[list[str], Option("One or more, from shallow to deep.", "LAYER...", positional=True)]
    size: Annotated[
        int | None, Option("Longer side of a photo, in pixels, for a VGG [default: 160].", min=32, max=1024)
    ] = None
    steps: Annotated[int | None, Option("Steps of the ascent [default: 200; of a photo 96].", min=1, max=10_000)] = None
    seed: Annotated[int, Option("Seed of the start and the random transforms.", "NUMBER")] = 0

    @property
    def units(self) -> Sequence[str]:
        """The layers."""
        return self.layers

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return the pictures that were drawn."""
        from artcnn.inspection.caricature import find_caricature

        for layer in self.layers:
            subject.network.layer(layer)
        return find_caricature(subject.network, subject.picture, self.layers, self.steps, self.seed, on_progress)


@dataclass(frozen=True)
class Grid(Method):
    """Show what a layer sees at each place: there, a picture that its activations there want to see.

    The pictures are the larger, the stronger the activations are.
    """

    name = "grid"
    sections = ("grid",)

    layer: Annotated[str, Option("Whose activations.", "LAYER", positional=True)]
    cells: Annotated[
        int | None,
        Option("At most so many places each way: neighbors are one then [default: 12; of a photo 7].", min=1, max=32),
    ] = None
    size: Annotated[
        int | None, Option("Longer side of a photo, in pixels, for a VGG [default: 224].", min=32, max=1024)
    ] = None
    steps: Annotated[int | None, Option("Steps of the ascents [default: 60; of a photo 64].", min=1, max=10_000)] = None
    seed: Annotated[int, Option("Seed of the start and the random transforms.", "NUMBER")] = 0

    @property
    def units(self) -> Sequence[str]:
        """The layer."""
        return [self.layer]

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return the grid."""
        from artcnn.inspection.grid import find_grid

        network, picture = subject.network, subject.picture
        return find_grid(
            network, picture, self.layer, self.cells or subject.kind.cells, self.steps, self.seed, on_progress
        )
