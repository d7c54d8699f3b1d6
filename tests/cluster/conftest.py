import pytest

from artcnn.backbones import precision
from artcnn.jobs import estimate


@pytest.fixture(autouse=True)
def measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the seconds in which it is measured how fast this machine is."""
    monkeypatch.setattr(estimate, "_measure_speed", lambda *_: 1e11)
    monkeypatch.setattr(precision, "fastest", lambda _: "float32")
