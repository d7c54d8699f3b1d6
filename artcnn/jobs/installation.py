"""What is installed: packages, extras, and whether every file that ships is as it was built."""

import csv
import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions, version
from pathlib import Path

import artcnn
from artcnn.backbones.weights import WEIGHTS, verify
from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.extras import EXTRAS, install_command, is_installed
from artcnn.hashes import sha256_of

PACKAGES = "torch", "torchvision", "numpy", "pillow", "typer", "rich", "pydantic", "safetensors", "platformdirs"
"""The packages that are always installed, by what they are called where they come from."""


@dataclass(frozen=True)
class Shipped:
    """Whether the files that ship are as they were built.

    Attributes:
        checked: what was compared, in words.
        damaged: the files that are missing or have other bytes, relative to the folder that packages are in.
    """

    checked: str
    damaged: tuple[str, ...]


def package_versions() -> dict[str, str | None]:
    """Return the version of each package that is always installed; None where there is none."""
    return {package: _version(package) for package in PACKAGES}


def list_extras() -> list[dict[str, object]]:
    """Return one row for each extra: whether it is installed, its packages' versions, and what to type."""
    owners = packages_distributions()
    rows: list[dict[str, object]] = []
    for name, extra in EXTRAS.items():
        packages = sorted({owner for module in extra.modules for owner in owners.get(module, [])})
        rows.append(
            {
                "name": name,
                "purpose": extra.purpose,
                "installed": is_installed(name),
                "versions": {package: _version(package) for package in packages},
                "install": install_command(name),
            }
        )
    return rows


def check_shipped() -> Shipped:
    """Return which files that ship are damaged: all of a wheel's, by its list, or the data of a source checkout."""
    installed = _own_distribution()
    if installed is not None:
        files = dict(_listed(installed))
        return Shipped(f"{len(files)} files by sha256", tuple(name for name in files if not _is_whole(*files[name])))
    damaged = [
        str(name)
        for name, weights in WEIGHTS.items()
        if weights.entry is None and weights.package is None and not verify(weights)
    ]
    try:
        load_mnist("train"), load_mnist("test")
    except ArtcnnError:
        damaged.append("mnist")
    return Shipped("a source checkout: the weights and the handwritten digits by sha256", tuple(damaged))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _own_distribution() -> Distribution | None:
    """Return the installed package that this code is of; None for a source checkout, whose files no list names."""
    try:
        found = distribution("artcnn")
    except PackageNotFoundError:
        return None
    own = Path(artcnn.__file__)
    here = Path(str(found.locate_file("artcnn/__init__.py")))
    return found if here.exists() and here.samefile(own) and next(_listed(found), None) else None


def _listed(installed: Distribution) -> Iterator[tuple[str, tuple[Path, bytes]]]:
    """Yield the name, the path and the sha256 of each file of the package that the wheel's list names."""
    # Not by installed.files: from Python 3.12 on it leaves out what is missing.
    for name, code, _ in csv.reader((installed.read_text("RECORD") or "").splitlines()):
        method, _, digest = code.partition("=")
        if name.startswith("artcnn/") and method == "sha256":
            yield name, (Path(str(installed.locate_file(name))), urlsafe_b64decode(digest + "=" * (-len(digest) % 4)))


def _is_whole(path: Path, digest: bytes) -> bool:
    assert len(digest) == hashlib.sha256().digest_size  # noqa: S101 - it is the list of a wheel
    try:
        return bytes.fromhex(sha256_of(path)) == digest
    except OSError:
        return False
