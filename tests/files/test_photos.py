"""Photos to learn on: which files, and how they are parted."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from artcnn.errors import DataError
from artcnn.files.photos import LEAST, find_photos, read_photos


def fill(folder: Path, count: int, size: tuple[int, int] = (60, 48)) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        Image.new("RGB", size, (number, 0, 0)).save(folder / f"{number:03}.png")
    return folder


def reds(photos) -> list[int]:
    return [int(picture[0, 0, 0]) for picture in photos.pictures]


def test_every_tenth_is_held_out_or_those_that_are_named(tmp_path):
    folder = fill(tmp_path / "photos", 21)
    train, validation = read_photos([folder], (), lambda _: None)
    assert reds(validation) == [0, 10, 20]
    assert reds(train) == [number for number in range(21) if number % 10]
    assert train.name == "photos"
    train, validation = read_photos([folder], ("003", "007"), lambda _: None)
    assert reds(validation) == [3, 7]
    assert len(train) == 19
    with pytest.raises(DataError, match="held out"):
        read_photos([folder], ("there is none",), lambda _: None)


def test_photos_are_at_most_768_pixels_long_and_exactly_as_they_are_below(tmp_path):
    folder = fill(tmp_path / "photos", LEAST, (1000, 500))
    train, _ = read_photos([folder], (), lambda _: None)
    assert train.pictures[0].shape == (3, 384, 768)
    assert train.pictures[0].dtype == torch.uint8
    assert reds(train) == list(range(1, LEAST))


def test_what_cannot_be_read_is_left_out_and_too_few_are_refused(tmp_path):
    folder, left = fill(tmp_path / "photos", LEAST), []
    (folder / "000.png").write_bytes((folder / "000.png").read_bytes()[:40])
    with pytest.raises(DataError, match=f"{LEAST - 1} photos are too few to learn on, {LEAST} are needed"):
        read_photos([folder], (), left.append)
    assert ["000.png" in str(error) for error in left] == [True]
    with pytest.raises(DataError, match="three: 3 photos are too few"):
        find_photos([fill(tmp_path / "three", 3)])
    with pytest.raises(DataError, match="is not a folder"):
        find_photos([tmp_path / "nowhere"])


def test_those_that_ship_are_photos_without_paintings():
    names = [path.stem for path in find_photos([])]
    assert "cat" in names
    assert "cafe_terrace" not in names
    assert len(names) > 50


def test_of_many_photos_a_thousand_are_taken_from_everywhere(tmp_path, monkeypatch):
    files = [tmp_path / f"{number}.png" for number in range(2500)]
    monkeypatch.setattr("artcnn.files.photos.list_pictures", lambda _: files)
    found = find_photos([tmp_path])
    assert len(found) == len(set(found)) == 1000
    assert found[0] == files[0]
    assert found[-1] == files[2497]
