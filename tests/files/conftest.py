"""What the tests of picture files share."""

from collections.abc import Callable
from pathlib import Path

import clips
import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def grid() -> NDArray[np.uint8]:
    """Return 36 x 48 pixels of slopes and a checker pattern, shape (36, 48, 3), no two corners alike."""
    y, x = np.mgrid[0:36, 0:48]
    return np.stack([y * 7, x * 5, (x // 4 + y // 4) % 2 * 200 + 20], axis=-1).astype(np.uint8)


@pytest.fixture
def scene() -> Callable[..., NDArray[np.uint8]]:
    """Return what draws a frame that encodes its number: (number, height=48, width=64) to 8 bits, (H, W, 3)."""
    return clips.numbered


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes a clip into the test's folder, of a name, as :func:`clips.make_clip` does."""
    pytest.importorskip("av", reason="the extra 'video' is not installed")

    def make(name="clip.mp4", *arguments, **options) -> Path:
        return clips.make_clip(tmp_path / name, *arguments, **options)

    return make
