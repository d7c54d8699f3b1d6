"""Checkpoints: the state of an engine, and the run that it belongs to."""

import json
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from artcnn.errors import CheckpointError
from artcnn.files.atomic import atomic_replace
from artcnn.files.file_names import fit_name

_RUN, _SAME = "run", "same"
_ANEW = "delete it, or leave --resume out, to begin anew"


def write_checkpoint(path: Path, state: Mapping[str, Tensor], run: str) -> None:
    """Write a checkpoint atomically: the previous one stays until the new one is complete.

    Raises:
        ArtcnnError: it cannot be written.
    """
    tensors = {name: x.detach().cpu().contiguous() for name, x in state.items()}
    first: dict[int, str] = {}
    same = {name: kept for name, x in tensors.items() if (kept := first.setdefault(x.data_ptr(), name)) != name}
    metadata = {_RUN: run, _SAME: json.dumps(same)}
    try:
        with atomic_replace(path, _part_of(path) / "state") as draft:
            draft.temporary.parent.mkdir(exist_ok=True)
            try:
                save_file({name: x for name, x in tensors.items() if name not in same}, draft.temporary, metadata)
            except SafetensorError as error:
                raise OSError(str(error)) from error  # safetensors wraps the disk's errors
    finally:
        remove_partial(path)


def remove_partial(path: Path) -> None:
    """Remove what a run left behind that was killed while it wrote a checkpoint."""
    if (part := _part_of(path)).is_dir():
        rmtree(part)


def _part_of(path: Path) -> Path:
    """Return the folder in which a checkpoint is written before it is moved into place.

    safetensors writes to a temporary file of its own beside the given one; inside this folder it can be found.
    """
    return path.with_name(fit_name(path.name, ".part"))


def read_checkpoint(path: Path, run: str) -> dict[str, Tensor]:
    """Return the state in a checkpoint of ``run``.

    Raises:
        CheckpointError: the file is damaged, or belongs to a run with other settings, inputs or another version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            # Copies: the file is mapped into memory, and Windows would not let a new checkpoint take its place.
            state = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - it is no dict
        state |= {name: state[kept] for name, kept in json.loads(metadata.get(_SAME, "{}")).items()}
    except (OSError, SafetensorError, ValueError, KeyError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged", hint=_ANEW) from error
    if metadata.get(_RUN) != run:
        raise CheckpointError(f"{path} is of a run with other settings, pictures or another version", hint=_ANEW)
    return state
