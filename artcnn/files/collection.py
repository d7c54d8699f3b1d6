"""The pictures that ship in artcnn to be searched for what a unit responds to."""

import csv
from pathlib import Path

from artcnn.errors import ArtcnnError
from artcnn.hashes import sha256_of
from artcnn.locations import bundled_photos_dir


def bundled_photos() -> list[Path]:
    """Return the pictures that the collection's MANIFEST.csv lists, each with the sha256 that stands there.

    Whatever else lies in the folder does not count: what a unit is said to respond to must not depend on it.

    Raises:
        ArtcnnError: one is missing, or is not the picture that was shipped.
    """
    folder = bundled_photos_dir()
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        listed = {folder / row["file"]: row["sha256"] for row in csv.DictReader(file)}
    for path, digest in listed.items():
        if not path.is_file() or sha256_of(path) != digest:
            raise ArtcnnError(f"{path} is missing or was changed", hint="reinstall artcnn")
    return list(listed)
