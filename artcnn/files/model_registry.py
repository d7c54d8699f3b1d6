"""The networks trained here, by name or by file: found before the slow import of torch."""

from collections.abc import Iterable
from pathlib import Path

from artcnn.errors import ModelError, did_you_mean, missing
from artcnn.locations import bundled_models_dir


def bundled_models() -> dict[str, Path]:
    """Return the networks that ship in the package, by name."""
    return {path.stem: path for path in sorted(bundled_models_dir().glob("*.safetensors"))}


def find_model(name: str | Path, others: Iterable[str] = ()) -> Path:
    """Return the file of a model: a path, or the name of a bundled one.

    Args:
        name: what the user calls it.
        others: names that would have done, too, to suggest.

    Raises:
        ModelError: there is none.
    """
    path, bundled = Path(name), bundled_models()
    if str(name) in bundled and not path.exists():
        return bundled[str(name)]
    if not path.is_file():
        if path.is_symlink():
            raise ModelError(missing(path))
        raise ModelError(f"no model file {path}", hint=did_you_mean(str(name), [*bundled, *others]))
    return path
