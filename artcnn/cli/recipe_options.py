"""Options made from the fields of a recipe: their types, ranges, choices and docstrings are stated once, there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from artcnn.cli.option_groups import OptionGroup, option
from artcnn.cli.options import MAKE, Settings
from artcnn.cli.recipe_fields import RecipeField, recipe_fields

if TYPE_CHECKING:
    from artcnn import recipes
    from artcnn.presets import Kind

AnySettings = TypeVar("AnySettings", bound="recipes.Settings")

_METAVARS = {
    "layers": "LAYER[:CHANNEL][=WEIGHT]",
    "content_layers": "LAYER[=WEIGHT]",
    "style_layers": "LAYER[=WEIGHT]",
    "blend": "W1,W2,...",
    "style_crop": "L,T,R,B",
    "backbone": "NAME",
}
_SINGULAR = {"layers": "--layer", "content_layers": "--content-layer", "style_layers": "--style-layer"}
"""Settings whose option is given once for each entry."""


@dataclass(frozen=True)
class RecipeArguments:
    """What the command line says about a recipe.

    Attributes:
        kind: of the presets.
        preset: ``--preset``.
        pairs: each ``--set``, as ``KEY=VALUE``.
        options: the values of options that were given, by setting.
    """

    kind: "Kind"
    preset: str | None
    pairs: Sequence[str]
    options: Mapping[str, Any]

    def recipe(self, model: type[AnySettings], **more: Any) -> AnySettings:  # noqa: ANN401
        """Return the recipe: an option wins over ``--set``, ``--set`` over the preset.

        Args:
            model: the class of recipes of this kind.
            more: settings that follow from other arguments.

        Raises:
            RecipeError: the preset does not exist, or settings are wrong (a message for each).
        """
        from artcnn.presets import load_recipe, parse_setting

        settings = dict(map(parse_setting, self.pairs)) | dict(self.options) | more
        recipe = load_recipe(self.kind, self.preset, **settings)
        assert isinstance(recipe, model)  # noqa: S101 - the kind names this class
        return recipe

    def setting(self, name: str) -> object:
        """Return what the arguments or the preset say about one setting; None if they say nothing."""
        from artcnn.presets import load_preset, parse_setting

        preset = load_preset(self.kind, self.preset).settings if self.preset else {}
        return (preset | dict(map(parse_setting, self.pairs)) | dict(self.options)).get(name)


class RecipeOptions(OptionGroup):
    """``--preset``, ``--set``, and options for some fields of a recipe.

    Args:
        kind: of the presets.
        recipe: the name of the recipe's class.
        sections: the fields that have options, by the section of ``--help``.
        help: help texts other than the fields' docstrings.
    """

    def __init__(
        self,
        kind: "Kind",
        recipe: str,
        sections: Mapping[str, Sequence[str]],
        help: Mapping[str, str] | None = None,  # noqa: A002
    ) -> None:
        self._kind, self._recipe, self._sections, self._help = kind, recipe, sections, help or {}

    def parameters(self) -> list[Parameter]:
        """Return ``--preset`` first and ``--set`` last."""
        fields = recipe_fields(self._recipe)
        named = [(name, section) for section, names in self._sections.items() for name in names]
        options = [field_option(name, fields[name], section, self._help.get(name)) for name, section in named]
        return [option("preset", Preset), *options, option("settings", Settings)]

    def make(self, values: Mapping[str, Any]) -> RecipeArguments:
        """Return what the command line says."""
        given = {name: value for name, value in values.items() if value is not None}
        preset, pairs = given.pop("preset", None), given.pop("settings", ())
        return RecipeArguments(self._kind, preset, tuple(pairs), given)


def field_option(name: str, field: RecipeField, section: str, help: str | None = None) -> Parameter:  # noqa: A002
    """Return an option for one setting; the recipe checks its range, so that all mistakes are reported at once."""
    metavar = "|".join(field.choices) or _METAVARS.get(name)
    flags = (f"--{name}",) if field.type is bool else (_SINGULAR[name],) if name in _SINGULAR else ()
    text = help or field.help + (" Repeatable." if name in _SINGULAR else "")
    shown = typer.Option(*flags, metavar=metavar, help=text, rich_help_panel=section)
    kind: Any = list[str] if name in _SINGULAR else field.type
    return option(name, Annotated[kind | None, shown])


Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        "-p",
        metavar="NAME|FILE",
        help="A preset by name ('artcnn presets' lists them), or a .toml file.",
        rich_help_panel=MAKE,
    ),
]
