"""Check what is in wheels: ``python benchmarks/check_wheel.py ONE.whl [THE_SAME_BUILT_AGAIN.whl]``."""

import re
import sys
from pathlib import Path
from zipfile import ZipFile

LARGEST = 45_000_000  # bytes
UNWANTED = re.compile(r"(^|/)(tests?|docs|benchmarks|__pycache__|\.[^/]*)(/|$)|\.(pyc|orig|rej|log|checkpoint.*)$")
WANTED = (
    "artcnn/py.typed",
    "artcnn/data/presets/dream/default.toml",
    "artcnn/data/samples/castle.jpg",
    "artcnn/data/lessons/zh/10-go-and-speech.ipynb",
    "artcnn/data/weights/vgg16-imagenet-features-fp16.safetensors.planes",
    "artcnn/data/studio/vendor/LICENSE-htm.txt",
    "artcnn/data/studio/vendor/LICENSE-preact.txt",
)


def problems_of(path: Path) -> list[str]:
    """Return what is wrong with a wheel, a line each."""
    with ZipFile(path) as wheel:
        names = wheel.namelist()
    unwanted = [name for name in names if UNWANTED.search(name)]
    licenses = [name for name in names if re.fullmatch(r"artcnn-[^/]*\.dist-info/licenses/(LICENSE|NOTICE)", name)]
    found = [f"{name} does not belong into it" for name in unwanted]
    found += [f"{name} is missing" for name in WANTED if name not in names]
    found += [] if len(licenses) == 2 else ["LICENSE or NOTICE is missing"]
    size = path.stat().st_size
    return found + ([f"it has {size:,} bytes, more than {LARGEST:,}"] if size > LARGEST else [])


def main(*paths: str) -> int:
    """Print what is wrong, and return the exit code."""
    first, *others = map(Path, paths)
    found = problems_of(first)
    found += (
        ["it has other bytes when it is built again"]
        if any(x.read_bytes() != first.read_bytes() for x in others)
        else []
    )
    for problem in found:
        print(f"{first.name}: {problem}")
    if not found:
        print(f"{first.name}: {first.stat().st_size / 1e6:.1f} MB, as it should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
