"""What is inspected: a network, and what it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError
from artcnn.inspection.input_kind import InputKind
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.own_networks import OwnSettings, describe_own, is_own

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.files.read import Picture
    from artcnn.inspection.board import Board
    from artcnn.reports.messages import Message
    from artcnn.visualizers.network import Network

_PLAIN = "its pixels go in from 0 to 1 as they are: say --mean and --std if the network was trained with others"


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, and what it is shown.

    Attributes:
        network: the network.
        model: by which name it was opened.
        shown: the picture as the network takes it, shape (1, C, H, W), in [0, 1]; None for a method that needs none.
        name: the picture's.
        doubt: why the picture may not be what the network knows.
        board: the position, where the picture is one.
        notes: what was noticed about the picture's file.
        facts: files and their sha256, for ``run.json`` and the page.
    """

    network: "Network"
    model: str = ""
    shown: "Tensor | None" = None
    name: str = "the picture"
    doubt: "Message | None" = None
    board: "Board | None" = None
    notes: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> InputKind:
        """What kind of input the network takes."""
        return input_kind(self.network.kind)

    @property
    def picture(self) -> "Tensor":
        """The picture.

        Raises:
            ValueError: there is none.
        """
        if self.shown is None:
            raise ValueError("this method needs a picture")
        return self.shown


def open_subject(
    model: str, image: Path | None, side: int, digit: int | None = None, settings: OwnSettings | None = None
) -> Subject:
    """Return a network, and a file as it takes it.

    Args:
        model: a name or a file, as ``--model`` takes it.
        image: the file.
        side: longer side of a photo, in pixels, where the network takes any size.
        digit: without a file, show an example of the package: of networks of digits, this one of MNIST's test set.
        settings: what is said of a network of the user's own.

    Raises:
        ArtcnnError: there is no such network, or the file cannot be read.
    """
    from artcnn.hashes import sha256_of
    from artcnn.inspection.models import locate_model, open_model

    told = settings or OwnSettings()
    network = open_model(model, side, told)
    if is_own(model):
        facts = describe_own(model, told, network)
    else:
        facts = {"model": network.name, "model_sha256": sha256_of(locate_model(model))}
    if image is not None:
        facts |= {"image": str(image), "image_sha256": sha256_of(image)}
        subject = show(network, image, side)
    elif digit is not None:
        subject = _show_example(network, side, digit)
    else:
        subject = Subject(network)
    notes = list(subject.notes)
    if is_own(model) and not (told.mean or told.std) and _takes_plain_pixels(subject):
        notes.append(_PLAIN)
    return replace(subject, model=model, facts=facts, notes=notes)


def _takes_plain_pixels(subject: Subject) -> bool:
    """Return whether a network is shown a picture as it is."""
    return subject.shown is not None and bool((subject.network.prepare(subject.shown) == subject.shown).all())


def _show_example(network: "Network", side: int, digit: int) -> Subject:
    """Return a network that is shown an example of the package."""
    from artcnn.visualizers.module_network import ModuleNetwork

    kind = input_kind(network.kind)
    if isinstance(network, ModuleNetwork) and network.input_shape != (1, 28, 28):
        return show(network, kind.sample_file())
    name, picture = kind.example(network, side, digit)
    return Subject(network, shown=picture, name=name)


def show(network: "Network", source: "Path | Picture | Tensor", side: int = 224) -> Subject:
    """Return a network that is shown something.

    Args:
        network: the network.
        source: a file; a picture that was read; or a tensor (1, C, H, W) in [0, 1]: one of the shape that the network
            takes is shown as it is, any other one is a picture.
        side: longer side of a photo, in pixels, where a network of ours takes any size.

    Raises:
        ArtcnnError: it cannot be read, or the network cannot be shown it.
    """
    from torch import Tensor

    from artcnn.files.metadata import Metadata
    from artcnn.files.read import Picture
    from artcnn.visualizers.module_network import ModuleNetwork

    if isinstance(source, Tensor):
        if source.shape[1:] == network.input_shape:
            return Subject(network, shown=source)
        source = Picture(_colors(source, network), None, "", (), Metadata())
    name = source.name if isinstance(source, Path) else "the picture"
    if isinstance(network, ModuleNetwork):
        return Subject(network, shown=_fit_module(network, source), name=name)
    reading = input_kind(network.kind).read(network, source, side)
    return Subject(network, "", reading.picture, name, reading.doubt, reading.board, reading.notes)


def _colors(picture: "Tensor", network: "Network") -> "Tensor":
    """Return a tensor as a picture, shape (1, 3, H, W)."""
    if picture.shape[1] not in (1, 3):
        takes, given = (" x ".join(map(str, shape)) for shape in (network.input_shape, picture.shape[1:]))
        raise ArtcnnError(f"{network.name} takes {takes} numbers, and there are {given}")
    return picture.expand(-1, 3, -1, -1)


def _fit_module(network: "Network", source: "Path | Picture") -> "Tensor":
    """Return the middle of a photo in the size that a module takes, as classifiers are shown it."""
    from artcnn.engines.style import resize_cover
    from artcnn.files.read import read_picture
    from artcnn.image import center_crop

    channels, height, width = network.input_shape
    if channels not in (1, 3):
        shape = f"(1, {channels}, {height}, {width})"
        raise ArtcnnError(f"{network.name} takes {channels} channels", hint=f"give a tensor {shape}")
    photo = (read_picture(source) if isinstance(source, Path) else source).pixels
    pixels = center_crop(photo, height) if height == width else resize_cover(photo, (height, width))
    return pixels if channels == 3 else pixels.mean(1, keepdim=True)
