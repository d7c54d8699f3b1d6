"""The list of the documents' pictures: by what each was made, and when that was last done."""

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from artcnn.hashes import sha256_of
from making.picture import ROOT

MANIFEST = ROOT / "docs" / "pictures" / "MANIFEST.csv"
FOLDERS = "docs/pictures", "artcnn/data/studio/looks"


@dataclass(frozen=True)
class Row:
    """A picture of the documents.

    Attributes:
        file: where it is, from the repository's root.
        sha256: of the file.
        fingerprint: of the settings and inputs that it was made with.
        checked: the day on which it was last made anew and looked at; empty if that was before this list began.
        difference: how far what was made on that day is from the file, on average, of 255; 0 where it is the file. A
            search takes another way on another machine, and ends in another picture of the same look.
    """

    file: str
    sha256: str
    fingerprint: str
    checked: str
    difference: str


def read_manifest() -> dict[str, Row]:
    """Return the rows by file."""
    if not MANIFEST.exists():
        return {}
    with MANIFEST.open(newline="") as file:
        return {row["file"]: Row(**row) for row in csv.DictReader(file)}


def write_manifest(rows: dict[str, Row]) -> None:
    """Write the rows, sorted by file."""
    with MANIFEST.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(rows[name]) for name in sorted(rows))


def files() -> set[str]:
    """Return the pictures that are there."""
    found = {path for folder in FOLDERS for path in (ROOT / folder).iterdir()} - {MANIFEST}
    return {str(path.relative_to(ROOT)) for path in found}


def row_of(file: str, fingerprint: str, checked: str, difference: float) -> Row:
    """Return the row of a picture that is there."""
    return Row(file, sha256_of(ROOT / file), fingerprint, checked, f"{difference:.2f}")


def compare(one: Path, other: Path) -> float | None:
    """Return how far two pictures are apart on average, of 255; None if they are not equally large or long."""
    first, second = _frames(one), _frames(other)
    if [frame.shape for frame in first] != [frame.shape for frame in second]:
        return None
    return float(np.mean([np.abs(a - b).mean() for a, b in zip(first, second, strict=True)]))


def _frames(path: Path) -> list[np.ndarray]:
    with Image.open(path) as image:
        return [np.asarray(frame.convert("RGB"), np.float32) for frame in ImageSequence.Iterator(image)]
