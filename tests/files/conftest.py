"""What the tests of picture files share."""

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def grid() -> NDArray[np.uint8]:
    """Return 36 x 48 pixels of slopes and a checker pattern, shape (36, 48, 3), no two corners alike."""
    y, x = np.mgrid[0:36, 0:48]
    return np.stack([y * 7, x * 5, (x // 4 + y // 4) % 2 * 200 + 20], axis=-1).astype(np.uint8)
