"""What stands for a machine while a run lasts: it checks that the machine can take part, and keeps a folder there."""

import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp

from artcnn import __version__
from artcnn.cluster.machines import Facts
from artcnn.errors import ArtcnnError
from artcnn.extras import require
from artcnn.files.name_lock import is_locked, locked_path
from artcnn.jobs.styles import network_sha256
from artcnn.recipes import BackboneRecipe, Recipe

_PREFIX = "artcnn-cluster-"

_NEW = 60.0
"""Seconds in which a folder is never taken for one of a dead process."""

_ASK = "import torch; print(torch.cuda.get_device_properties(0).total_memory)"


@dataclass(frozen=True)
class Question:
    """What a machine is asked before it gets work.

    Attributes:
        version: of the artcnn that asks.
        recipe: what will be made there.
        network: the sha256 of the network that ships, where that is needed.
        device: what is computed on, as the command line has it.
        extras: what must be installed.
    """

    version: str
    recipe: Recipe
    network: str | None
    device: str
    extras: tuple[str, ...]


class Host:
    """Stands for this machine until it is closed, or its process ends.

    Args:
        question: what is asked.
        gpus: whether this machine's GPUs may be used.

    Raises:
        ArtcnnError: the machine cannot take part.
    """

    def __init__(self, question: Question, *, gpus: bool) -> None:
        if question.version != __version__:
            raise ArtcnnError(f"it has artcnn {__version__}, and not {question.version}", hint="install the same")
        if network_sha256(question.recipe) != question.network:
            raise ArtcnnError("its network of instant styles is another", hint="install the same artcnn")
        require(*question.extras)
        if isinstance(question.recipe, BackboneRecipe):
            from artcnn.backbones import weights

            weights.fetch(weights.find(question.recipe.backbone))
        self._open = ExitStack()
        self.facts = Facts(self._make_folder(), _gpu_memory(question.device) if gpus else None)

    def _make_folder(self) -> Path:
        """Return a new folder that is locked as long as this process lives; folders of dead ones are removed."""
        folder = Path(mkdtemp(prefix=_PREFIX))
        self._open.enter_context(locked_path(lambda: folder / "host"))
        status = folder.stat()
        for left in Path(gettempdir()).glob(f"{_PREFIX}*"):
            with suppress(OSError):  # it is gone by now
                found = left.stat()
                old = found.st_mtime < status.st_mtime - _NEW  # a new one is perhaps not locked yet
                if old and found.st_uid == status.st_uid and not is_locked(left / "host"):
                    rmtree(left, ignore_errors=True)
        return folder

    def close(self) -> None:
        """Remove the folder."""
        self._open.close()
        rmtree(self.facts.folder, ignore_errors=True)


def _gpu_memory(device: str) -> int | None:
    """Return the bytes of memory of this machine's first GPU; None where none is to be used.

    Another process asks: from this one the cluster hides the GPUs, for it has not requested any.

    Raises:
        ArtcnnError: torch does not see it.
    """
    if device not in ("auto", "cuda"):
        return None
    seen = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    asked = subprocess.run([sys.executable, "-c", _ASK], env=seen, capture_output=True, text=True, check=False)  # noqa: S603
    if asked.returncode:
        raise ArtcnnError("its torch cannot use its GPU", hint="install a torch with CUDA, or give --device cpu")
    return int(asked.stdout)
