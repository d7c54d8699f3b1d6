"""Find model files by name or path, and read what they say of themselves, without importing torch."""

import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from artcnn.errors import ModelError, did_you_mean, missing
from artcnn.locations import bundled_models_dir

_LARGEST_HEADER = 1 << 24  # bytes


def bundled_models() -> dict[str, Path]:
    """Return the files of the bundled models, by name."""
    return {path.stem: path for path in sorted(bundled_models_dir().glob("*.safetensors"))}


def find_model(name: str | Path, others: Iterable[str] = ()) -> Path:
    """Return the file of a model.

    Args:
        name: a path, or the name of a bundled model.
        others: further valid names, for suggestions.

    Raises:
        ModelError: there is no such model.
    """
    path, bundled = Path(name), bundled_models()
    if str(name) in bundled and not path.exists():
        return bundled[str(name)]
    if not path.is_file():
        if path.is_symlink():
            raise ModelError(missing(path))
        raise ModelError(f"no model file {path}", hint=did_you_mean(str(name), [*bundled, *others]))
    return path


def read_header(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the card of a model file says, unchecked, and each tensor's shape and type by name.

    Raises:
        ModelError: the file is no model file; one without a card has an empty one.
    """
    try:
        with path.open("rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(size, _LARGEST_HEADER)))
        card = json.loads(header.pop("__metadata__", {}).get("artcnn", "{}"))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise ModelError(f"{path} is not a model file, or a damaged one") from error
    if not isinstance(card, dict):
        raise ModelError(f"{path} is not a model file, or a damaged one")
    return card, header
