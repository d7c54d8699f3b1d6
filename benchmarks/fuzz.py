"""Read damaged files, until a time is over: ``python benchmarks/fuzz.py [--minutes 60] [--kind clip] [--seed 0]``.

Each kind of file has a process of its own, one after the other, so that a crash in a decoder costs one file. What is
found is printed, and kept as a file in ``--keep``: the smallest cases belong into ``tests/data/fuzz``.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

BATCH = 300  # files of a process
PATIENCE = 900  # seconds for a batch; a file that never ends is found by it


def try_batch(name: str, seed: int, keep: Path) -> None:
    """Try some files of a kind; the number of the file that is being read stands in ``keep/current``."""
    import random

    from fuzzing import KINDS, mutate, try_file

    kind, found = KINDS[name], 0
    files = kind.files()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(seed, seed + BATCH):
            content = mutate(random.Random(number).choice(files), number)  # noqa: S311 - no secret
            (keep / "current").write_bytes(content)
            try:
                try_file(kind, content, Path(folder))
            except Exception as error:  # noqa: BLE001 - all are what is looked for
                found += 1
                (keep / f"{name}-{number}{kind.suffix}").write_bytes(content)
                at = traceback.extract_tb(error.__traceback__)[-1]
                print(
                    f"{name} {number}: {type(error).__name__}: {str(error)[:150]} at {at.filename}:{at.lineno}",
                    flush=True,
                )
    print(f"{name}: {BATCH} files from seed {seed}, {found} found", flush=True)


def main() -> None:
    """Try batches of all kinds in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--kind", action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    parser.add_argument("--batch", action="store_true", help="one batch, in this process")
    told = parser.parse_args()
    told.keep.mkdir(parents=True, exist_ok=True)
    if told.batch:
        try_batch(told.kind[0], told.seed, told.keep)
        return
    from fuzzing import KINDS

    end, seed = time.monotonic() + 60 * told.minutes, told.seed
    while time.monotonic() < end:
        for name in told.kind or KINDS:
            command = [
                sys.executable,
                __file__,
                "--batch",
                "--kind",
                name,
                "--seed",
                str(seed),
                "--keep",
                str(told.keep),
            ]
            try:
                code = subprocess.run(command, timeout=PATIENCE, check=False).returncode
            except subprocess.TimeoutExpired:
                code = -1
            if code:
                (told.keep / "current").replace(told.keep / f"{name}-{seed}-ended-{code}")
                print(f"{name}: the process ended with {code}", flush=True)
        seed += BATCH


if __name__ == "__main__":
    main()
