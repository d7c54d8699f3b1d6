"""What can be chosen: kinds, presets, settings with their ranges and meanings, instant styles, samples."""

from functools import cache
from typing import Any

from artcnn.files.style_names import shipped_styles
from artcnn.jobs.inputs import INPUTS
from artcnn.presets import RECIPES, load_preset, preset_files
from artcnn.recipe_fields import recipe_fields


@cache
def describe_options() -> dict[str, Any]:
    """Return what a page can offer, as plain data."""
    kinds = {}
    for kind in INPUTS:
        model = RECIPES[kind]
        schema = model.model_json_schema()["properties"]
        help_of = recipe_fields(model.__name__)
        kinds[kind] = {
            "presets": [{"name": name, "about": load_preset(kind, name).description} for name in preset_files(kind)],
            "settings": {
                name: {"schema": schema[name], "help": help_of[name].help} for name in schema if name in help_of
            },
        }
    return {"kinds": kinds, "styles": shipped_styles()}
