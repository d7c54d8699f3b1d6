"""What is known of a network before torch is loaded: enough to find most mistakes at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import ArtcnnError, no_classes, unknown_layer, unknown_unit
from artcnn.inspection.input_kind import InputKind
from artcnn.inspection.input_kinds import PHOTO, input_kind, kind_of_file
from artcnn.inspection.own_networks import OwnSettings, check_own, is_own

if TYPE_CHECKING:
    from artcnn.visualizers.network import Network

_LARGEST_HEADER = 1 << 20  # bytes

_WEIGH = "conv", "fc", "logits"  # what names of layers with weights begin with


@dataclass(frozen=True)
class Outline:
    """A network's kind, its answers, and those of its layers that have weights.

    Attributes:
        name: what the user calls it.
        kind: what its input is; None where the file is no model.
        features: whether it has no answers.
        classes: its answers.
        units: of some layers, by name; nothing known of others.
        side: the shorter side of its input, in pixels; 0 where it takes any, or that is not known.
    """

    name: str
    kind: InputKind | None = None
    features: bool = False
    classes: Sequence[str] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    side: int = 0

    def check_method(self, name: str) -> None:
        """Raise an ArtcnnError where a method of inspection cannot be used on such inputs."""
        if self.kind is not None and self.kind.methods and name not in self.kind.methods:
            ways = ", ".join(self.kind.methods)
            raise ArtcnnError(f"{self.name} plays Go, and '{name}' is for pictures", hint=f"use {ways}")

    def check_size(self, size: int | None) -> None:
        """Raise an ArtcnnError where a size is asked for that the network does not take."""
        if size is not None and self.kind is not None and not self.features:
            takes = "takes photos of one size" if self.kind is PHOTO else "takes no photos"
            raise ArtcnnError(f"{self.name} {takes}", hint="leave out --size, or use --model vgg16")

    def check_input(self, image: Path) -> None:
        """Raise an ArtcnnError where a network hears and is given a picture, or the like."""
        if str(image) in self.units and not image.exists():
            raise ArtcnnError(f"{image} is a layer of {self.name}", hint="the picture comes first, then its layers")
        given = kind_of_file(image)
        if self.kind is not None and given.noun != self.kind.noun:
            takes = f"{self.name} takes {self.kind.noun}"
            raise ArtcnnError(f"{image} is {given.noun}, and {takes}", hint=f"use --model {given.models}")

    def check_unit(self, text: str) -> None:
        """Raise an ArtcnnError where LAYER, or LAYER:UNIT, is surely wrong."""
        name, low, high = parse_units(text)
        if not self.units or not name.casefold().startswith(_WEIGH):
            return
        if name not in self.units:
            raise unknown_layer(self.name, name, list(self.units))
        count = self.units[name]
        for unit in (low, high):
            if unit is not None and unit >= count:
                raise unknown_unit(self.name, name, unit, count)

    def check_class(self, text: str) -> None:
        """Raise an ArtcnnError where there is no such answer, or none at all."""
        from artcnn.backbones.class_names import find_class
        from artcnn.backbones.weights import imagenet_classes

        self.check_classes()
        if (self.kind is not PHOTO or self.features) and text.casefold() in map(str.casefold, imagenet_classes()):
            raise ArtcnnError(f"{self.name} has no class '{text}'", hint="use --model efficientnet-lite0, which has")
        if self.classes:
            find_class(self.classes, text, self.name)

    def check_classes(self) -> None:
        """Raise an ArtcnnError where the network has no answers."""
        if self.features:
            raise no_classes(self.name)

    def check_square(self, window: int | None, stride: int | None) -> None:
        """Raise an ArtcnnError where a square, or a step of it, is as large as the picture."""
        if not self.side:
            return
        for option, size in (("--window", window), ("--stride", stride)):
            if size is not None and size >= self.side:
                takes = f"{self.name} takes pictures of {self.side} pixels"
                raise ArtcnnError(f"{option} {size}: {takes}", hint="choose a smaller one")


def read_outline(name: str, settings: OwnSettings | None = None) -> Outline:
    """Return what is known of the network of that name, or in that file.

    Args:
        name: as ``--model`` takes it.
        settings: what is said of a network of the user's own, and of no other.

    Raises:
        ArtcnnError: there is none.
    """
    told = settings or OwnSettings()
    if is_own(name):
        check_own(name, told)
        return Outline(name, PHOTO, False, told.classes)
    told.check_unused(name)
    from artcnn.backbones.layers import BLOCKS, layer_channels
    from artcnn.backbones.weights import WEIGHTS, classifiers, imagenet_classes
    from artcnn.files.model_registry import read_header
    from artcnn.inspection.models import locate_model
    from artcnn.training_recipes import OLD_KINDS

    if name in WEIGHTS:
        architecture = WEIGHTS[name].architecture
        if architecture in BLOCKS:
            return Outline(name, PHOTO, True, (), layer_channels(architecture))
        return Outline(name, PHOTO, False, imagenet_classes(), side=WEIGHTS[name].side)
    if name in classifiers():
        return Outline(name, PHOTO, False, imagenet_classes())
    path = locate_model(name)
    card, tensors = read_header(path)
    try:
        kind = OLD_KINDS.get(str(card["kind"]), str(card["kind"]))
        features, classes = kind == "features", tuple(map(str, card["classes"]))
        takes = PHOTO if features else input_kind(kind)
        units = {
            key.removesuffix(".weight"): int(tensor["shape"][0])
            for key, tensor in tensors.items()
            if key.endswith(".weight") and key.count(".") == 1
        }
    except (KeyError, TypeError):
        return Outline(name)  # whoever opens it says what is wrong with it
    return Outline(path.stem, takes, features, classes, units, takes.side)


def outline_of(network: "Network") -> Outline:
    """Return what is known of a network that was opened, before it is shown anything."""
    side = min(network.input_shape[1:]) if network.classes else 0
    return Outline(network.name, input_kind(network.kind), not network.classes, network.classes, {}, side)


def parse_units(text: str) -> tuple[str, int | None, int | None]:
    """Return the layer and the first and the last unit that ``LAYER``, ``LAYER:3`` or ``LAYER:0-11`` names.

    Raises:
        ArtcnnError: it names none.
    """
    name, colon, part = text.partition(":")
    if not colon:
        return name, None, None
    first, _, last = part.partition("-")
    if not (first.isascii() and first.isdigit() and (not last or (last.isascii() and last.isdigit()))):
        raise ArtcnnError(f"'{text}'", hint=f"write a unit as {name}:3, several as {name}:0-11")
    low, high = int(first), int(last or first)
    if low > high:
        raise ArtcnnError(f"'{text}': the first unit of several is the smaller, {name}:{high}-{low}")
    return name, low, high
