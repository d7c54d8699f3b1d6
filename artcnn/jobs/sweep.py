"""One photo made in many ways: one or two settings, their values, and the recipe of every combination, checked."""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, cast

from artcnn.errors import ArtcnnError, RecipeError, combined, did_you_mean

if TYPE_CHECKING:
    from artcnn.presets import PictureKind
    from artcnn.recipes import Recipe
    from artcnn.reports.contact_sheet import Label

DEFAULT_SIZE = 320
"""Longer side of each picture, in pixels, if none is asked for: strokes are visible, and a sheet is quick to make."""

_OPTIONS = {"preset", "size", "seed", "precision", "backbone", "style"}
"""Settings that have an option of their own in every command that has them; the others are given by ``--set``."""


@dataclass(frozen=True)
class Axis:
    """A setting, or ``preset``, and its values, each as ``--set`` takes it."""

    key: str
    values: tuple[str, ...]

    @property
    def labels(self) -> "list[Label]":
        """What is typed for each value: an option and its argument."""
        return [label(self.key, value) for value in self.values]


@dataclass(frozen=True)
class Sweep:
    """The recipes of a sheet.

    Attributes:
        kind: of the recipes.
        axes: one or two; the first runs from left to right, the second from top to bottom.
        fixed: what is typed for all pictures.
        recipes: one for each picture, row by row.
    """

    kind: "PictureKind"
    axes: tuple[Axis, ...]
    fixed: "tuple[Label, ...]"
    recipes: "tuple[Recipe, ...]"

    @property
    def labels(self) -> "list[tuple[Label, ...]]":
        """What is typed for each picture besides ``fixed``, row by row."""
        return [tuple(reversed(labels)) for labels in product(*(axis.labels for axis in reversed(self.axes)))]


def sweep_of(
    kind: str | None,
    vary: Sequence[str] | None,
    preset: str | None = None,
    pairs: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Sweep:
    """Return what is meant by text such as ``palette=0,1``, for each axis: every preset, if there is none.

    Args:
        kind: of the recipes.
        vary: a setting and its values, for each axis.
        preset: what all pictures begin from.
        pairs: further settings of all, as ``KEY=VALUE``.
        options: the same, as values by name; they win.

    Raises:
        RecipeError: it makes no sense, or settings are wrong in any combination (a message for each mistake).
    """
    if preset and not vary:
        raise RecipeError(f"--preset {preset} is for all pictures", hint="say what to vary, such as --vary seed=0,1,2")
    pictures = cast("PictureKind", kind)
    axes = [parse_axis(text) for text in vary] if vary else [preset_axis(pictures)]
    return plan_sweep(pictures, axes, preset=preset, pairs=pairs, options=options or {})


def plan_sweep(
    kind: "PictureKind",
    axes: Sequence[Axis],
    *,
    preset: str | None = None,
    pairs: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Sweep:
    """Return the sweep over one or two settings.

    Args:
        kind: of the recipes.
        axes: what is varied.
        preset: of all pictures.
        pairs: settings of all pictures, as ``KEY=VALUE``.
        options: more of them, by name; they go before pairs.

    Raises:
        RecipeError: the axes make no sense, or settings are wrong in any combination (a message for each mistake).
    """
    from artcnn.presets import parse_setting

    axes = [_under_new_name(kind, axis) for axis in axes]
    pairs = [_pair_under_new_name(kind, text) for text in pairs]
    options = dict(options or {})
    fixed = [label("preset", preset)] if preset else []
    fixed += [("--set", shlex.quote(text)) for text in pairs]
    fixed += [label(name, str(value)) for name, value in options.items()]
    keys = ["preset"] * bool(preset) + [parse_setting(text)[0] for text in pairs] + [*options]
    _check_axes(kind, axes, keys)
    if "size" not in [*keys, *(axis.key for axis in axes)]:
        options["size"] = DEFAULT_SIZE
        fixed.append(label("size", str(DEFAULT_SIZE)))
    return Sweep(kind, tuple(axes), tuple(fixed), _recipes(kind, axes, preset, pairs, options))


def preset_axis(kind: "PictureKind") -> Axis:
    """Return the axis of all presets."""
    from artcnn.presets import preset_files

    return Axis("preset", tuple(preset_files(kind)))


def parse_axis(text: str) -> Axis:
    """Return what one ``--vary`` says: values are separated by semicolons, or without any by commas."""
    key, equals, rest = text.partition("=")
    key = key.strip()
    if not equals or not key:
        hint = "write it as KEY=VALUE,VALUE, such as --vary preset=default,gentle"
        raise RecipeError(f"invalid --vary {text}", hint=hint)
    # A comma in brackets is part of a list in TOML's spelling.
    parts = rest.split(";") if ";" in rest else re.split(r",(?![^\[]*\])", rest)
    values = tuple(part.strip() for part in parts)
    if not all(values):
        raise RecipeError(f"--vary {text}: a value is empty")
    twice = next((value for number, value in enumerate(values) if value in values[:number]), None)
    if twice is not None:
        raise RecipeError(f"--vary {text}: {twice} is given twice")
    return Axis(key, values)


def _under_new_name(kind: "PictureKind", axis: Axis) -> Axis:
    """Return the axis of a setting under the name that it has now: sheets show what is typed."""
    from artcnn.old_recipes import accept_old_names
    from artcnn.presets import RECIPES

    settings = [accept_old_names(RECIPES[kind], {axis.key: value}) for value in axis.values]
    return Axis(next(iter(settings[0])), tuple(value for one in settings for value in one.values()))


def _pair_under_new_name(kind: "PictureKind", text: str) -> str:
    """Return a ``KEY=VALUE`` with the name that the setting has now."""
    key, equals, value = text.partition("=")
    axis = _under_new_name(kind, Axis(key.strip(), (value,)))
    return text if axis.key == key.strip() else f"{axis.key}{equals}{axis.values[0]}"


def _check_axes(kind: "PictureKind", axes: Sequence[Axis], fixed: Sequence[str]) -> None:
    from artcnn.presets import RECIPES

    if not 1 <= len(axes) <= 2:
        raise RecipeError("a sheet has columns and rows", hint=f"give --vary once or twice, not {len(axes)} times")
    varied, known = [axis.key for axis in axes], ["preset", *RECIPES[kind].model_fields]
    for number, key in enumerate(varied):
        if key not in known:
            raise RecipeError(f"--vary {key}: there is no such setting", hint=did_you_mean(key, known))
        if key in varied[:number]:
            raise RecipeError(f"--vary {key} is given twice", hint=f"give all its values in one, --vary {key}=A,B,C")
        if key in fixed:
            raise RecipeError(f"{key} cannot be both varied and fixed", hint="leave out one of them")


def _recipes(
    kind: "PictureKind", axes: Sequence[Axis], preset: str | None, pairs: Sequence[str], options: Mapping[str, Any]
) -> "tuple[Recipe, ...]":
    """Return the recipes row by row, or raise all that is wrong with any of them, each mistake once."""
    from artcnn.presets import load_recipe, parse_setting

    recipes: list[Recipe] = []
    errors: list[ArtcnnError] = []
    for values in product(*(axis.values for axis in reversed(axes))):
        chosen = dict(zip((axis.key for axis in reversed(axes)), values, strict=True))
        named = chosen.pop("preset", preset)
        texts = [*pairs, *(f"{key}={value}" for key, value in chosen.items())]
        try:
            recipes.append(load_recipe(kind, named, **dict(map(parse_setting, texts)) | dict(options)))
        except ArtcnnError as error:
            errors.append(error)
    if errors:
        raise combined(errors)
    return tuple(recipes)


def label(key: str, value: str) -> "Label":
    """Return what is typed for a setting's value; of a preset in a file the name, without its folders."""
    if key == "preset":
        value = os.path.basename(value)  # noqa: PTH119 - a name is no path
    return (f"--{key}", shlex.quote(value)) if key in _OPTIONS else ("--set", shlex.quote(f"{key}={value}"))


def join_labels(labels: "Sequence[Label]") -> str:
    """Return labels as they are typed."""
    return " ".join(f"{option} {value}" for option, value in labels)
