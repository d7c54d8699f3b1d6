"""Server-sent events: a page that comes back has missed nothing."""

import asyncio
import json

from artcnn.studio import events as module
from artcnn.studio.events import Events


def read(text: str) -> tuple[str, str, dict]:
    """Return the id, the kind and the content of an event."""
    lines = dict(line.split(": ", 1) for line in text.strip().splitlines())
    return lines["id"], lines["event"], json.loads(lines["data"])


async def take(stream, count: int) -> list[tuple[str, str, dict]]:
    return [read(await asyncio.wait_for(anext(stream), 5)) for _ in range(count)]


def test_a_new_page_gets_everything_and_then_what_happens():
    async def go() -> None:
        events = Events(lambda: {"jobs": [1]})
        events.tell("job", {"id": 0})
        page = events.follow(None)
        assert (await take(page, 1))[0][1:] == ("everything", {"jobs": [1]})
        events.tell("job", {"id": 1})
        events.tell("job", {"id": 2})
        assert [content["id"] for _, _, content in await take(page, 2)] == [1, 2]

    asyncio.run(go())


def test_a_page_that_was_away_gets_what_it_has_missed():
    async def go() -> None:
        events = Events(dict)
        page = events.follow(None)
        await take(page, 1)
        events.tell("job", {"id": 1})
        ((last, _, _),) = await take(page, 1)
        await page.aclose()
        for number in (2, 3, 4):
            events.tell("job", {"id": number})
        assert [content["id"] for _, _, content in await take(events.follow(last), 3)] == [2, 3, 4]

    asyncio.run(go())


def test_what_cannot_be_told_any_more_is_told_anew(monkeypatch):
    async def go() -> None:
        monkeypatch.setattr(module, "_KEPT", 3)
        events, other = Events(lambda: {"all": True}), Events(dict)
        for number in range(9):
            events.tell("job", {"id": number})
        name = events._name
        for last in (f"{name}-2", f"{name}-99", f"{name}-x", f"{other._name}-9", "", "-", "9", f"{name}-²"):
            assert (await take(events.follow(last), 1))[0][1] == "everything", last
        assert [one[2]["id"] for one in await take(events.follow(f"{name}-6"), 3)] == [6, 7, 8]

    asyncio.run(go())


def test_a_silent_connection_is_kept_open(monkeypatch):
    async def go() -> None:
        monkeypatch.setattr(module, "_SILENCE", 0.01)
        page = Events(dict).follow(None)
        await take(page, 1)
        assert (await anext(page)).startswith(":")

    asyncio.run(go())


def test_pages_are_let_go_when_the_server_ends():
    async def go() -> None:
        events = Events(dict)
        page = events.follow(None)
        await take(page, 1)

        async def read_on() -> list[str]:
            return [text async for text in page]

        reading = asyncio.create_task(read_on())
        await asyncio.sleep(0)
        events.end()
        assert await asyncio.wait_for(reading, 5) == []

    asyncio.run(go())
