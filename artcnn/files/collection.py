"""The bundled photos, which ``inspect patches`` searches for what a unit responds to."""

import csv
from pathlib import Path

from artcnn.errors import ArtcnnError
from artcnn.hashes import sha256_of
from artcnn.locations import bundled_photos_dir


def bundled_photos() -> list[Path]:
    """Return the photos that MANIFEST.csv lists, after checking their sha256. Other files in the folder are ignored.

    Raises:
        ArtcnnError: a photo is missing or was changed.
    """
    folder = bundled_photos_dir()
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        listed = {folder / row["file"]: row["sha256"] for row in csv.DictReader(file)}
    for path, digest in listed.items():
        if not path.is_file() or sha256_of(path) != digest:
            raise ArtcnnError(f"{path} is missing or was changed", hint="reinstall artcnn")
    return list(listed)
