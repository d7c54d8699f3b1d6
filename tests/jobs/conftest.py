from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from artcnn.backbones import precision
from artcnn.jobs import estimate


@pytest.fixture(autouse=True)
def measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the seconds in which it is measured how fast this machine is."""
    monkeypatch.setattr(estimate, "_measure_speed", lambda *_: 1e11)
    monkeypatch.setattr(precision, "fastest", lambda _: "float32")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the test's own, with a photo and a painting in it, and be there."""
    photo = Image.new("RGB", (72, 48), (90, 140, 210))
    ImageDraw.Draw(photo).polygon([(10, 44), (36, 8), (62, 44)], fill=(200, 120, 60))
    photo.save(tmp_path / "photo.png")
    photo.rotate(90, expand=True).save(tmp_path / "painting.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path
