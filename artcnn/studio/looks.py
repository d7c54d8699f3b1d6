"""Presets as small pictures of one's own photo: made while no job waits, and kept as long as there is room."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artcnn import __version__
from artcnn.errors import UnknownError
from artcnn.presets import load_preset, preset_files
from artcnn.studio.orders import known_kind
from artcnn.studio.store import Store

LOOK_SIZE = 192
"""Longer side, in pixels."""

_KEPT = 500
"""Number of pictures that are kept; each has some ten kilobytes."""

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Look:
    """A preset that is to be tried out on some inputs.

    Attributes:
        key: the name of its picture: another preset, photo or version has another.
        kind: of the preset.
        preset: its name.
        inputs: the sha256 of each input, by name.
    """

    key: str
    kind: str
    preset: str
    inputs: Mapping[str, str]


class Looks:
    """Which looks are wanted, and which are there. The worker writes the pictures.

    Args:
        store: the studio's folder.
    """

    def __init__(self, store: Store) -> None:
        self._folder, self._store = looks_folder(store.root), store
        self._folder.mkdir(exist_ok=True, mode=0o700)
        self._wanted: list[Look] = []

    def want(self, kind: str, inputs: Mapping[str, str]) -> dict[str, Any]:
        """Let all presets of a kind be tried out on these inputs, and no others any more.

        Returns:
            ``keys``, the key of each preset's picture, and ``there``, the keys of those that are made.

        Raises:
            ArtcnnError: there is no such kind or file.
        """
        for sha256 in inputs.values():
            self._store.path(sha256)
        known = known_kind(kind)
        looks = [Look(_key(kind, name, inputs), kind, name, inputs) for name in preset_files(known)]
        there = [look.key for look in looks if self._path(look.key).exists()]
        self._wanted = [look for look in looks if look.key not in there]
        return {"keys": {look.preset: look.key for look in looks}, "there": there}

    def first(self) -> Look | None:
        """Return the look that is to be made next."""
        return self._wanted[0] if self._wanted else None

    def is_wanted(self, look: Look) -> bool:
        """Return whether a page still waits for a look."""
        return look in self._wanted

    def drop(self, look: Look) -> None:
        """Note that a look is made, or cannot be; the oldest pictures make room."""
        self._wanted = [one for one in self._wanted if one != look]
        kept = sorted(self._folder.glob("*.jpg"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-_KEPT]:
            path.unlink()

    def picture(self, key: str) -> Path:
        """Return the picture of a look.

        Raises:
            UnknownError: there is none.
        """
        if not _KEY.fullmatch(key) or not self._path(key).exists():
            raise UnknownError("there is nothing to be seen yet")
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.jpg"


def looks_folder(root: Path) -> Path:
    """Return where the pictures of looks are in the studio's folder."""
    return root / "looks"


def _key(kind: str, preset: str, inputs: Mapping[str, str]) -> str:
    settings = load_preset(known_kind(kind), preset).settings
    what = [__version__, LOOK_SIZE, kind, preset, settings, sorted(inputs.items())]
    return hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()
