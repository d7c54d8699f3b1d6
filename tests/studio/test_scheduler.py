"""The queue: one job after the other, whatever ends in between."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from artcnn.studio.events import Events
from artcnn.studio.looks import Looks
from artcnn.studio.scheduler import Scheduler
from artcnn.studio.store import Store
from artcnn.studio.uploads import keep_sample

FAKE = Path(__file__).parents[1] / "support" / "fake_worker.py"
SHA = "0123456789abcdef" * 4


class Desk:
    """A studio's folder, and its queue at work."""

    def __init__(self, root: Path) -> None:
        self.root, self.told = root, []
        self.open()

    def open(self) -> None:
        self.store = Store(self.root)
        self.events = Events(dict)
        tell = self.events.tell
        self.events.tell = lambda kind, content: (self.told.append((kind, content)), tell(kind, content))
        self.looks = Looks(self.store)
        self.scheduler = Scheduler(self.store, self.events, [sys.executable, str(FAKE), str(self.root)], self.looks)

    def add(self, seed: int = 0) -> str:
        record = self.store.add_job("dream", None, {"seed": seed}, {"photo": SHA})
        self.scheduler.add(record)
        return record.order.id

    def state(self, identifier: str) -> str:
        return self.store.job(identifier).status.state

    async def until(self, happened: Callable[[], bool]) -> None:
        for _ in range(18_000):
            if happened():
                return
            await asyncio.sleep(0.01)
        raise AssertionError([record.status for record in self.store.jobs()])

    async def until_idle(self) -> None:
        await self.until(lambda: all(job.status.state not in ("waiting", "running") for job in self.store.jobs()))


def with_desk(desk: Desk, test: Callable[[Desk], Awaitable[None]]) -> None:
    """Run a test beside a queue at work."""

    async def both() -> None:
        running = asyncio.create_task(desk.scheduler.run())
        try:
            await test(desk)
        finally:
            await desk.scheduler.stop()
            await running

    asyncio.run(both())


@pytest.fixture
def small_file(tmp_path):
    """Return what keeps a small picture in a studio, and returns its sha256."""

    def keep(store: Store, color: str = "teal") -> str:
        path = tmp_path / f"{color}.png"
        Image.new("RGB", (40, 32), color).save(path)
        return keep_sample(store, path).sha256

    return keep


@pytest.fixture
def at_work(tmp_path):
    """Return what runs a test beside a queue at work."""

    def go(test: Callable[[Desk], Awaitable[None]]) -> None:
        with_desk(Desk(tmp_path), test)

    return go


def test_jobs_are_made_in_order_and_one_that_fails_stops_none(at_work):
    async def test(desk: Desk) -> None:
        jobs = [desk.add(seed) for seed in (1, 13, 2)]
        await desk.until_idle()
        assert [desk.state(job) for job in jobs] == ["done", "failed", "done"]
        assert desk.store.job(jobs[1]).status.message == "unlucky"
        assert desk.store.result(jobs[2]).read_bytes() == b"made"
        states = [(content["id"], content["state"]) for kind, content in desk.told if kind == "job"]
        assert [job for job, state in states if state in ("done", "failed")] == jobs

    at_work(test)


def test_a_job_whose_worker_is_killed_goes_on(at_work):
    async def test(desk: Desk) -> None:
        (desk.root / "die").touch()
        first, second = desk.add(1), desk.add(2)
        await desk.until_idle()
        assert [desk.state(job) for job in (first, second)] == ["done", "done"]
        steps = [content["step"] for kind, content in desk.told if kind == "job" and content["id"] == first]
        assert steps.count(4) >= 1
        assert not any(before > after for before, after in pairwise(steps))

    at_work(test)


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(at_work):
    async def test(desk: Desk) -> None:
        (desk.root / "slow").touch()
        job = desk.add(1)
        for deaths in (1, 2, 3):
            await desk.until(lambda: desk.state(job) == "running")
            desk.scheduler.worker.kill()
            await desk.until(lambda: desk.store.job(job).status.deaths == deaths)  # noqa: B023 - it is called now
        assert desk.state(job) == "failed"
        assert "ended 3 times" in desk.store.job(job).status.message
        desk.scheduler.resume(job)
        await desk.until_idle()
        assert desk.state(job) == "done"

    at_work(test)


def test_a_job_that_gets_further_each_time_is_not_given_up(at_work):
    async def test(desk: Desk) -> None:
        (desk.root / "slow").touch()
        job = desk.add(1)
        for step in (1, 2, 3):
            await desk.until(lambda: desk.state(job) == "running" and desk.store.job(job).status.step >= step)  # noqa: B023
            desk.scheduler.worker.kill()
            await desk.until(lambda: desk.store.job(job).status.deaths == 1)
        await desk.until_idle()
        assert desk.state(job) == "done"

    at_work(test)


def test_a_paused_job_lets_the_next_one_go_first_and_goes_on_where_it_was(at_work):
    async def test(desk: Desk) -> None:
        (desk.root / "slow").touch()
        first, second, third = desk.add(1), desk.add(2), desk.add(3)
        await desk.until(lambda: desk.store.job(first).status.step == 2)
        desk.scheduler.pause(first)
        desk.scheduler.pause(third)
        await desk.until(lambda: desk.state(second) == "running")
        assert [desk.state(job) for job in (first, third)] == ["paused", "paused"]
        (desk.root / "slow").unlink()
        await desk.until(lambda: desk.state(second) == "done")
        reached = desk.store.job(first).status.step
        desk.scheduler.resume(first)
        desk.scheduler.resume(third)
        await desk.until_idle()
        assert [desk.state(job) for job in (first, second, third)] == ["done"] * 3
        again = [content["step"] for kind, content in desk.told if kind == "job" and content["id"] == first]
        assert min(again[again.index(reached) :]) == reached

    at_work(test)


def test_jobs_change_places_and_go(at_work):
    async def test(desk: Desk) -> None:
        (desk.root / "slow").touch()
        running, *rest = [desk.add(seed) for seed in range(4)]
        await desk.until(lambda: desk.state(running) == "running")
        desk.scheduler.move(rest[2], rest[0])
        desk.scheduler.move(rest[0], None)
        assert [job.order.id for job in desk.store.jobs()] == [running, rest[2], rest[1], rest[0]]
        desk.scheduler.move(rest[1], running)
        assert desk.store.jobs()[0].order.id == rest[1]
        desk.scheduler.remove(rest[2])
        desk.scheduler.remove(running)  # as soon as it has stopped
        (desk.root / "slow").unlink()
        await desk.until_idle()
        assert [job.order.id for job in desk.store.jobs()] == [rest[1], rest[0]]
        assert [content["id"] for kind, content in desk.told if kind == "removed"] == [rest[2], running]

    at_work(test)


def test_looks_are_made_while_no_job_waits(at_work, small_file):
    async def test(desk: Desk) -> None:
        photo = small_file(desk.store)
        (desk.root / "slow").touch()
        wanted = desk.scheduler.want_looks("dream", {"photo": photo})
        assert wanted["there"] == []
        job = desk.add(1)  # the look stops for it
        await desk.until(lambda: desk.store.job(job).status.step == 2)
        (desk.root / "slow").unlink()
        await desk.until_idle()
        await desk.until(lambda: desk.looks.first() is None)
        told = [content["key"] for kind, content in desk.told if kind == "look"]
        assert sorted(told) == sorted(wanted["keys"].values())
        assert desk.told.index(("look", {"key": told[0]})) > [kind for kind, _ in desk.told].index("job")
        assert desk.looks.picture(told[0]).read_bytes() == b"look"
        assert set(desk.scheduler.want_looks("dream", {"photo": photo})["there"]) == set(told)

    at_work(test)


def test_only_the_looks_that_were_wanted_last_are_made(at_work, small_file):
    async def test(desk: Desk) -> None:
        (desk.root / "slow").touch()
        first = desk.scheduler.want_looks("dream", {"photo": small_file(desk.store)})
        await desk.until(lambda: desk.scheduler.ready)
        second = desk.scheduler.want_looks("dream", {"photo": small_file(desk.store, "red")})
        (desk.root / "slow").unlink()
        await desk.until(lambda: desk.looks.first() is None)
        told = {content["key"] for kind, content in desk.told if kind == "look"}
        assert told == set(second["keys"].values())
        assert told.isdisjoint(first["keys"].values())

    at_work(test)


def test_a_restarted_server_goes_on(tmp_path):
    async def go() -> None:
        desk = Desk(tmp_path)
        (tmp_path / "slow").touch()
        first = asyncio.create_task(desk.scheduler.run())
        jobs = [desk.add(seed) for seed in (1, 2)]
        await desk.until(lambda: desk.store.job(jobs[0]).status.step == 2)
        await desk.scheduler.stop()
        await first
        (tmp_path / "slow").unlink()
        desk.open()
        second = asyncio.create_task(desk.scheduler.run())
        await desk.until_idle()
        assert [desk.state(job) for job in jobs] == ["done", "done"]
        await desk.scheduler.stop()
        await second

    asyncio.run(go())
