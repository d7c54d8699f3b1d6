"""The photos and paintings that ship, to try the studio with."""

import csv
from functools import cache
from typing import Any

from artcnn.locations import bundled_samples_dir
from artcnn.studio.store import Store
from artcnn.studio.uploads import keep_sample

_KINDS = "photo", "painting"
"""What a page can use, as MANIFEST.csv calls it; there are digits, words and games beside them."""


@cache
def describe_samples(store: Store) -> list[dict[str, Any]]:
    """Keep the samples as if they had been uploaded, and return what they are, as plain data.

    Each has the fields of an upload, and ``kind`` (photo or painting), ``title``, ``author`` and ``year``.
    """
    folder = bundled_samples_dir()
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in _KINDS]
    facts = "kind", "title", "author", "year"
    return [vars(keep_sample(store, folder / row["file"])) | {name: row[name] for name in facts} for row in rows]
