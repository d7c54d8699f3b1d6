"""What every method of inspection has: a name, options, what it needs, and how it is done."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from artcnn.errors import ArtcnnError
from artcnn.inspection.input_kinds import kind_of_file
from artcnn.inspection.progress import Progress, silent

if TYPE_CHECKING:
    from artcnn.inspection.outline import Outline
    from artcnn.inspection.subject import Subject
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network


@dataclass(frozen=True)
class Option:
    """How an option is shown and checked; a field of a method is annotated with it.

    Attributes:
        help: one sentence.
        metavar: what stands for its value.
        flag: its name on the command line, where it is not the field's.
        min: the smallest value.
        max: the largest value.
        positional: whether it is given by its place, without a name.
    """

    help: str
    metavar: str | None = None
    flag: str = ""
    min: float | None = None
    max: float | None = None
    positional: bool = False


class Method(ABC):
    """A method of inspection. Its fields are its options; its docstring is its help.

    Attributes:
        name: of the command.
        picture: whether it needs a picture, may have one, or takes none.
        asks_class: whether it is about one of the network's classes, so that the network must have some.
        side: longer side of a photo, in pixels, where the network takes any size.
        example_digit: what it shows without a picture, where it may have one: this digit of MNIST's test set.
        sections: which sections of a report show what it finds, in their order there.
    """

    name: ClassVar[str]
    picture: ClassVar[Literal["needed", "optional", "none"]] = "needed"
    asks_class: ClassVar[bool] = False
    side: ClassVar[int] = 224
    example_digit: ClassVar[int | None] = None
    sections: ClassVar[tuple[str, ...]]

    @property
    def units(self) -> Sequence[str]:
        """The layers and units that its options name, as LAYER or LAYER:UNIT."""
        return ()

    @property
    def target(self) -> str | None:
        """The class that its options name."""
        return None

    @property
    def size(self) -> int | None:
        """The longer side of a photo, in pixels, that its options ask for."""
        return None

    def check(self, known: "Outline", image: Path | None) -> None:
        """Check options and picture, as far as that goes before torch is loaded.

        Raises:
            ArtcnnError: the network cannot be inspected by this method, or has no such layer, unit or class, or the
                picture cannot be read.
        """
        known.check_method(self.name)
        known.check_size(self.size)
        if image is not None:
            known.check_input(image)
            kind_of_file(image).check_file(image)
        for unit in self.units:
            known.check_unit(unit)
        if self.target is not None:
            known.check_class(self.target)
        elif self.asks_class:
            known.check_classes()

    def label(self, network: "Network") -> str:  # noqa: ARG002
        """Return the last part of a new folder's name, where it is not the picture's."""
        return ""

    @abstractmethod
    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding | Mapping[str, Finding]":
        """Return what was found, or several parts of it by name.

        Raises:
            ArtcnnError: there is no such layer, unit or class.
        """

    def check_result(self, finding: "Finding") -> None:  # noqa: B027 - most methods cannot fail
        """Raise an ArtcnnError if a finding, which is worth writing, is not what was asked for."""


def check_choice(option: str, value: str, choices: Sequence[str]) -> None:
    """Raise an ArtcnnError where an option has none of its values."""
    from artcnn.errors import did_you_mean

    if value not in choices:
        raise ArtcnnError(f"invalid {option} {value}", hint=did_you_mean(value, choices))
