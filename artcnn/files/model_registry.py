"""Find model files by name or path, without importing torch."""

from collections.abc import Iterable
from pathlib import Path

from artcnn.errors import ModelError, did_you_mean, missing
from artcnn.locations import bundled_models_dir


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
