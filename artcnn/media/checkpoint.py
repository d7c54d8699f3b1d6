"""Where a run is, on disk: what its engine needs to go on, and which run it is of."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.media.atomic import write_whole

_KEY = "artcnn"


def write_checkpoint(path: Path, state: Mapping[str, Tensor], run: str) -> None:
    """Write a step's state and which run it is of, in one step: what was there before is there until it is replaced.

    Raises:
        ArtcnnError: the disk or the folder does not allow it.
    """
    write_whole(path, save({name: x.detach().cpu().contiguous() for name, x in state.items()}, {_KEY: run}))


def read_checkpoint(path: Path, run: str) -> dict[str, Tensor]:
    """Return the state in a checkpoint of ``run``.

    Raises:
        ArtcnnError: the file is no checkpoint, or that of a run with other settings, inputs or another version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            theirs = (file.metadata() or {}).get(_KEY)
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict
    except (OSError, SafetensorError) as error:
        raise ArtcnnError(f"{path} is damaged: delete it, or leave --resume out, to begin anew") from error
    if theirs != run:
        raise ArtcnnError(
            f"{path} is of a run with other settings, pictures or another version: "
            f"delete it, or leave --resume out, to begin anew"
        )
    return state
