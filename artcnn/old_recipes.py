"""Settings as earlier versions of artcnn have stored them: in the metadata of pictures, in models and in presets."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

OLD_NAMES = (
    ("apart", "similarity_penalty"),
    ("ascent", "optimizer"),
    ("average", "ema_decay"),
    ("colours", "color_match"),
    ("colours", "colors"),
    ("detail", "detail_transfer"),
    ("first_steps", "coarse_steps"),
    ("last_steps", "fine_steps"),
    ("middle", "edge_penalty"),
    ("noise", "noise_variance"),
    ("others", "negatives"),
    ("pace", "step_scale"),
    ("per_epoch", "epoch_size"),
    ("random_scale", "max_scale_change"),
    ("random_turn", "max_rotation"),
    ("recolour", "init_color_match"),
    ("relative", "normalize_terms"),
    ("settle", "refit_tolerance"),
    ("small", "small_boards"),
    ("sparsity", "activation_penalty"),
    ("taught", "teacher_layers"),
    ("tested", "validation_positions"),
)
"""Names of settings before 0.2.0, and their names now; of two, a recipe has one."""

_OLD_VALUES = {("optimizer", "spectrum"): "spectral_adam"}

BEFORE: Mapping[str, Mapping[str, Any]] = {"dream": {"calm": 0.0}}
"""What a whole recipe that lacks a newer setting was made with: dreams filled smooth areas with texture."""


def new_name(model: type[BaseModel], name: str) -> str | None:
    """Return what a setting that was called ``name`` before 0.2.0 is called in a recipe now; None if it was not."""
    return next((new for old, new in OLD_NAMES if old == name and new in model.model_fields), None)


def upgrade(model: type[BaseModel], settings: Mapping[str, Any], version: object) -> dict[str, Any]:
    """Return settings that a version of artcnn has stored, under the names that they have now.

    Args:
        model: the kind of recipe.
        settings: by name.
        version: of the artcnn that stored them; from 0.2.0 on they have their names already.
    """
    if not re.match(r"0\.[01]\.", str(version)):
        return dict(settings)
    renamed = {new_name(model, name) or name: value for name, value in settings.items()}
    return {
        name: _OLD_VALUES.get((name, value), value) if isinstance(value, str) else value
        for name, value in renamed.items()
    }
