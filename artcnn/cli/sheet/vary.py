"""What is varied on a sheet: one or two settings, their values, and the recipe of every combination, checked."""

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, cast

from artcnn.cli.options import pair
from artcnn.cli.recipe_options import RecipeArguments
from artcnn.errors import ArtcnnError, RecipeError, combined, did_you_mean

if TYPE_CHECKING:
    from artcnn.jobs.inputs import Inputs, StyleInputs
    from artcnn.presets import PictureKind
    from artcnn.recipes import Recipe
    from artcnn.reports.contact_sheet import Label

SIZE = 320
"""Longer side of a picture, in pixels, where none is asked for: one sees the strokes, and a sheet is quick."""

_OPTIONS = {"preset", "size", "seed", "precision", "backbone"}
"""What has an option of its own in every command; the rest is given by ``--set``."""


@dataclass(frozen=True)
class Axis:
    """A setting, or ``preset``, and the values it takes, each as ``--set`` takes it."""

    key: str
    values: tuple[str, ...]

    @property
    def labels(self) -> "list[Label]":
        """What one types for each value: an option and its argument."""
        return [label(self.key, value) for value in self.values]


@dataclass(frozen=True)
class Plan:
    """A sheet that is to be made.

    Attributes:
        kind: the command that makes each of its pictures.
        axes: one or two; the first goes from left to right, the second from top to bottom.
        fixed: what one types for all of the pictures.
        recipes: of each, row by row.
    """

    kind: "PictureKind"
    axes: tuple[Axis, ...]
    fixed: "tuple[Label, ...]"
    recipes: "tuple[Recipe, ...]"

    @property
    def options(self) -> "list[tuple[Label, ...]]":
        """What one types for each picture besides what is fixed, row by row."""
        return [tuple(reversed(labels)) for labels in product(*(axis.labels for axis in reversed(self.axes)))]


def plan_of(what: RecipeArguments, vary: Sequence[str] | None) -> Plan:
    """Return the sheet that the command line asks for: every preset, if it does not say what to vary.

    Args:
        what: what is the same for all pictures.
        vary: every ``--vary``.

    Raises:
        RecipeError: what is varied makes no sense, or settings are wrong in any combination (a line for each mistake).
    """
    from artcnn.presets import RECIPES

    kind = cast("PictureKind", what.kind)
    if what.preset and not vary:
        raise RecipeError(f"--preset {what.preset}: say what to vary", hint="such as --vary seed=0,1,2")
    axes = tuple(_axis(text) for text in vary) if vary else (_presets(kind),)
    if len(axes) > 2:
        raise RecipeError(f"a sheet has columns and rows: give --vary once or twice, not {len(axes)} times")
    fixed = [label("preset", what.preset)] if what.preset else []
    fixed += [("--set", shlex.quote(text)) for text in what.pairs]
    fixed += [label(name, str(value)) for name, value in what.options.items()]
    keys = ["preset"] * bool(what.preset) + [pair(text)[0] for text in what.pairs] + [*what.options]
    varied, known = [axis.key for axis in axes], ["preset", *RECIPES[what.kind].model_fields]
    for number, key in enumerate(varied):
        if key not in known:
            raise RecipeError(f"--vary {key}: there is no such setting", hint=did_you_mean(key, known))
        if key in varied[:number]:
            raise RecipeError(f"--vary {key} is given twice", hint=f"give all its values in one, --vary {key}=A,B,C")
        if key in keys:
            raise RecipeError(f"{key} cannot be both varied and fixed", hint="leave out one of them")
    if "size" not in (*keys, *varied):
        what = replace(what, options={**what.options, "size": SIZE})
        fixed.append(label("size", str(SIZE)))
    return Plan(kind, axes, tuple(fixed), _recipes(what, axes))


def _axis(text: str) -> Axis:
    """Return what one ``--vary`` says: values are parted by semicolons, or where there is none by commas."""
    key, equals, rest = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise RecipeError(f"--vary {text}: write it as KEY=VALUE,VALUE, such as --vary preset=default,gentle")
    # A comma in brackets is of a list in TOML's spelling.
    parts = rest.split(";") if ";" in rest else re.split(r",(?![^\[]*\])", rest)
    values = tuple(part.strip() for part in parts)
    if not all(values):
        raise RecipeError(f"--vary {text}: a value is empty")
    twice = next((value for number, value in enumerate(values) if value in values[:number]), None)
    if twice is not None:
        raise RecipeError(f"--vary {text}: {twice} is there twice")
    return Axis(key, values)


def _presets(kind: "PictureKind") -> Axis:
    from artcnn.presets import preset_files

    return Axis("preset", tuple(preset_files(kind)))


def _recipes(what: RecipeArguments, axes: tuple[Axis, ...]) -> "tuple[Recipe, ...]":
    """Return the recipes row by row, or raise all that is wrong with any of them, each mistake once."""
    from artcnn.recipes import Recipe

    recipes: list[Recipe] = []
    errors: list[ArtcnnError] = []
    for values in product(*(axis.values for axis in reversed(axes))):
        chosen = dict(zip((axis.key for axis in reversed(axes)), values, strict=True))
        preset = chosen.pop("preset", what.preset)
        pairs = [*what.pairs, *(f"{key}={value}" for key, value in chosen.items())]
        try:
            recipes.append(replace(what, preset=preset, pairs=pairs).recipe(Recipe))
        except ArtcnnError as error:
            errors.append(error)
    if errors:
        raise combined(errors)
    return tuple(recipes)


def inputs_of(
    photo: Path, paintings: Sequence[Path], masks: Sequence[str], protect: Path | None, plan: Plan
) -> "StyleInputs[Path]":
    """Return a style's inputs.

    Raises:
        ArtcnnError: the paintings do not fit to how they are blended in any of the pictures, or the masks to them.
    """
    from artcnn.cli import paintings as several
    from artcnn.jobs.inputs import StyleInputs
    from artcnn.recipes import StyleRecipe

    for recipe in plan.recipes:
        assert isinstance(recipe, StyleRecipe)  # noqa: S101 - it is of a style
        photos, styles = several.split([photo, *paintings], recipe.blend, masks)
        if len(photos) > 1:
            ones = ",".join("1" * len(paintings))
            raise ArtcnnError(
                f"there are {len(paintings)} paintings: give a weight for each, such as --set blend={ones}"
            )
    return StyleInputs(photo, styles, protect)


def steering(inputs: "Inputs[Path]") -> "list[Label]":
    """Return what one types for those of the inputs that are options, files without their folders."""
    found = []
    for name, path in inputs.named().items():
        ruled = re.fullmatch(r"(painting\d*)_mask", name)
        if ruled is not None:
            found.append(("--mask", shlex.quote(f"{ruled[1]}={path.name}")))
        elif name != "photo" and not name.startswith("painting"):
            found.append((f"--{name.replace('_', '-')}", shlex.quote(path.name)))
    return found


def label(key: str, value: str) -> "Label":
    """Return what one types for a setting's value; of a preset in a file the name, without its folders."""
    if key == "preset":
        value = os.path.basename(value)  # noqa: PTH119 - a name is no path
    return (f"--{key}", shlex.quote(value)) if key in _OPTIONS else ("--set", shlex.quote(f"{key}={value}"))


def typed(labels: "Sequence[Label]") -> str:
    """Return labels as one types them."""
    return " ".join(f"{option} {value}" for option, value in labels)
