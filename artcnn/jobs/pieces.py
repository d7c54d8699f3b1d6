"""The pieces of a film that are finished, kept beside it until it is joined, so that another run can go on."""

import json
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

from artcnn.backbones.precision import DTYPES, Precision
from artcnn.errors import ArtcnnError, CheckpointError, PictureError, reason
from artcnn.files.atomic import write_atomic
from artcnn.files.clips.clip import open_clip
from artcnn.files.file_names import hidden_sibling
from artcnn.files.films.pack import unpack
from artcnn.files.video import draft_film


class Begun(NamedTuple):
    """A run that was begun: the shots that it has found, as ranges of frames, and the precision it computes in."""

    shots: list[range]
    precision: Precision


class PieceStore:
    """Finished pieces in a hidden folder beside the film: of one run, whose key is kept with its shots.

    Attributes:
        path: the folder.
    """

    def __init__(self, out: Path) -> None:
        self.path = hidden_sibling(out, ".pieces")
        self._run, self._suffix = self.path / "run.json", out.suffix.lower()

    def load(self, key: str) -> Begun | None:
        """Return the run with this key; None if there is none.

        Raises:
            CheckpointError: what is there is damaged, or of a run with another key.
        """
        anew = f"delete {self.path}, or leave --resume out, to begin anew"
        try:
            kept = json.loads(self._run.read_text(encoding="utf-8"))
            run, shots = str(kept["run"]), [range(int(begin), int(end)) for begin, end in kept["shots"]]
            precision = next(precision for precision in DTYPES if precision == kept["precision"])
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError, KeyError, StopIteration) as error:
            raise CheckpointError(f"{self._run} is damaged", hint=anew) from error
        if run != key:
            raise CheckpointError(
                f"{self.path} is of a run with other settings, pictures or another version", hint=anew
            )
        return Begun(shots, precision)

    def start(self, key: str, shots: Sequence[range], precision: Precision) -> None:
        """Begin the run with this key anew; the pieces of another one are removed.

        Raises:
            ArtcnnError: the disk or the folder does not allow it.
        """
        self.clear()
        try:
            self.path.mkdir()
        except OSError as error:
            raise ArtcnnError(f"cannot write {self.path}: {reason(error)}") from error
        kept = {"run": key, "precision": precision, "shots": [[shot.start, shot.stop] for shot in shots]}
        write_atomic(self._run, json.dumps(kept).encode())

    def has(self, shot: range) -> bool:
        """Return whether the piece of a shot is there."""
        return self.path_of(shot).exists()

    def add(self, shot: range, content: bytes) -> None:
        """Keep the piece of a shot, as ``files.films.pack.pack`` returns it; one that is there already stays.

        Raises:
            PictureError: it is damaged, or has not the frames of the shot.
            ArtcnnError: it cannot be written. In either case there is nothing.
        """
        if self.has(shot):
            return
        with draft_film(self.path_of(shot), replace=True) as draft:
            unpack(content, draft.temporary)
            count = len(open_clip(draft.temporary).times)  # of those that are there, whatever its header says
            if count != len(shot):
                raise PictureError(f"a piece of {len(shot)} frames came with {count}")

    def path_of(self, shot: range) -> Path:
        """Return where the piece of a shot is, or would be: a file with the ending of the film, or a folder."""
        return self.path / f"{shot.start + 1:06}-{shot.stop:06}{self._suffix}"

    def clear(self) -> None:
        """Remove everything: the film is there."""
        if self.path.is_dir():
            rmtree(self.path)
