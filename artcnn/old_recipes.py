"""Settings under the names that 0.1.0 had for them: stored in files, or typed."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from artcnn.deprecation import warn_of_old_name
from artcnn.errors import RecipeError

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
"""Names of settings in 0.1.0, and their names now; of two, a recipe has one."""

_OLD_VALUES = {("optimizer", "spectrum"): "spectral_adam"}

BEFORE: Mapping[str, Mapping[str, Any]] = {"dream": {"calm": 0.0}}
"""What a whole recipe that lacks a newer setting was made with: dreams filled smooth areas with texture."""


def upgrade(model: type[BaseModel], settings: Mapping[str, Any], version: object) -> dict[str, Any]:
    """Return settings that a version of artcnn has stored, under the names that they have now.

    Args:
        model: the kind of recipe.
        settings: by name.
        version: of the artcnn that stored them; later ones than 0.1.0 have the names of now.
    """
    if not re.match(r"0\.[01]\.", str(version)):
        return dict(settings)
    return dict(_renamed(model, name, value) for name, value in settings.items())


def accept_old_names(model: type[BaseModel], settings: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Return settings that somebody wrote, under the names that they have now, and warn of each old one.

    Args:
        model: the kind of recipe.
        settings: by name.
        where: what a warning begins with.

    Raises:
        RecipeError: a setting is given under both of its names.
    """
    accepted: dict[str, Any] = {}
    for name, value in settings.items():
        new, value_now = _renamed(model, name, value)
        if new != name:
            if new in settings:
                raise RecipeError(f"{where}'{name}' and '{new}' are one setting", hint=f"leave out '{name}'")
            warn_of_old_name(name, new, where)
        accepted[new] = value_now
    return accepted


def _renamed(model: type[BaseModel], name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - of all types
    """Return a setting's name and value as they are now."""
    fields = model.model_fields
    new = None if name in fields else next((new for old, new in OLD_NAMES if old == name and new in fields), None)
    if new is None:
        return name, value
    return new, _OLD_VALUES.get((new, value), value) if isinstance(value, str) else value
