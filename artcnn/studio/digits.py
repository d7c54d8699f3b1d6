"""What the page of digits needs: the network's weights, which it computes with, and some of MNIST's test digits.

Torch is not loaded for it: a server has no more to do than to hand out numbers.
"""

import lzma
from base64 import b64encode
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse

from artcnn.locations import bundled_mnist_dir, bundled_models_dir

NETWORK = "mnist-lecture"

EXAMPLES = 3, 2, 1, 18, 4, 8, 11, 0, 61, 7, 659, 716, 947, 1014
"""Of MNIST's test digits: the first of each digit, then a 2, a 1, an 8 and a 6 that this network misreads."""

_HEADERS = 16, 8
"""Bytes before the images and before the labels, in files of the IDX format."""

_PIXELS = 28 * 28


def add_digits(app: FastAPI) -> None:
    """Add the routes of the page of digits."""

    @app.get(f"/api/networks/{NETWORK}.safetensors")
    def network() -> FileResponse:
        return FileResponse(bundled_models_dir() / f"{NETWORK}.safetensors", media_type="application/octet-stream")

    app.get("/api/digits")(describe_digits)


@cache
def describe_digits() -> list[dict[str, Any]]:
    """Return the examples: ``number`` in the test set, ``label``, and ``pixels``, 784 bytes in base64, ink 255 on 0."""
    images, labels = (
        _unpack(name, header + (max(EXAMPLES) + 1) * size)[header:]
        for name, header, size in zip(("images-idx3", "labels-idx1"), _HEADERS, (_PIXELS, 1), strict=True)
    )
    return [
        {
            "number": number,
            "label": labels[number],
            "pixels": b64encode(images[number * _PIXELS : (number + 1) * _PIXELS]).decode(),
        }
        for number in EXAMPLES
    ]


def _unpack(name: str, size: int) -> bytes:
    """Return the first bytes of a file of the test set."""
    with lzma.open(bundled_mnist_dir() / f"t10k-{name}-ubyte.xz") as file:
        return file.read(size)
