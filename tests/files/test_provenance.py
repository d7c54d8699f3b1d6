"""The provenance comes back from every format, and only artcnn's own."""

import json
import shutil
import subprocess

import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from artcnn.errors import ArtcnnError
from artcnn.files.provenance import LONGEST_READ, MAX_PROVENANCE, read_provenance
from artcnn.files.write import WRITABLE, write_picture

PROVENANCE = json.dumps({"artcnn": "1", "recipe": {"note": "é “q” \n", "size": 512}})
PIXELS = torch.linspace(0, 1, 3 * 40 * 48).reshape(1, 3, 40, 48)


@pytest.mark.parametrize("suffix", WRITABLE)
@pytest.mark.parametrize("provenance", [PROVENANCE, "x" * MAX_PROVENANCE], ids=["short", "longest"])
@pytest.mark.parametrize("alpha", [None, torch.full((1, 1, 40, 48), 0.5)], ids=["opaque", "alpha"])
def test_round_trip(tmp_path, suffix, provenance, alpha):
    path = tmp_path / f"x{suffix}"
    write_picture(path, PIXELS, alpha, provenance)
    assert read_provenance(path) == provenance


@pytest.mark.parametrize("suffix", WRITABLE)
def test_no_story(tmp_path, suffix):
    write_picture(tmp_path / f"x{suffix}", PIXELS)
    assert read_provenance(str(tmp_path / f"x{suffix}")) is None


def describe(path, software, description):
    exif = Image.Exif()
    exif[0x010E] = description
    if software:
        exif[0x0131] = software
    Image.new("RGB", (40, 40)).save(path, exif=exif)


@pytest.mark.parametrize("software", [None, "12.1", "artcnnot"])
def test_what_another_program_describes_is_no_story(tmp_path, software):
    describe(tmp_path / "x.png", software, "OLYMPUS DIGITAL CAMERA")
    assert read_provenance(tmp_path / "x.png") is None


@pytest.mark.parametrize("provenance", ["x" * (LONGEST_READ + 1), "café".encode()], ids=["long", "not ASCII"])
def test_provenance_that_artcnn_would_not_have_written(tmp_path, provenance):
    describe(tmp_path / "x.png", "artcnn 1", provenance)
    assert read_provenance(tmp_path / "x.png") is None


def test_a_story_as_long_as_artcnn_once_wrote_is_read(tmp_path):
    describe(tmp_path / "x.png", "artcnn 0.1.0", "x" * LONGEST_READ)
    assert read_provenance(tmp_path / "x.png") == "x" * LONGEST_READ


@pytest.mark.parametrize("provenance", ["x" * (MAX_PROVENANCE + 1), "é"], ids=["long", "not ASCII"])
def test_provenance_that_does_not_fit_leaves_nothing_behind(tmp_path, provenance):
    with pytest.raises(ArtcnnError, match="the recipe does not fit into a picture: 60000 characters do, in ASCII"):
        write_picture(tmp_path / "x.jpg", PIXELS, provenance=provenance)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("provenance", [None, PROVENANCE])
def test_no_pixel_is_decoded(tmp_path, monkeypatch, provenance):
    write_picture(tmp_path / "x.png", PIXELS, provenance=provenance)
    monkeypatch.setattr(PngImageFile, "load", lambda _: pytest.fail("decoded"))
    assert read_provenance(tmp_path / "x.png") == provenance


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_other_programs_read_it(tmp_path, suffix):
    write_picture(tmp_path / f"x{suffix}", PIXELS, provenance=PROVENANCE)
    command = ["exiftool", "-json", "-b", "-ImageDescription", "-Software", "-Warning", tmp_path / f"x{suffix}"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
    expected, found = json.loads(PROVENANCE), told["ImageDescription"]
    assert found == expected or json.loads(found) == expected
    assert told["Software"].startswith("artcnn ")
    assert "Warning" not in told
