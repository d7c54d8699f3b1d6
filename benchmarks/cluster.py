"""How much of a machine's speed a cluster keeps: nodes of one core against as many plain processes, in one run.

    python benchmarks/cluster.py PHOTOS --nodes 1 2 --pictures 12 --size 384
    python benchmarks/cluster.py PHOTOS --nodes 1 --pictures 40 --command instant --size 512

Each number of nodes is measured on the same pictures. A plain process has one thread, and makes its share of them one
after the other. What is compared are the seconds a picture between the first result and the last; how long it takes to
the first is told beside it. Of several rounds, the plain processes and the cluster in turn, the medians are shown.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter
from typing import NamedTuple

NODES = Path(__file__).parents[1] / "tests" / "support" / "ray_nodes.py"


class Run(NamedTuple):
    """When results came, in seconds from the beginning."""

    times: list[float]

    @property
    def first(self) -> float:
        """The seconds to the first result."""
        return min(self.times)

    def each(self, workers: int) -> float:
        """Return the seconds a picture, of so many workers that made their first at about the same time."""
        ordered = sorted(self.times)
        return (ordered[-1] - ordered[workers - 1]) / (len(ordered) - workers)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="a folder")
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--pictures", type=int, default=12)
    parser.add_argument("--size", default="384")
    parser.add_argument("--command", default="dream", choices=["dream", "instant"])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    photos = sorted(path.absolute() for path in given.photos.iterdir() if path.suffix in (".jpg", ".webp", ".png"))
    words = [given.command, "--size", given.size, "--precision", "float32", "--json", "--device", "cpu"]
    for count in given.nodes:
        with cluster(count) as address:
            plain, shared = [], []
            for _ in range(given.rounds):
                plain.append(run_plain(words, photos[: given.pictures], count))
                shared.append(run(words, photos[: given.pictures], ["--cluster", address]))
        one, many = (median(made.each(count) for made in runs) for runs in (plain, shared))
        print(
            f"{count} nodes: {many:.3f} s a picture, {count} plain processes {one:.3f} s, efficiency {one / many:.2f}, "
            f"{count * (many - one):.3f} s more for each; first after {median(made.first for made in shared):.1f} s, "
            f"plain {median(made.first for made in plain):.1f} s",
            flush=True,
        )


@contextmanager
def cluster(count: int) -> Iterator[str]:
    """Yield the address of a cluster of so many nodes of one core."""
    os.environ |= {"RAY_AUTH_TOKEN": token_hex(32), "RAY_AUTH_MODE": "token", "OMP_NUM_THREADS": "1"}
    words = [sys.executable, str(NODES), str(count)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield (process.stdout or sys.stdin).readline().strip()
        process.communicate()


def run_plain(words: Sequence[str], photos: Sequence[Path], count: int) -> Run:
    """Make pictures in so many processes at once; return when their results came."""
    runs: list[Run] = []
    threads = [Thread(target=lambda n=n: runs.append(run(words, photos[n::count]))) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Run([time for made in runs for time in made.times])


def run(words: Sequence[str], photos: Sequence[Path], more: Sequence[str] = ()) -> Run:
    """Make pictures with one command; return when their results came."""
    command, *options = words
    with TemporaryDirectory() as folder:
        line = [sys.executable, "-m", "artcnn", command, *map(str, photos), "-o", folder, *options, *more]
        began, times = perf_counter(), []
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            for text in process.stdout or []:
                if "out" in json.loads(text):
                    times.append(perf_counter() - began)
    if len(times) < len(photos):
        raise SystemExit(f"only {len(times)} of {len(photos)} pictures were made: {' '.join(line)}")
    return Run(times)


if __name__ == "__main__":
    main()
