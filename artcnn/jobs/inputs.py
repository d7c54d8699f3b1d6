"""What a picture is made from, by kind of recipe: typed, and each input with the name that metadata call it by.

The inputs of a job are sources: files or pictures in memory. Once opened they are tensors, in the same classes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union

from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.presets import PictureKind

T = TypeVar("T", covariant=True)
S = TypeVar("S")
U = TypeVar("U")


@dataclass(frozen=True)
class DreamInputs(Generic[T]):
    """The inputs of a dream, or of a film of one.

    Attributes:
        photo: what becomes another picture.
        guide: a picture whose forms the dream is drawn towards.
        guide_mask: which part of the guide counts: white does, black does not.
        mask: where to dream: white there; where black, the photo stays.
    """

    photo: T
    guide: T | None = None
    guide_mask: T | None = None
    mask: T | None = None

    def __post_init__(self) -> None:
        if self.guide_mask is not None and self.guide is None:
            raise ArtcnnError("--guide-mask is a mask for a guide", hint="give --guide, too")

    def named(self) -> dict[str, T]:
        """Return the inputs there are, by name."""
        inputs = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: source for name, source in inputs.items() if source is not None}

    @classmethod
    def from_named(cls, inputs: Mapping[str, U]) -> "DreamInputs[U]":
        """Return the inputs of those names.

        Raises:
            ValueError: these are not the names of a dream's inputs.
        """
        known = [field.name for field in fields(cls)]
        _check_names(inputs, known, known[:1])
        return DreamInputs(**inputs)


@dataclass(frozen=True)
class StyleSource(Generic[T]):
    """A picture whose style is taken, and where in the photo: where the mask is white; everywhere without one."""

    picture: T
    mask: T | None = None


@dataclass(frozen=True)
class StyleInputs(Generic[T]):
    """The inputs of a style transfer.

    Attributes:
        photo: what is repainted.
        styles: the pictures whose style it gets, one at least.
        protect: where the photo stays as it is: white there.
        learned: files of instant styles, that of a painting among them, where the run begins with its picture.
    """

    photo: T
    styles: tuple[StyleSource[T], ...]
    protect: T | None = None
    learned: tuple[T, ...] = ()

    def __post_init__(self) -> None:
        _check_styles(self.styles)

    def named(self) -> dict[str, T]:
        """Return the inputs there are, by name."""
        names = _numbered("painting", len(self.styles))
        named = {"photo": self.photo}
        named |= {name: style.picture for name, style in zip(names, self.styles, strict=True)}
        masks = {f"{name}_mask": style.mask for name, style in zip(names, self.styles, strict=True)}
        named |= {name: mask for name, mask in masks.items() if mask is not None}
        named |= dict(zip(_numbered("style", len(self.learned)), self.learned, strict=True))
        return named if self.protect is None else named | {"protect": self.protect}

    @classmethod
    def from_named(cls, inputs: Mapping[str, U]) -> "StyleInputs[U]":
        """Return the inputs of those names.

        Raises:
            ValueError: these are not the names of a style's inputs.
        """
        names = _numbered_in(inputs, "painting")
        masks = [f"{name}_mask" for name in names]
        learned = _numbered_in(inputs, "style")
        _check_names(inputs, ["photo", *names, *masks, *learned, "protect"], ["photo", *names])
        styles = tuple(StyleSource(inputs[name], inputs.get(f"{name}_mask")) for name in names)
        return StyleInputs(inputs["photo"], styles, inputs.get("protect"), tuple(inputs[name] for name in learned))


@dataclass(frozen=True)
class TextureInputs(Generic[T]):
    """The inputs of a texture: the pictures whose texture it is, one at least."""

    styles: tuple[T, ...]

    def __post_init__(self) -> None:
        _check_styles(self.styles)

    def named(self) -> dict[str, T]:
        """Return the inputs, by name."""
        return dict(zip(_numbered("painting", len(self.styles)), self.styles, strict=True))

    @classmethod
    def from_named(cls, inputs: Mapping[str, U]) -> "TextureInputs[U]":
        """Return the inputs of those names.

        Raises:
            ValueError: these are not the names of a texture's inputs.
        """
        names = _numbered_in(inputs, "painting")
        _check_names(inputs, names, names)
        return TextureInputs(tuple(inputs[name] for name in names))


@dataclass(frozen=True)
class InstantInputs(Generic[T]):
    """The inputs of an instant style.

    Attributes:
        photo: what is painted.
        styles: the files of styles that do not ship; the recipe calls them by the names that are in them.
        protect: where the photo stays as it is: white there.
    """

    photo: T
    styles: tuple[T, ...] = ()
    protect: T | None = None

    def named(self) -> dict[str, T]:
        """Return the inputs there are, by name."""
        named = {"photo": self.photo} | dict(zip(_numbered("style", len(self.styles)), self.styles, strict=True))
        return named if self.protect is None else named | {"protect": self.protect}

    @classmethod
    def from_named(cls, inputs: Mapping[str, U]) -> "InstantInputs[U]":
        """Return the inputs of those names.

        Raises:
            ValueError: these are not the names of an instant style's inputs.
        """
        names = _numbered_in(inputs, "style")
        _check_names(inputs, ["photo", *names, "protect"], ["photo", *names])
        return InstantInputs(inputs["photo"], tuple(inputs[name] for name in names), inputs.get("protect"))


# In Python 3.11, | makes no generic alias.
Inputs = Union[DreamInputs[T], StyleInputs[T], TextureInputs[T], InstantInputs[T]]  # noqa: UP007

INPUTS: "Mapping[PictureKind, type[DreamInputs[Any] | StyleInputs[Any] | TextureInputs[Any] | InstantInputs[Any]]]" = {
    "dream": DreamInputs,
    "style": StyleInputs,
    "texture": TextureInputs,
    "instant": InstantInputs,
}
"""The inputs of each kind of recipe, as ``presets.RECIPES`` calls it."""


def convert_inputs(inputs: Inputs[S], convert: Callable[[str, S], U]) -> Inputs[U]:
    """Return the same inputs, each as ``convert`` makes it of its name and of what it was."""
    return inputs.from_named({name: convert(name, source) for name, source in inputs.named().items()})


def main_input(inputs: Inputs[S]) -> S:
    """Return the input that names the result: the photo; of a texture, which has none, its first picture."""
    return next(iter(inputs.named().values()))


def is_mask(name: str) -> bool:
    """Return whether an input of that name says where, and is no picture to look at."""
    return name.endswith("mask") or name == "protect"


def is_model(name: str) -> bool:
    """Return whether an input of that name is the file of a style, and no picture."""
    return name.startswith("style")


def _numbered(word: str, count: int) -> list[str]:
    return [word if number == 1 else f"{word}{number}" for number in range(1, count + 1)]


def _numbered_in(inputs: Mapping[str, object], word: str) -> list[str]:
    """Return the names, numbered without a gap, of as many inputs as there are with such a name."""
    return _numbered(word, len([name for name in _numbered(word, len(inputs)) if name in inputs]))


def _check_styles(styles: Sequence[object]) -> None:
    if not styles:
        raise ArtcnnError("a style needs a picture that has it", hint="give one at least")


def _check_names(inputs: Mapping[str, object], known: Sequence[str], needed: Sequence[str]) -> None:
    unknown = [name for name in inputs if name not in known]
    missing = [name for name in needed if name not in inputs]
    if unknown:
        raise ValueError(f"there is no input '{unknown[0]}': choose from {', '.join(known)}")
    if missing:
        raise ValueError(f"the input '{missing[0]}' is missing")
