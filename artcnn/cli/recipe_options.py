"""Options made from the fields of a recipe: their types, ranges, choices and docstrings are stated once, there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from artcnn.cli.option_groups import OptionGroup, option
from artcnn.cli.options import CLIP, MAKE, Settings
from artcnn.recipe_fields import FLAGS, RecipeField, recipe_fields

if TYPE_CHECKING:
    from artcnn.presets import Kind
    from artcnn.settings import FrozenSettings

AnySettings = TypeVar("AnySettings", bound="FrozenSettings")

_METAVARS = {
    "layers": "LAYER[:CHANNEL][=WEIGHT]",
    "content_layers": "LAYER[=WEIGHT]",
    "style_layers": "LAYER[=WEIGHT]",
    "blend": "W1,W2,...",
    "style": "NAME|FILE[=WEIGHT],...",
    "style_crop": "L,T,R,B",
    "backbone": "NAME",
    "init": "content|noise|painting|instant|FILE",
}
_SINGULAR = {"layers": "--layer", "content_layers": "--content-layer", "style_layers": "--style-layer"}
"""Settings whose option is given once for each entry."""


@dataclass(frozen=True)
class RecipeArguments:
    """What the command line says about a recipe.

    Attributes:
        kind: of the presets; None for a recipe that has none.
        preset: ``--preset``.
        pairs: each ``--set``, as ``KEY=VALUE``.
        options: the values of options that were given, by setting.
        set_option: what ``--set`` is called.
    """

    kind: "Kind | None"
    preset: str | None
    pairs: Sequence[str]
    options: Mapping[str, Any]
    set_option: str = "--set"

    def settings(self) -> dict[str, Any]:
        """Return the settings that are given without the preset: an option wins over ``--set``.

        Raises:
            RecipeError: a ``--set`` is not of the form ``KEY=VALUE``.
        """
        from artcnn.presets import parse_setting

        return dict(parse_setting(text, self.set_option) for text in self.pairs) | dict(self.options)

    def recipe(self, model: type[AnySettings], **more: Any) -> AnySettings:  # noqa: ANN401
        """Return the recipe: options and ``--set`` win over the preset.

        Args:
            model: the class of the recipe.
            more: settings that follow from other arguments.

        Raises:
            RecipeError: the preset does not exist, or settings are wrong (a message for each).
        """
        from artcnn.presets import load_recipe
        from artcnn.settings import parse

        settings = self.settings() | more
        if self.kind is None:
            return parse(model, settings)
        recipe = load_recipe(self.kind, self.preset, **settings)
        assert isinstance(recipe, model)  # noqa: S101 - the kind names this class
        return recipe

    def setting(self, name: str) -> object:
        """Return what the arguments or the preset say about one setting; None if they say nothing."""
        from artcnn.presets import load_preset

        preset = load_preset(self.kind, self.preset).settings if self.kind and self.preset else {}
        return (preset | self.settings()).get(name)


PRESET = option(
    "preset",
    Annotated[
        str | None,
        typer.Option(
            "--preset",
            "-p",
            metavar="NAME|FILE",
            help="A preset by name ('artcnn presets' lists them), or a .toml file.",
            rich_help_panel=MAKE,
        ),
    ],
)
PAIRS = option("set", Settings)


class RecipeOptions(OptionGroup):
    """The option of a preset, options for some fields of a recipe, and ``--set`` for the others.

    Args:
        kind: of the presets; None for a recipe that has none.
        recipe: the name of the recipe's class.
        sections: the fields that have options, by the section of ``--help``.
        help: help texts other than the fields' docstrings.
        preset: the option of the preset, if it is not ``--preset``.
        pairs: what is called ``--set`` elsewhere; None if every setting has an option.
    """

    def __init__(
        self,
        kind: "Kind | None",
        recipe: str,
        sections: Mapping[str, Sequence[str]],
        help: Mapping[str, str] | None = None,  # noqa: A002
        *,
        preset: Parameter = PRESET,
        pairs: Parameter | None = PAIRS,
    ) -> None:
        self._kind, self._recipe, self._sections, self._help = kind, recipe, sections, help or {}
        self._preset, self._pairs = preset, pairs

    def parameters(self) -> list[Parameter]:
        """Return the preset first and ``--set`` last."""
        fields = recipe_fields(self._recipe)
        named = [(name, section) for section, names in self._sections.items() for name in names]
        options = [field_option(name, fields[name], section, self._help.get(name)) for name, section in named]
        pairs = [] if self._pairs is None else [self._pairs]
        return [*([self._preset] if self._kind else []), *options, *pairs]

    def make(self, values: Mapping[str, Any]) -> RecipeArguments:
        """Return what the command line says."""
        given = {name: value for name, value in values.items() if value is not None}
        name = "set" if self._pairs is None else self._pairs.name
        preset, pairs = given.pop(self._preset.name, None), given.pop(name, ())
        return RecipeArguments(self._kind, preset, tuple(pairs), given, f"--{name}")


def field_option(name: str, field: RecipeField, section: str, help: str | None = None) -> Parameter:  # noqa: A002
    """Return an option for one setting; the recipe checks its range, so that all mistakes are reported at once."""
    metavar = _METAVARS.get(name) or "|".join(field.choices) or None
    single = name in _SINGULAR
    flags = (_SINGULAR[name],) if single else (f"--{FLAGS.get(name, name)}",) * (field.type is bool or name in FLAGS)
    text = help or field.help + (" Repeatable." if name in _SINGULAR else "")
    shown = typer.Option(*flags, metavar=metavar, help=text, rich_help_panel=section)
    kind: Any = list[str] if name in _SINGULAR else field.type
    return option(name, Annotated[kind | None, shown])


Clips = Annotated[
    RecipeArguments,
    RecipeOptions(None, "FilmRecipe", {CLIP: ["start", "end", "still", "fps", "coherence", "passes"]}, pairs=None),
]
"""The options of clips, of which films are made."""
