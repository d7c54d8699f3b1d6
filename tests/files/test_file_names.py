"""Names made from names."""

import os

import pytest

from artcnn.files.file_names import LONGEST_NAME, fit_name, hidden_sibling, next_numbered, output_path

CHINESE = "山" * 80  # 240 bytes


def test_a_name_that_fits_stays_as_it_is():
    assert fit_name("photo", "-dream.png") == "photo-dream.png"
    assert fit_name("a" * 251, ".png") == "a" * 251 + ".png"


@pytest.mark.parametrize("head", [CHINESE, "a" * 300, f"{CHINESE}-{CHINESE}", "é" * 127 + "\udcff", "x"])
@pytest.mark.parametrize("tail", [".checkpoint", "-0010-2.png", ".checkpoint.safetensors", ""])
def test_a_name_that_is_too_long_keeps_its_beginning_and_its_tail(tmp_path, head, tail):
    name = fit_name(f".{head}", tail)
    assert len(os.fsencode(name)) <= LONGEST_NAME
    assert name.startswith(f".{head[:60]}")
    assert name.endswith(tail)
    (tmp_path / name).touch()
    assert fit_name(f".{head}", tail) == name


def test_names_that_differ_at_their_end_stay_two():
    assert fit_name(CHINESE + "上" * 9, ".checkpoint") != fit_name(CHINESE + "下" * 9, ".checkpoint")


def test_names_beside_a_long_one(tmp_path):
    photo = tmp_path / f"{CHINESE}.jpg"
    first = output_path(photo, CHINESE)
    first.touch()
    second = output_path(photo, CHINESE)
    assert second != first
    assert second.name.endswith("-2.png")
    for tail in (".checkpoint", ".frames", ".part", ".lock"):
        hidden_sibling(first, tail).touch()
    next_numbered(first).touch()
    assert len(list(tmp_path.iterdir())) == 6


def test_a_name_that_a_broken_link_has_is_taken(tmp_path):
    (tmp_path / "photo-dream.png").symlink_to("nothing")
    assert output_path(tmp_path / "photo.jpg", "dream").name == "photo-dream-2.png"
