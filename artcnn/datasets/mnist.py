"""MNIST: 60,000 handwritten digits for training and 10,000 for testing (LeCun, Cortes and Burges 1998).

The four original files are bundled, recompressed by xz, and checked against their sha256.
"""

import hashlib
import lzma
from pathlib import Path
from typing import Literal

import torch

from artcnn.datasets.examples import Examples
from artcnn.errors import DataError
from artcnn.locations import bundled_mnist_dir, cached_data_dir

Part = Literal["train", "test"]

CLASSES = tuple("0123456789")

FILES: dict[Part, tuple[tuple[str, str], tuple[str, str]]] = {
    "train": (
        ("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        ("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    ),
    "test": (
        ("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        ("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ),
}
"""Files with images and labels of each part: original name, and sha256 of the uncompressed file."""

_LARGEST = 1 << 26  # largest uncompressed file, in bytes; the images for training have 47 million


def load_mnist(part: Part, folder: Path | None = None) -> Examples:
    """Return a part of MNIST: inputs (N, 1, 28, 28), ink 255 on 0.

    Args:
        part: ``train`` (60,000) or ``test`` (10,000).
        folder: with the four ``.xz`` files; the bundled ones by default.

    Raises:
        DataError: a file is missing, damaged or not the original.
    """
    images, labels = (_unpack((folder or bundled_mnist_dir()) / f"{name}.xz", digest) for name, digest in FILES[part])
    # The IDX header has a magic number, then each dimension in four bytes; the sha256 covers both.
    pixels = torch.frombuffer(images, dtype=torch.uint8, offset=16).view(-1, 1, 28, 28)
    return Examples(pixels, torch.frombuffer(labels, dtype=torch.uint8, offset=8).long(), CLASSES, f"mnist-{part}")


def download_mnist(part: Part) -> Examples:
    """Return a part of MNIST, downloaded by torchvision, or from its cache.

    Raises:
        DataError: it cannot be downloaded.
    """
    from torchvision.datasets import MNIST

    folder = cached_data_dir()
    try:
        data = MNIST(folder, train=part == "train", download=True)
    except (OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"cannot download MNIST ({reason})", hint="leave --data out to use the copy in artcnn"
        ) from error
    return Examples(data.data[:, None], data.targets, CLASSES, f"mnist-{part}")


def _unpack(path: Path, sha256: str) -> bytearray:
    """Decompress a file, up to a limit, and check its sha256."""
    try:
        with lzma.open(path) as file:
            content = bytearray(file.read(_LARGEST))
    except FileNotFoundError:
        raise DataError(f"{path} is missing", hint="reinstall artcnn") from None
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise DataError(f"{path} is damaged or cannot be read", hint="reinstall artcnn") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(f"{path} is not the original file of MNIST (its sha256 differs)", hint="reinstall artcnn")
    return content
