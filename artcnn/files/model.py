"""Model files: a network's weights as safetensors, with a card that describes the network and its training.

Model files are not trusted: no code in them is run, the card is validated, and the tensors must match the network that
the card describes in names, shapes and types.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from torch import Tensor, nn

from artcnn.errors import ModelError, RecipeError
from artcnn.files.int8 import from_int8
from artcnn.files.model_registry import find_model
from artcnn.files.painting import Painting, Sha256
from artcnn.files.tensors import read_safetensors, write_safetensors
from artcnn.nets.kinds import KINDS, build
from artcnn.notebook import card, folded, show_settings, table
from artcnn.old_recipes import upgrade
from artcnn.settings import parse
from artcnn.training.loop import Epoch
from artcnn.training_recipes import OLD_KINDS, FirstLayerRecipe, ModelKind, TrainRecipe

Name = Annotated[str, Field(pattern=r"^[\w .,:/+()-]{1,80}$")]
"""Text that is safe to show in a terminal."""
Number = Annotated[float, Field(allow_inf_nan=False)]

R = TypeVar("R", bound=TrainRecipe)

STYLE_KIND: Literal["style"] = "style"
"""The kind in the card of a file that has one style only, ``files/style.py``."""

_SHOWN = 10  # classes in a notebook


class ModelCard(BaseModel):
    """The description of a network in its model file; of instant styles, the classes are their names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Name
    kind: ModelKind
    recipe: dict[str, Any]
    classes: Annotated[tuple[Name, ...], Field(max_length=1000)]
    paintings: Annotated[tuple[Painting, ...], Field(max_length=1000)] = ()
    data: Name
    data_sha256: Sha256
    metrics: dict[Name, Number] = Field(default_factory=dict)
    history: Annotated[tuple[dict[Name, Number], ...], Field(max_length=10_000)] = ()

    @field_validator("kind", mode="before")
    @classmethod
    def _read_old_kind(cls, kind: Any) -> Any:  # noqa: ANN401 - it is not checked yet
        return OLD_KINDS.get(kind, kind) if isinstance(kind, str) else kind

    @model_validator(mode="after")
    def _check_classes(self) -> Self:
        least = {"features": 0, "instant": 1}.get(self.kind, 2)
        if len(self.classes) < least or (self.kind == "features" and self.classes):
            raise ValueError("a network has two classes or more, of styles one or more; features alone have none")
        if self.kind == "instant" and (len(set(self.classes)) < len(self.classes) or "," in "".join(self.classes)):
            raise ValueError("styles differ in their names, which have no commas")
        if len(self.paintings) != (len(self.classes) if self.kind == "instant" else 0):
            raise ValueError("each style has a painting, and nothing else has any")
        return self

    def train_recipe(self) -> TrainRecipe | FirstLayerRecipe:
        """Return the recipe of its training."""
        recipe = KINDS[self.kind].recipe
        return parse(recipe, upgrade(recipe, self.recipe, self.version))

    def recipe_as(self, kind: type[R]) -> R:
        """Return the same as a recipe of that class.

        Raises:
            TypeError: it is of another class.
        """
        recipe = self.train_recipe()
        if not isinstance(recipe, kind):
            raise TypeError(f"a {type(recipe).__name__} is no {kind.__name__}")
        return recipe

    def epochs(self) -> list[Epoch]:
        """Return the epochs of its training."""
        return [Epoch.from_json(numbers) for numbers in self.history]

    def with_history(self, epochs: list[Epoch], **metrics: float) -> "ModelCard":
        """Return the card with the epochs of the training, and metrics."""
        return self.model_copy(update={"history": tuple(epoch.to_json() for epoch in epochs), "metrics": metrics})


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network, in evaluation mode, and its card."""

    network: nn.Module
    card: ModelCard
    path: Path

    def _repr_html_(self) -> str:
        """Return the card as HTML, for notebooks."""
        recipe, count = self.card.train_recipe(), sum(part.numel() for part in self.network.parameters())
        classes = ", ".join(self.card.classes[:_SHOWN]) + (" ..." if len(self.card.classes) > _SHOWN else "")
        rows = [
            ("learned from", self.card.data),
            ("parameters", f"{count:,}"),
            (f"{len(self.card.classes)} classes", classes or "none: it gives features"),
            *self.card.metrics.items(),
        ]
        layers = [(name, type(layer).__name__) for name, layer in self.network.named_children()]
        history = [[epoch.get(name, "") for name in self.card.history[-1]] for epoch in self.card.history]
        parts = [table(rows), folded("layers", table(layers)), folded("recipe", show_settings(recipe))]
        if history:
            parts.append(folded("history", table(history, list(self.card.history[-1]))))
        return card(f"{self.path.stem}: {self.card.kind}", *parts)


def write_model(path: Path, state: dict[str, Tensor], card: ModelCard, replace: bool = True) -> Path:
    """Write tensors and their card to a safetensors file, as ``write_atomic`` does; return its path.

    Raises:
        ArtcnnError: it cannot be written.
    """
    text = card.model_dump_json(exclude=None if card.paintings else {"paintings"})
    return write_safetensors(path, state, text, replace)


def read_model(name: str | Path, kind: ModelKind | None = None) -> Model:
    """Return the model in a file, or the bundled model of this name.

    Args:
        name: file or name.
        kind: the kind of network that is needed; any by default.

    Raises:
        ModelError: it does not exist, is not a model file of artcnn, is damaged, does not fit its network, or is of
            another kind.
    """
    path = find_model(name)
    card, state = read_tensors(path)
    state = from_int8(state)
    if kind is not None and kind != card.kind:
        its, wanted = KINDS[card.kind].subject, KINDS[kind].subject
        raise ModelError(f"{path} is a network for {its}, and this takes one for {wanted}")
    network = build(card.train_recipe(), len(card.classes))
    for key, tensor in network.state_dict().items():
        if key not in state or state[key].shape != tensor.shape or state[key].dtype != tensor.dtype:
            raise ModelError(f"{path} does not fit the network that its card names: '{key}' is not as it should be")
    if extra := state.keys() - network.state_dict().keys():
        raise ModelError(f"{path} does not fit the network that its card names: it has '{min(extra)[:40]}', too")
    network.load_state_dict(state)
    return Model(network.eval(), card, path)


def read_tensors(path: Path) -> tuple[ModelCard, dict[str, Tensor]]:
    """Return a file's card and tensors, after checking that all values are finite.

    Raises:
        ModelError: it is not a model file of artcnn, or is damaged.
    """
    text, state = read_safetensors(path)
    try:
        plain = json.loads(text)
        if isinstance(plain, dict) and plain.get("kind") == STYLE_KIND:
            raise ModelError(f"{path} is a style, not a whole network", hint="artcnn instant --style takes it")
        card = ModelCard.model_validate(plain)
        card.train_recipe(), card.epochs()
    except (ValidationError, RecipeError, TypeError, KeyError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: the card of this model file is damaged") from error
    return card, state
