"""Who is answered next, and what a page is told when the answering process ends or hangs."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from artcnn.errors import UnansweredError
from artcnn.studio.desk import Desk

FAKE = Path(__file__).parents[1] / "support" / "fake_live.py"


def with_desk(test: Callable[[Desk], Awaitable[None]], timeout: float = 60.0, most: int = 64) -> None:
    async def both() -> None:
        desk = Desk([sys.executable, str(FAKE)], timeout, most)
        try:
            await test(desk)
        finally:
            await desk.stop()

    asyncio.run(both())


async def ask(desk: Desk, layer: str, page: str = "page", kind: str = "maps") -> dict:
    answer = await desk.ask(page, kind, {"layer": layer}, {})
    assert (answer.status, answer.type) == (200, "application/json")
    return json.loads(answer.content)


async def line(asked: Awaitable[dict]) -> str:
    """Return the line of a question that gets no answer."""
    try:
        answer = await asked
    except UnansweredError as error:
        (told,) = error.lines
        return told
    raise AssertionError(answer)


def test_questions_are_answered_and_the_newest_of_a_page_replaces_one_that_waits():
    async def test(desk: Desk) -> None:
        asked = [asyncio.create_task(ask(desk, layer)) for layer in ("slow", "second", "third")]
        await asyncio.sleep(0)  # all are asked before the first is answered
        other = asyncio.create_task(ask(desk, "other", "another page"))
        assert "newer question" in await line(asked[0])  # nothing was ready yet
        assert "newer question" in await line(asked[1])
        assert [(await one)["asked"] for one in (asked[2], other)] == ["third", "other"]

    with_desk(test)


def test_a_process_that_ends_is_a_line_for_who_waits_and_the_next_is_answered_by_another():
    async def test(desk: Desk) -> None:
        first = (await ask(desk, "first"))["pid"]
        for death in ("die", "die within the answer"):
            dying, waiting = asyncio.create_task(ask(desk, death)), asyncio.create_task(ask(desk, "next", "b"))
            assert "the computing process ended before it had the answer" in await line(dying)
            answer = await waiting
            assert (answer["asked"], answer["pid"] != first) == ("next", True)

    with_desk(test)


def test_a_process_that_hangs_is_ended_and_started_again():
    async def test(desk: Desk) -> None:
        await ask(desk, "first")
        desk._timeout = 0.2
        assert await line(ask(desk, "hang")) == "there was no answer within 0.2 s"
        desk._timeout = 60.0
        assert (await ask(desk, "next"))["asked"] == "next"

    with_desk(test)


def test_there_are_only_so_many_questions_at_once():
    async def test(desk: Desk) -> None:
        asked = [asyncio.create_task(ask(desk, "slow", page)) for page in "abc"]
        assert "too many questions" in await line(asked[2])
        assert [(await one)["asked"] for one in asked[:2]] == ["slow", "slow"]

    with_desk(test, most=2)
