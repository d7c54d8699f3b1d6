"""The small pictures that ship to be searched."""

import csv
from pathlib import Path

from PIL import Image

from artcnn.files.collection import bundled_photos
from artcnn.locations import bundled_photos_dir


def rows():
    with (bundled_photos_dir() / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_they_are_what_the_manifest_says():
    photos = bundled_photos()
    assert len(photos) == 150
    assert sum(path.stat().st_size for path in photos) < 3_000_000
    for path, row in zip(photos, rows(), strict=True):
        with Image.open(path) as picture:
            assert (path.name, picture.size) == (row["file"], (int(row["width"]), int(row["height"])))
            assert min(picture.size) == 224


def test_each_has_a_title_and_a_source_and_is_free():
    for row in rows():
        assert row["licence"].startswith(("CC0", "Public domain"))
        assert all(row[key] for key in ("title", "author", "source"))


def test_nothing_else_lies_beside_them():
    listed = {row["file"] for row in rows()} | {"MANIFEST.csv"}
    assert {path.name for path in bundled_photos_dir().iterdir()} == listed
    assert "artcnn/data/photos/*" in (Path(__file__).parents[2] / "NOTICE").read_text()
