"""Whether anything is lost when the studio is killed.

A queue of ten small jobs is made by a studio that nobody disturbs. Then another makes it, again and again, while its
server and its worker are killed ten times each, at random moments. Are the pictures the same?

Run from the repository's root: python benchmarks/studio_kills.py
"""

import json
import os
import random
import signal
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2 as httpx
from PIL import Image
from studio import PAINTING, PHOTO, Program, studio, upload

KILLS = 10


def kills() -> None:
    """Print whether each job of a queue that is disturbed ends with the pixels of one that is not."""
    with studio() as program:
        client = program.enter()
        whole = [_pixels(client, job) for job in _until_done(client, _order_ten(client))]
    seed = random.randrange(1000)  # noqa: S311
    print(f"kills at random moments, seed {seed}")
    random.seed(seed)
    victims = ["server", "worker"] * KILLS
    random.shuffle(victims)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "studio"
        program = Program(root)
        client = program.enter()
        jobs = _order_ten(client)
        for victim in victims:
            if not _wait_until_running(client):
                jobs += _order_ten(client)
                _wait_until_running(client)
            time.sleep(random.uniform(0, 3))  # noqa: S311
            if victim == "server":
                program.end(signal.SIGKILL)
                program = Program(root)
                client = program.enter()
            elif (worker := worker_of(program)) is not None:
                os.kill(worker, signal.SIGKILL)
        made = [_pixels(client, job) for job in _until_done(client, jobs)]
        program.end()
    same = sum(one == whole[number % len(whole)] for number, one in enumerate(made))
    print(f"server and worker killed {KILLS} times each: {same} of {len(made)} pictures as if nothing had been")


def _wait_until_running(client: httpx.Client) -> bool:
    """Wait until a job is being made; return False where all are done."""
    while True:
        states = {job["state"] for job in _everything(client)["jobs"]}
        if "running" in states or "waiting" not in states:
            return "running" in states
        time.sleep(0.05)


def _order_ten(client: httpx.Client) -> list[str]:
    """Return ten jobs of three kinds, some seconds each."""
    photo, painting = upload(client, PHOTO.read_bytes()), upload(client, PAINTING.read_bytes())
    wishes: list[dict[str, Any]] = []
    for seed in range(4):
        dream = {"size": 160, "octaves": 3, "steps": 20, "seed": seed}
        wishes.append({"kind": "dream", "settings": dream, "inputs": {"photo": photo}})
        if seed < 3:
            style = {"size": 128, "coarse_steps": 20, "fine_steps": 10, "seed": seed}
            inputs = {"photo": photo, "painting": painting}
            wishes.append({"kind": "style", "settings": style, "inputs": inputs})
            look = {"size": 512, "style": ("wave", "cafe", "lake")[seed]}
            wishes.append({"kind": "instant", "settings": look, "inputs": {"photo": photo}})
    return [client.post("/api/jobs", json=wish).raise_for_status().json()["id"] for wish in wishes]


def _until_done(client: httpx.Client, jobs: list[str]) -> list[str]:
    """Return the jobs when all have ended; one that was given up says why."""
    while True:
        told = {job["id"]: job for job in _everything(client)["jobs"]}
        if all(told[job]["state"] in ("done", "failed") for job in jobs):
            for job in jobs:
                if told[job]["state"] == "failed":
                    print(f"given up: {told[job]['message']}")
            return jobs
        time.sleep(0.5)


def _everything(client: httpx.Client) -> dict[str, Any]:
    with client.stream("GET", "/api/events") as events:
        line = next(line for line in events.iter_lines() if line.startswith("data: "))
    return dict(json.loads(line.removeprefix("data: ")))


def _pixels(client: httpx.Client, job: str) -> bytes | None:
    """Return a job's pixels; its file also tells when it was made."""
    result = client.get(f"/api/jobs/{job}/result")
    return Image.open(BytesIO(result.content)).tobytes() if result.status_code == 200 else None


def worker_of(program: Program) -> int | None:
    """Return the process of a studio's worker, if it is there."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            parent = int((entry.parent / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == program.process.pid and b"artcnn.studio.worker" in entry.read_bytes():
                return int(entry.parent.name)
        except OSError:
            continue  # it has ended meanwhile
    return None


if __name__ == "__main__":
    kills()
