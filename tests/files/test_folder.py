"""What a folder's pictures are."""

from pathlib import Path

import pytest
from PIL import Image

from artcnn.errors import DataError, ModelError, PictureError
from artcnn.files.folder import Folder, list_pictures
from artcnn.files.games import find_games
from artcnn.files.model_registry import find_model
from artcnn.files.open import check_picture
from artcnn.files.sound import check_sound

KINDS = {"a.jfif": "JPEG", "b.jpe": "JPEG", "c.mpo": "MPO", "d": "PNG", "e.dat": "WEBP", "f.heif": "AVIF"}
KINDS |= {"g.JPG": "JPEG", "h.apng": "PNG", "i.dib": "BMP", "j.tif_original": "TIFF", "k.bild": "GIF"}


@pytest.fixture
def album(tmp_path) -> Path:
    for name, kind in KINDS.items():
        Image.new("RGB", (40, 40), "teal").save(tmp_path / name, kind)
    return tmp_path


def test_pictures_are_known_by_what_is_in_them(album):
    assert [path.name for path in list_pictures(album)] == list(KINDS)
    for path in list_pictures(album):
        check_picture(path)


def test_the_others_are_counted(album):
    (album / "notes.txt").write_text("BMW or bicycle? II*MM")
    (album / "drawing.svg").write_text("<svg/>")
    (album / "camera.nef").write_bytes((album / "j.tif_original").read_bytes())
    (album / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0mp41avc1")
    (album / "empty").touch()
    (album / "folder.png").mkdir()
    (album / ".hidden.png").write_bytes(b"x")
    (album / "broken.png").write_text("no picture, and told when its turn comes")
    found = Folder.scan(album)
    assert {path.name for path in found.pictures} == {*KINDS, "broken.png"}
    assert found.others == 5


def test_a_broken_link_says_so(tmp_path):
    link = tmp_path / "link.png"
    link.symlink_to("moved/photo.png")
    assert list_pictures(tmp_path) == [link]
    checks = {check_picture: PictureError, check_sound: DataError, find_model: ModelError}
    for check, error in checks.items():
        with pytest.raises(error, match=r"link\.png is a broken symbolic link: there is no moved/photo\.png"):
            check(link)
    with pytest.raises(DataError, match="broken symbolic link"):
        find_games([link])
