"""Frozen models of settings with a range and a unit on each number, and how they are read from plain data.

:func:`parse` reads them (from a TOML file, the command line, a picture's metadata) and reports all mistakes at once.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator

from artcnn.errors import RecipeError, combined, did_you_mean
from artcnn.notebook import show_settings
from artcnn.old_recipes import accept_old_names


class FrozenSettings(BaseModel):
    """A frozen set of settings, which shows itself in a notebook."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="wrap")  # around those of each recipe, which know the names of now
    @classmethod
    def _accept_old_names(cls, data: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401
        return validate(accept_old_names(cls, data) if isinstance(data, Mapping) else data)

    def _repr_html_(self) -> str:
        return show_settings(self)


class Settings(FrozenSettings):
    """A frozen set of settings with a seed."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Seed of all random numbers; the same seed gives the same result."""


AnyRecipe = TypeVar("AnyRecipe", bound=BaseModel)


def parse(model: type[AnyRecipe], data: Mapping[str, Any], layers: Mapping[str, int] | None = None) -> AnyRecipe:
    """Return the recipe that plain data describes.

    Args:
        model: the kind of recipe.
        data: settings by name; those left out keep their defaults.
        layers: the backbone's layers and their numbers of channels; where given, layer names are checked.

    Raises:
        RecipeError: something is wrong; one line for each mistake, with what is allowed and the nearest name.
    """
    try:
        return model.model_validate(dict(data), context=layers)
    except ValidationError as error:
        entries = error.errors(include_url=False)
        wrong = {entry["loc"][:1] for entry in entries if entry["type"] != "too_short"}
        # Where a list's entries are wrong, pydantic complains of their lack as well.
        entries = [entry for entry in entries if entry["type"] != "too_short" or entry["loc"][:1] not in wrong]
        raise combined([_mistake(model, dict(entry)) for entry in entries]) from None


def _mistake(model: type[BaseModel], entry: dict[str, Any]) -> RecipeError:
    """Return the error for one of pydantic's: the setting, what is allowed, what was given."""
    kind = entry["type"]
    if not entry["loc"]:  # settings that do not go together
        return RecipeError(str(entry["ctx"]["error"]))
    setting = str(entry["loc"][0])
    if kind == "extra_forbidden":
        return RecipeError(f"unknown setting '{setting}'", hint=did_you_mean(setting, model.model_fields))
    if kind == "value_error":
        return RecipeError(f"{setting}: {entry['ctx']['error']}")
    if kind == "too_short":
        return RecipeError(f"{setting}: needs at least one layer")
    text = str(entry["msg"]).removeprefix("Input ")
    return RecipeError(f"{setting}: {text[0].lower()}{text[1:]}, not {entry['input']!r}")
