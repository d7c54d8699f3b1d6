"""The frames of a film that is being made, kept on disk as they are, so that a run that was killed can go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import SEEK_END, fsync
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from artcnn.errors import ArtcnnError, reason
from artcnn.files.write import to_uint8
from artcnn.image import Size


class FrameStore:
    """A file of frames, one after the other: rows of red, green and blue, 8 bits each, and nothing else.

    What is added is with the system at once, so that it is there when the run is killed.
    """

    def __init__(self, file: BinaryIO, size: Size, count: int) -> None:
        self._file, self._size = file, size
        self.truncate(count)

    def __iter__(self) -> Iterator[Tensor]:
        """Yield all frames, shape (1, 3, H, W), in [0, 1].

        Raises:
            ArtcnnError: the file is closed.
        """
        if self._file.closed:
            raise ArtcnnError("the frames of the video are gone", hint="save it before asking for the run's next event")
        height, width = self._size
        self._file.seek(0)
        for _ in range(self._count):
            rows = np.frombuffer(self._file.read(height * width * 3), np.uint8).reshape(height, width, 3)
            yield torch.from_numpy(rows.copy()).permute(2, 0, 1)[None] / 255

    def truncate(self, count: int) -> None:
        """Keep only the first frames, so many of them."""
        self._count = count
        self._file.truncate(count * self._size[0] * self._size[1] * 3)

    def close(self) -> None:
        """Close the file: the frames can be read no more."""
        self._file.close()

    def add(self, frame: Tensor) -> None:
        """Add a frame, shape (1, 3, H, W), in [0, 1]."""
        self._file.seek(0, SEEK_END)
        self._count += 1
        self._file.write(to_uint8(frame).data)
        self._file.flush()

    def sync(self) -> None:
        """Return when what was added is on the disk."""
        fsync(self._file.fileno())


@contextmanager
def open_frame_store(path: Path, size: Size, last: Tensor | None = None, count: int = 0) -> Iterator[FrameStore]:
    """Open the frames of a film of which so many are made; what is behind them is cut off.

    Args:
        path: the file; it is made, or made anew, where ``count`` is 0.
        size: (height, width) of a frame.
        last: the last of the frames, before it was rounded to 8 bits.
        count: how many there are.

    Raises:
        ArtcnnError: the disk or the folder does not allow it, or the file is not that of these frames.
    """
    length = size[0] * size[1] * 3
    wrong = ArtcnnError(f"{path} does not go with its checkpoint", hint="leave --resume out, to begin anew")
    try:
        with path.open("r+b" if count else "w+b") as file:
            file.seek(max(0, count - 1) * length)
            if last is not None and file.read(length) != to_uint8(last).tobytes():
                raise wrong
            yield FrameStore(file, size, count)
    except FileNotFoundError as error:
        raise wrong from error
    except OSError as error:
        raise ArtcnnError(f"cannot write {path}: {reason(error)}") from error
