"""Methods of inspection that show what layers and their units do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from artcnn.errors import ArtcnnError
from artcnn.inspection.method import Method, Option
from artcnn.inspection.names import resolve_units
from artcnn.inspection.options import LECTURE_DIGIT
from artcnn.inspection.progress import Progress, silent

if TYPE_CHECKING:
    from artcnn.inspection.outline import Outline
    from artcnn.inspection.subject import Subject
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network


@dataclass(frozen=True)
class Layers(Method):
    """List a network's layers: shape, receptive field, weights, and what a fully connected layer would need.

    Examples: artcnn inspect layers · artcnn inspect layers --model vgg16
    """

    name = "layers"
    picture = "none"
    sections = ("layers",)

    size: Annotated[int | None, Option("Side of the photo, in pixels, for a VGG [default: 224].", min=32, max=4096)] = (
        None
    )

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":  # noqa: ARG002
        """Return a table, a line for each layer."""
        from artcnn.inspection.layers import find_layers

        return find_layers(subject.network)


@dataclass(frozen=True)
class Convolution(Method):
    """Show how a convolution computes: arithmetic, matrix, one unit for all places, fewer pixels, pooling, shapes.

    A folder for each: example, picture, matrix, moved, shrunken, pooling, shapes.

    Examples: artcnn inspect convolution --html · artcnn inspect convolution photo.jpg -m vgg16 --unit 5
    """

    name = "convolution"
    picture = "optional"
    example_digit = LECTURE_DIGIT
    sections = (
        "convolution",
        "convolution-matrix",
        "convolution-moved",
        "convolution-shrunken",
        "convolution-pooling",
        "convolution-shapes",
    )

    unit: Annotated[str | None, Option("Of the first layer [default: what finds most].", "[LAYER:]UNIT")] = None
    digits: Annotated[int, Option("Test digits that are shrunk, too, by networks of digits.", min=0, max=10_000)] = 200

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Mapping[str, Finding]":  # noqa: ARG002
        """Return what was found, by part."""
        from artcnn.inspection.convolution import find_parts

        network = subject.network
        unit = None if self.unit is None else self._unit(network, self.unit)
        parts = find_parts(network, subject.picture, subject.name, unit, self.digits)
        return {part: make() for part, make in parts.items() if callable(make)}

    @staticmethod
    def _unit(network: "Network", text: str) -> int:
        """Return the number of the unit of the first layer that ``UNIT`` or ``LAYER:UNIT`` names."""
        first = network.layers[0].name
        layer, units = resolve_units(network, text if ":" in text else f"{first}:{text}", default=1)
        if layer != first or len(units) > 1:
            raise ArtcnnError(f"--unit {text}", hint=f"choose one unit of the first layer, such as {first}:{units[0]}")
        return units[0]


@dataclass(frozen=True)
class Filters(Method):
    """Show a layer's kernels: red counts for, blue against, white not at all; one scale for all.

    Kernels that read colors are shown in color: brighter than gray counts for.

    Of a deeper layer, each row is a filter: its strongest slices, each reading one map of the layer before.
    """

    name = "filters"
    picture = "none"
    sections = ("filters",)

    layer: Annotated[
        str | None,
        Option(
            "A convolution ('artcnn inspect layers'), or some of its filters, as conv1:3 [default: the first].",
            "[LAYER[:UNIT]]",
            positional=True,
        ),
    ] = None
    first: Annotated[int, Option("Filters of a deeper layer that are shown.", min=1)] = 24

    @property
    def units(self) -> Sequence[str]:
        """The layer, where one is named."""
        return [self.layer] if self.layer else ()

    def label(self, network: "Network") -> str:
        """Return the layer's name."""
        convolutions = (layer.name for layer in network.layers if layer.kind == "convolution")
        return self.layer or next(convolutions, network.layers[0].name)

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":  # noqa: ARG002
        """Return the kernels as pictures."""
        from artcnn.inspection.filters import find_filters
        from artcnn.visualizers.filters import read_filters

        text = self.label(subject.network)
        layer, units = resolve_units(subject.network, text)
        if ":" not in text and read_filters(subject.network, layer).slices is not None:
            units = units[: self.first]
        return find_filters(subject.network, layer, units)


@dataclass(frozen=True)
class Activations(Method):
    """Show a picture's feature maps, those with the largest maximum first."""

    name = "activations"
    sections = ("activations",)

    layers: Annotated[
        list[str] | None,
        Option(
            "Such as conv2, conv2:7 or conv2:0-11 ('artcnn inspect layers') [default: all layers with maps].",
            "[LAYER[:UNIT]]...",
            positional=True,
        ),
    ] = None
    size: Annotated[
        int | None, Option("Longer side of a photo, in pixels, for a VGG [default: 224].", min=32, max=4096)
    ] = None

    @property
    def units(self) -> Sequence[str]:
        """The layers and units, where some are named."""
        return self.layers or ()

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":  # noqa: ARG002
        """Return the maps as pictures."""
        from artcnn.inspection.activations import find_activations

        network = subject.network
        maps = [layer.name for layer in network.layers if layer.kind in ("convolution", "pooling")]
        units = dict[str, list[int]]()
        for layer, some in (resolve_units(network, text) for text in self.layers or maps):
            units[layer] = sorted({*units.get(layer, []), *some})
        return find_activations(network, subject.picture, units, subject.name, board=subject.board)


@dataclass(frozen=True)
class Patches(Method):
    """Find the patches of a collection that activate a unit most, and show each alone and in its picture.

    A * marks a patch that touches the picture's border.
    """

    name = "patches"
    picture = "none"
    sections = ("patches",)

    layer: Annotated[str, Option("Such as conv2, conv2:7 or conv2:0-11.", "LAYER[:UNIT]", positional=True)]
    images: Annotated[
        Path | None,
        Option("The collection [default: MNIST's digits, 480 spoken ones, or 150 small pictures].", "FOLDER"),
    ] = None
    count: Annotated[int, Option("Patches of each unit.", min=1, max=100)] = 9
    per_picture: Annotated[int, Option("At most how many of one picture.", min=1, max=20)] = 1

    @property
    def units(self) -> Sequence[str]:
        """The layer."""
        return [self.layer]

    def label(self, network: "Network") -> str:  # noqa: ARG002
        """Return the layer's name."""
        return self.layer

    def check(self, known: "Outline", image: Path | None) -> None:
        """Check the folder as well."""
        if self.images is not None and not self.images.is_dir():
            what = "give a folder of pictures, not a file" if self.images.exists() else "there is no such folder"
            raise ArtcnnError(f"--images {self.images}: {what}")
        super().check(known, image)

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":  # noqa: ARG002
        """Return the patches."""
        from artcnn.inspection.collection import open_collection
        from artcnn.inspection.patches import find_patches

        layer, units = resolve_units(subject.network, self.layer, default=6)
        collection = open_collection(subject.network, self.images)
        return find_patches(subject.network, layer, units, collection, self.count, self.per_picture)
