"""The photos, paintings and words that ship, to try the studio with."""

import csv
from functools import cache
from typing import Any

from artcnn.locations import bundled_samples_dir
from artcnn.studio.store import Store
from artcnn.studio.uploads import keep_sample

PICTURES = "photo", "painting"
WORDS = ("word",)
"""What pages can use, as MANIFEST.csv calls it; there are digits and games beside them."""


@cache
def describe_samples(store: Store, kinds: tuple[str, ...] = PICTURES) -> list[dict[str, Any]]:
    """Keep the samples as if they had been uploaded, and return what they are, as plain data.

    Each has the fields of an upload, and ``kind`` (photo, painting or word), ``title``, ``author`` and ``year``.
    """
    folder = bundled_samples_dir()
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in kinds]
    facts = "kind", "title", "author", "year"
    return [vars(keep_sample(store, folder / row["file"])) | {name: row[name] for name in facts} for row in rows]
