"""Which instant styles there are, and where, without importing torch."""

import json
import struct
from pathlib import Path
from typing import Any

from artcnn.blend import parse_blend
from artcnn.errors import ModelError, RecipeError, did_you_mean, missing
from artcnn.files.model_registry import find_model

NETWORK = "instant"
"""Name of the network that ships."""

_LARGEST_HEADER = 1 << 24  # bytes


def shipped_styles() -> dict[str, dict[str, Any]]:
    """Return what is known of the painting of each style that ships, by the name of the style; see ``Painting``."""
    card = read_card(find_model(NETWORK))
    return dict(zip(card["classes"], card["paintings"], strict=True))


def locate_styles(blend: str) -> dict[str, Path]:
    """Return the file of each style of a blend, by its name: that of the network, or of its own.

    Args:
        blend: as it is written, ``"wave=0.7,own.safetensors=0.3"``. What ends in .safetensors or has a slash is a file.

    Raises:
        RecipeError: there is no such style.
        ModelError: there is no such file.
    """
    shipped = shipped_styles()
    return {name: _locate(name, list(shipped)) for name in parse_blend(blend)}


def _locate(name: str, shipped: list[str]) -> Path:
    """Return the file of one style."""
    if name in shipped:
        return find_model(NETWORK)
    path = Path(name)
    if path.suffix == ".safetensors" or "/" in name:
        if not path.is_file():
            raise ModelError(missing(path))
        return path
    own = f"{name}.safetensors"
    hint = f"did you mean '{own}'?" if Path(own).is_file() else did_you_mean(name, shipped)
    raise RecipeError(f"there is no style '{name}'", hint=hint)


def read_card(path: Path) -> dict[str, Any]:
    """Return the card of a model or style file as it is written there, unchecked.

    Raises:
        ModelError: it has none.
    """
    try:
        with path.open("rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(size, _LARGEST_HEADER)))
        card = json.loads(header["__metadata__"]["artcnn"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, struct.error) as error:
        raise ModelError(f"{path} is not a model file, or a damaged one") from error
    if not isinstance(card, dict):
        raise ModelError(f"{path} is not a model file, or a damaged one")
    return card
