"""What can be chosen: kinds, presets, settings with their ranges and meanings, instant styles, samples."""

from functools import cache
from typing import Any

from artcnn.backbones.weights import imagenet_classes
from artcnn.files.style_names import shipped_styles
from artcnn.jobs.inputs import INPUTS
from artcnn.locations import bundled_presets_dir, studio_pages_dir
from artcnn.presets import RECIPES, Preset, load_preset, preset_files
from artcnn.recipe_fields import recipe_fields
from artcnn.recipes import FilmRecipe
from artcnn.settings import FrozenSettings


@cache
def describe_options() -> dict[str, Any]:
    """Return what a page can offer, as plain data."""
    kinds = {
        kind: {
            "presets": [_describe_preset(load_preset(kind, name)) for name in preset_files(kind)],
            "settings": _describe_settings(RECIPES[kind]),
        }
        for kind in INPUTS
    }
    styles = {
        name: {fact: facts.get(fact) for fact in ("title", "artist", "year")} | {"look": _look(f"instant-{name}")}
        for name, facts in shipped_styles().items()
    }
    return {"kinds": kinds, "film": _describe_settings(FilmRecipe), "styles": styles, "things": imagenet_classes()}


def _describe_settings(model: type[FrozenSettings]) -> dict[str, Any]:
    """Return the settings of a recipe, each with its range and its meaning."""
    schema, help_of = model.model_json_schema()["properties"], recipe_fields(model.__name__)
    return {name: {"schema": schema[name], "help": help_of[name].meaning} for name in schema if name in help_of}


def _describe_preset(preset: Preset) -> dict[str, Any]:
    shipped = preset.path.parent.parent == bundled_presets_dir()
    facts = {"name": preset.name, "about": preset.description, "settings": preset.settings}
    return facts | {"look": _look(f"{preset.kind}-{preset.name}") if shipped else None}


def _look(name: str) -> str | None:
    """Return the address of the small picture that shows a look, if there is one."""
    path = studio_pages_dir() / "looks" / f"{name}.webp"
    return f"looks/{path.name}" if path.exists() else None
