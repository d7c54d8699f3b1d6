"""The bundled photos: ``inspect patches`` searches them for what a unit responds to, styles are learned on them."""

import csv
from pathlib import Path
from typing import Literal

from artcnn.errors import ArtcnnError
from artcnn.hashes import sha256_of
from artcnn.locations import bundled_photos_dir


def bundled_photos(kind: Literal["photo", "painting"] | None = None) -> list[Path]:
    """Return the photos that MANIFEST.csv lists, after checking their sha256. Other files in the folder are ignored.

    Args:
        kind: of the pictures; both by default.

    Raises:
        ArtcnnError: a photo is missing or was changed.
    """
    folder = bundled_photos_dir()
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if kind is None or row["kind"] == kind]
    listed = {folder / row["file"]: row["sha256"] for row in rows}
    for path, digest in listed.items():
        if not path.is_file() or sha256_of(path) != digest:
            raise ArtcnnError(f"{path} is missing or was changed", hint="reinstall artcnn")
    return list(listed)
