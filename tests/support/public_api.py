"""The names that versions promise to keep: ``python tests/support/public_api.py`` writes the list anew."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from name_lists import Names, write_names
from pydantic import BaseModel

import artcnn
from artcnn.backbones.weights import WEIGHTS
from artcnn.cli import app
from artcnn.cli.group import LAZY, NAMELESS
from artcnn.errors import ArtcnnError
from artcnn.locations import bundled_models_dir, bundled_presets_dir
from artcnn.presets import RECIPES
from artcnn.recipe_fields import recipe_fields
from artcnn.recipes import FilmRecipe, VideoRecipe
from artcnn.settings import FrozenSettings
from artcnn.training_recipes import InstantTrainRecipe

ROOT = Path(__file__).parents[2]
LIST = ROOT / "tests" / "data" / "public-api.txt"
HEAD = """\
# What versions promise to keep (docs/versions.md). Each line names a thing, the indented ones what belongs to it.
# A test compares this list with the program. After a change on purpose: python tests/support/public_api.py

"""
OTHER_RECIPES = {"video": VideoRecipe, "film": FilmRecipe, "instant learn": InstantTrainRecipe}


def public_names() -> Names:
    """Return everything that is promised: things, and the names that belong to each."""
    return {
        **dict(_commands(typer.main.get_command(app), "artcnn")),
        **dict(_recipes()),
        **{f"presets of {kind}": _names_in(bundled_presets_dir() / kind) for kind in RECIPES},
        "instant styles": [*artcnn.instant_styles()],
        "models": _names_in(bundled_models_dir()),
        "weights": sorted(WEIGHTS),
        "error codes": sorted({"usage", *(kind.code for kind in _errors(ArtcnnError))}),
        **dict(_python()),
    }


def _names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.iterdir())


def _commands(command: Any, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command with its arguments, in their order, and its options with the words that they take."""
    arguments, options = [], []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            arguments.append((parameter.metavar or parameter.name or "").replace(" ", ""))
        else:
            words = [word for word in (parameter.metavar or "").split("|") if re.fullmatch(r"[a-z][a-z0-9-]*", word)]
            first, *others = [*parameter.opts, *parameter.secondary_opts]
            options += [f"{first}={'|'.join(words)}" if words else first, *others]
    yield name, [*arguments, *sorted(options)]
    for below, inner in getattr(command, "commands", {}).items():
        whole = name == "artcnn" and below in LAZY
        found = typer.main.get_command(import_module(f"artcnn.cli.{below}").app) if whole else inner
        yield from _commands(found, name if below == NAMELESS else f"{name} {below}")


def _recipes() -> Iterator[tuple[str, list[str]]]:
    """Yield each recipe with its settings; where words are chosen from, also those."""
    for kind, recipe in {**RECIPES, **OTHER_RECIPES}.items():
        fields = recipe_fields(recipe.__name__)
        assert fields.keys() == recipe.model_fields.keys()
        yield (
            f"recipe of {kind}",
            [f"{name}={'|'.join(field.choices)}" if field.choices else name for name, field in fields.items()],
        )


def _errors(kind: type[ArtcnnError]) -> Iterator[type[ArtcnnError]]:
    yield kind
    for derived in kind.__subclasses__():
        if derived.__module__.startswith("artcnn."):
            yield from _errors(derived)


def _python() -> Iterator[tuple[str, list[str]]]:
    """Yield each name of the reference in artcnn and artcnn.inspect, with its parameters or its members."""
    text = (ROOT / "docs" / "reference.md").read_text() + (ROOT / "docs" / "reference-inspect.md").read_text()
    for name in re.findall(r"^::: (artcnn\.(?:inspect\.)?[A-Za-z_]+)$", text, re.MULTILINE):
        value: Any = artcnn
        for part in name.split(".")[1:]:
            value = getattr(value, part)
        if inspect.isclass(value):
            yield name, [] if issubclass(value, FrozenSettings) else _members(value)  # recipes are listed above
        elif callable(value):
            yield name, _parameters(value)


def _parameters(function: Any) -> list[str]:
    """Return the parameters; ``name=`` has to be given by its name, ``name/`` by its place."""
    marks = {
        inspect.Parameter.KEYWORD_ONLY: "{}=",
        inspect.Parameter.POSITIONAL_ONLY: "{}/",
        inspect.Parameter.VAR_POSITIONAL: "*{}",
        inspect.Parameter.VAR_KEYWORD: "**{}",
    }
    return [marks.get(one.kind, "{}").format(name) for name, one in inspect.signature(function).parameters.items()]


def _members(kind: type) -> list[str]:
    """Return what instances have by the class's own definition, with the parameters that making one takes."""
    if issubclass(kind, BaseModel):
        fields, made = list(kind.model_fields), []
    else:
        fields = [name for base in kind.__mro__ for name in inspect.get_annotations(base)]
        made = [] if getattr(kind, "_is_protocol", False) else [f"({name})" for name in _parameters(kind)]
    own = [base for base in kind.__mro__ if base.__module__.startswith("artcnn.")]
    methods = [name for base in own for name, value in vars(base).items() if callable(value) or _computed(value)]
    names = {name for name in [*fields, *methods] if not name.startswith("_") and name != "model_config"}
    return [*made, *sorted(names)]


def _computed(value: object) -> bool:
    return isinstance(value, property | classmethod | staticmethod)


if __name__ == "__main__":
    LIST.write_text(write_names(HEAD, public_names()), encoding="utf-8")
