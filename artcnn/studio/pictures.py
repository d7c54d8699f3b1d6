"""The server's side of the decoder: what an uploaded file is, and small pictures of large ones."""

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from artcnn.studio.desk import Desk
from artcnn.studio.store import LARGEST, Store, Upload


class Pictures:
    """Has pictures decoded, each once: what is drawn small is kept. All its methods belong to the server's thread.

    Args:
        store: the files.
        desk: of the decoder.
    """

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store, self._desk, self._numbers = store, desk, count()

    async def describe(self, path: Path, name: str, sha256: str, *, sound: bool = False) -> Upload:
        """Return what a file is, by its content; a picture is kept as small as pages ever show it.

        Args:
            path: where the file is.
            name: what the user calls it.
            sha256: of its bytes.
            sound: whether it is to be the recording of a word.

        Raises:
            ArtcnnError: it is nothing of that kind that artcnn can read, or has too many pixels for this machine.
        """
        out = self._store.small(sha256, LARGEST)
        kind = "hear" if sound else "describe"
        return Upload(sha256, name, **await self._ask(kind, path, out, LARGEST, name))

    async def small(self, sha256: str, side: int) -> Path:
        """Return a JPEG of a picture that was uploaded, or of a clip's first frame, ``side`` pixels at most.

        Raises:
            UnknownError: there is no such file.
        """
        sha256 = self._store.upload(sha256).frame or sha256
        large = self._store.small(sha256, LARGEST)
        source = large if large.exists() else self._store.path(sha256)
        return await self.draw(source, self._store.small(sha256, side), side)

    async def draw(self, path: Path, out: Path, side: int) -> Path:
        """Draw a small JPEG of a picture that does not change any more, unless it is there; return where it is.

        Raises:
            PictureError: it is none.
        """
        if not out.exists():
            await self._ask("draw", path, out, side, path.name)
        return out

    async def _ask(self, kind: str, path: Path, out: Path, side: int, name: str) -> Mapping[str, Any]:
        request = {"path": str(path), "out": str(out), "side": side}
        return (await self._desk.ask(str(next(self._numbers)), kind, request, {str(path): name})).plain()
