"""The frames of an unfinished video, stored uncompressed, so that a killed run can be resumed."""

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
    """A file of frames, one after the other, as raw 8-bit RGB without headers.

    Writes are unbuffered: a frame that was added survives if the process is killed.
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
        for index in range(self._count):
            yield self[index]

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Tensor:
        """Return a frame, shape (1, 3, H, W), in [0, 1].

        Raises:
            IndexError: there is none of that number, from 0.
        """
        if not 0 <= index < self._count:
            raise IndexError(index)
        height, width = self._size
        self._file.seek(index * height * width * 3)
        rows = np.frombuffer(self._file.read(height * width * 3), np.uint8).reshape(height, width, 3)
        return torch.from_numpy(rows.copy()).permute(2, 0, 1)[None] / 255

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
        """Flush all frames to the disk."""
        fsync(self._file.fileno())


@contextmanager
def open_frame_store(path: Path, size: Size, last: Tensor | None = None, count: int | None = 0) -> Iterator[FrameStore]:
    """Open the frames of a video; anything after the first ``count`` frames is cut off.

    Args:
        path: the file; it is created or emptied if ``count`` is 0.
        size: (height, width) of a frame.
        last: the last frame, before rounding to 8 bits, to check that the file belongs to this run.
        count: number of finished frames; None for all that are complete.

    Raises:
        ArtcnnError: the file cannot be written, or belongs to another run.
    """
    length = size[0] * size[1] * 3
    wrong = ArtcnnError(f"{path} does not go with its checkpoint", hint="leave --resume out, to begin anew")
    try:
        with path.open("w+b" if count == 0 else "r+b") as file:
            if count is None:
                count = file.seek(0, SEEK_END) // length
            file.seek(max(0, count - 1) * length)
            if last is not None and file.read(length) != to_uint8(last).tobytes():
                raise wrong
            yield FrameStore(file, size, count)
    except FileNotFoundError as error:
        raise wrong from error
    except OSError as error:
        raise ArtcnnError(f"cannot write {path}: {reason(error)}") from error
