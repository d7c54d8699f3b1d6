"""Which instant styles there are, and where, without importing torch."""

from pathlib import Path
from typing import Any

from artcnn.blend import parse_blend
from artcnn.errors import ModelError, RecipeError, did_you_mean, missing
from artcnn.files.model_registry import bundled_models, read_header

NETWORK = "instant"
"""Name of the network that ships."""


def shipped_network() -> Path:
    """Return the file of the network that ships.

    Raises:
        ModelError: it is not there.
    """
    models = bundled_models()
    if NETWORK not in models:
        raise ModelError("no styles came with this artcnn", hint="install it anew")
    return models[NETWORK]


def shipped_styles() -> dict[str, dict[str, Any]]:
    """Return what is known of the painting of each style that ships, by the name of the style; see ``Painting``."""
    card = read_card(shipped_network())
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
        return shipped_network()
    path = Path(name)
    if is_style_file(name):
        if not path.is_file():
            raise ModelError(missing(path))
        return path
    own = f"{name}.safetensors"
    hint = f"did you mean '{own}'?" if Path(own).is_file() else did_you_mean(name, shipped)
    raise RecipeError(f"there is no style '{name}'", hint=hint)


def is_style_file(name: str) -> bool:
    """Return whether a style is called by its file: what ends in .safetensors or has a slash."""
    return name.endswith(".safetensors") or "/" in name


def check_style(path: Path) -> None:
    """Check, before the slow work, that a file says that it has a style.

    Raises:
        ModelError: it does not.
    """
    if not path.is_file():
        raise ModelError(missing(path))
    if read_card(path).get("kind") not in ("style", "instant"):
        raise ModelError(f"{path} has no style", hint="'artcnn instant learn' makes files that have one")


def read_card(path: Path) -> dict[str, Any]:
    """Return the card of a model or style file as it is written there, unchecked.

    Raises:
        ModelError: it has none.
    """
    card = read_header(path)[0]
    if not card:
        raise ModelError(f"{path} was not made by artcnn: it has no card")
    return card
