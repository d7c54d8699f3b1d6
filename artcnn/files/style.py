"""Style files: the scales and shifts of one style, which go with the shared weights of a network of instant styles.

They are not trusted, as model files are not.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from artcnn.errors import ModelError, RecipeError
from artcnn.files.model import STYLE_KIND, Name, Number
from artcnn.files.painting import Painting, Sha256
from artcnn.files.tensors import read_safetensors, write_safetensors
from artcnn.nets.instant import is_table
from artcnn.settings import parse
from artcnn.training_recipes import InstantTrainRecipe


class StyleCard(BaseModel):
    """The description of a style in its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Name
    kind: Literal["style"] = STYLE_KIND
    shared_sha256: Sha256
    painting: Painting
    recipe: dict[str, Any]
    data: Name
    data_sha256: Sha256
    metrics: dict[Name, Number] = Field(default_factory=dict)
    history: Annotated[tuple[dict[Name, Number], ...], Field(max_length=10_000)] = ()


@dataclass(frozen=True, eq=False)
class Style:
    """One style.

    Attributes:
        tables: its scales and shifts, each of shape (1, channels), by the name that they have in the network.
        shared_sha256: of the shared weights that they go with, from :func:`shared_sha256`.
        painting: that it was learned from.
    """

    tables: dict[str, Tensor]
    shared_sha256: str
    painting: Painting


def shared_sha256(state: Mapping[str, Tensor]) -> str:
    """Return a sha256 of the weights that all styles of a network share, whether they are stored in 16 or 32 bits."""
    digest = hashlib.sha256()
    for name in sorted(name for name in state if not is_table(name)):
        weights = state[name].detach().cpu().half().contiguous()
        digest.update(f"{name} {list(weights.shape)}\n".encode())
        digest.update(weights.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def style_of(state: Mapping[str, Tensor], number: int) -> dict[str, Tensor]:
    """Return the scales and shifts of one style of a network, each of shape (1, channels)."""
    return {name: table[number : number + 1].float() for name, table in state.items() if is_table(name)}


def write_style(path: Path, tables: Mapping[str, Tensor], card: StyleCard, replace: bool = True) -> Path:
    """Write a style to a file, as ``write_atomic`` does; return its path.

    Raises:
        ArtcnnError: it cannot be written.
    """
    return write_safetensors(path, dict(tables), card.model_dump_json(), replace)


def read_style(path: Path) -> Style:
    """Return the style in a file.

    Raises:
        ModelError: it is no style file, or is damaged.
    """
    text, tables = read_safetensors(path)
    try:
        card = StyleCard.model_validate_json(text)
        parse(InstantTrainRecipe, card.recipe)
    except (ValidationError, RecipeError) as error:
        raise ModelError(f"{path}: the card of this style file is damaged") from error
    for name, table in tables.items():
        if not is_table(name) or table.shape[:-1] != (1,) or table.dtype not in (torch.float16, torch.float32):
            raise ModelError(f"{path} is no style: '{name[:40]}' is not as it should be")
    return Style({name: table.float() for name, table in tables.items()}, card.shared_sha256, card.painting)
