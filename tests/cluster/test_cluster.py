"""The command line on a real cluster: three nodes of one core, some of which are killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep

import numpy as np
import pytest
from clips import make_clip
from PIL import Image

from artcnn.files.clips.clip import open_clip
from artcnn.jobs.provenance import read_provenance

pytest.importorskip("ray", reason="the extra 'cluster' is not installed")

pytestmark = pytest.mark.slow

COUNT = 40
DREAM = ["--size", "64", "--octaves", "1", "--steps", "2", "--precision", "float32"]
NODES = Path(__file__).parents[1] / "support" / "ray_nodes.py"
TIMEOUT = 240


class Nodes:
    """A cluster, and what is typed for it."""

    def __init__(self, count: int, *options: str) -> None:
        self.environment = os.environ | {"RAY_AUTH_TOKEN": token_hex(32), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, str(NODES), str(count), *options],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.environment["RAY_AUTH_MODE"] = "token"
        self.address = self._read()

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        print(line, file=self.process.stdin, flush=True)
        assert self._read() == "done"

    def start(self, folder: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line with arguments, in a folder, on this cluster."""
        words = [sys.executable, "-m", "artcnn", *arguments, "--cluster", self.address]
        return subprocess.Popen(
            words, cwd=folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, folder: Path, *arguments: str) -> tuple[int, str, str]:
        """Run it; return the exit code and both outputs."""
        process = self.start(folder, *arguments)
        out, err = process.communicate(timeout=TIMEOUT)
        return process.returncode, out, err

    def close(self) -> None:
        self.process.communicate(timeout=60)


@pytest.fixture
def nodes() -> Iterator[Callable[..., Nodes]]:
    """Return what starts a cluster of so many nodes."""
    started: list[Nodes] = []

    def start(count: int, *options: str) -> Nodes:
        started.append(Nodes(count, *options))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Return a folder of different photos, one of which is broken, within a folder of the test's own."""
    album = tmp_path / "album"
    album.mkdir()
    random = np.random.default_rng(0)
    for number in range(COUNT):
        small = Image.fromarray(random.integers(0, 255, (6, 8, 3), np.uint8))
        small.resize((96, 72), Image.Resampling.BICUBIC).save(album / f"{number:02}.png")
    whole = (album / "00.png").read_bytes()
    (album / "broken.png").write_bytes(whole[: len(whole) // 2])
    return album


def run_here(folder: Path, *arguments: str) -> None:
    """Run the command line in a folder, without a cluster, on one thread."""
    words = [sys.executable, "-m", "artcnn", *arguments]
    subprocess.run(words, cwd=folder, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, timeout=TIMEOUT)


def wait_for(folder: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many pictures are in a folder, whose command still runs."""
    until = monotonic() + TIMEOUT
    while len([*folder.glob("[!.]*.png")]) < count:
        assert process.poll() is None, process.communicate()
        assert monotonic() < until
        sleep(0.05)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.exhaustive
def test_pictures_survive_machines_and_the_command_itself(nodes, tmp_path, album):
    cluster, out = nodes(3), tmp_path / "out"
    first = cluster.start(tmp_path, "dream", "album", "-o", "out", *DREAM)
    wait_for(out, 6, first)
    cluster.tell("kill 1")
    wait_for(out, 12, first)
    first.kill()
    first.communicate()
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("[!.]*.png")}
    assert 12 <= len(before) < COUNT
    cluster.tell("add")
    second = cluster.start(tmp_path, "dream", "album", "-o", "out", *DREAM)
    wait_for(out, len(before) + 8, second)
    cluster.tell("kill 2")
    printed, told = second.communicate(timeout=TIMEOUT)
    assert second.returncode == 1, told
    assert "error: album/broken.png: damaged or cut short" in told
    assert f"{COUNT - len(before)} made, {len(before)} there already, 1 failed" in told
    assert len(printed.split()) == COUNT - len(before)
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    run_here(tmp_path, "dream", "album", "-o", "local", *DREAM)
    made = contents(out)
    assert len(made) == COUNT
    assert made == contents(tmp_path / "local")


@pytest.mark.exhaustive
def test_a_film_is_made_by_shots(nodes, tmp_path):
    random = np.random.default_rng(1)
    scenes = [Image.fromarray(random.integers(0, 255, (8, 12, 3), np.uint8)).resize((128, 96)) for _ in range(5)]

    def frame(number: int) -> np.ndarray:
        shift = number % 24
        return np.asarray(scenes[number // 24].crop((shift, 0, 64 + shift, 48)))

    make_clip(tmp_path / "clip.mp4", 120, frames=frame, sounds=("aac",))
    style = ["--style", "wave", "--size", "64", "--precision", "float32"]
    cluster = nodes(3)
    code, _, told = cluster.run(tmp_path, "instant", "clip.mp4", "-o", "frames", *style)
    assert code == 0, told
    run_here(tmp_path, "instant", "clip.mp4", "-o", "local", *style)
    assert len(contents(tmp_path / "frames")) == 120
    assert contents(tmp_path / "frames") == contents(tmp_path / "local")
    code, printed, told = cluster.run(tmp_path, "instant", "clip.mp4", "-o", "film.mp4", *style, "--shared", "--json")
    assert code == 0, told
    assert json.loads(printed)["frames"] == 120
    film, clip = open_clip(tmp_path / "film.mp4"), open_clip(tmp_path / "clip.mp4")
    assert (film.times, film.duration, film.sounds) == (clip.times, clip.duration, 1)
    assert read_provenance(tmp_path / "film.mp4").stopped_after is None
    assert not [*tmp_path.glob(".*")]


def test_machines_with_another_version_take_no_part_and_ctrl_c_leaves_what_is_done(nodes, tmp_path, album):
    old = tmp_path / "old" / "artcnn"
    old.mkdir(parents=True)
    (old / "__init__.py").write_text('__version__ = "0.0.1"')
    cluster, out = nodes(1), tmp_path / "out"
    cluster.tell(f"add {old.parent}")
    process = cluster.start(tmp_path, "dream", "album", "-o", "out", *DREAM)
    wait_for(out, 4, process)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130, told
    (refusal,) = [line for line in told.splitlines() if line.startswith("warning: ")]
    assert "takes no part: it has artcnn 0.0.1, and not " in refusal
    made = contents(out)
    assert f"{len(made)} made, 0 there already, " in told
    assert 4 <= len(made) < COUNT
    assert not [name for name in made if name.startswith(".")]
    for content in made.values():
        Image.open(BytesIO(content)).load()


@pytest.mark.exhaustive
def test_a_cluster_that_lets_in_everybody_gets_no_work(nodes, tmp_path, album):
    cluster = nodes(1, "--open")
    code, printed, told = cluster.run(tmp_path, "dream", "album/01.png", *DREAM)
    assert (code, printed) == (1, "")
    assert "takes no part: it lets in everybody: start its Ray with RAY_AUTH_MODE=token" in told
    assert "error: no machine of the cluster can take part" in told
