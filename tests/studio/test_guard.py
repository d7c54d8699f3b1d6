"""Who may use the studio: each attack is tried."""

import asyncio

import httpx2 as httpx
import pytest

from artcnn.studio.guard import Guard, cookie_name

HOST, OWN = "127.0.0.1:8000", "http://127.0.0.1:8000"
SECRET, TOKEN = "kept", "once"


class Inside:
    """An application that counts who has come through."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, scope, receive, send) -> None:
        self.calls += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def guard(inside) -> Guard:
    return Guard(inside, [HOST, "localhost:8000"], SECRET, TOKEN)


def ask(guard, method="GET", path="/", headers=(), cookie: str | None = SECRET) -> httpx.Response:
    """Return the answer to a request whose headers are exactly these, and the cookie."""
    given = dict(headers)
    sent = {"host": HOST} | given
    if cookie is not None:
        sent["cookie"] = f"{cookie_name(SECRET)}={cookie}"

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=OWN) as client:
            request = client.build_request(method, path)
            request.headers = httpx.Headers(sent)
            return await client.send(request)

    return asyncio.run(go())


def test_the_browser_with_the_cookie_is_let_in(guard, inside):
    assert ask(guard).text == "inside"
    assert ask(guard, headers={"host": "localhost:8000"}).text == "inside"
    assert ask(guard, "POST", headers={"origin": OWN}).text == "inside"
    assert inside.calls == 3


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:9000", "evil.example:8000", "", "LOCALHOST"])
def test_a_name_that_was_made_to_point_here_is_refused(guard, inside, host):
    """DNS rebinding: the page of a foreign name would have the same origin as we."""
    answer = ask(guard, "POST", headers={"host": host, "origin": f"http://{host}"})
    assert answer.status_code == 403
    assert ask(guard, headers={"host": host}).status_code == 403
    assert inside.calls == 0


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "https://127.0.0.1:8000",
        "http://127.0.0.1:9000",
        "http://127.0.0.1:8000.evil.example",
        "http://localhost:8000",  # one of ours, and not the one that was asked
        "",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_page_changes_nothing(guard, inside, method, origin):
    headers = {} if origin is None else {"origin": origin}
    assert ask(guard, method, headers=headers).status_code == 403
    assert inside.calls == 0


def test_another_page_reads_nothing(guard, inside):
    answer = ask(guard, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert inside.calls == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_what_a_browser_calls_foreign_changes_nothing(guard, inside, site):
    assert ask(guard, "POST", headers={"origin": OWN, "sec-fetch-site": site}).status_code == 403
    assert inside.calls == 0


@pytest.mark.parametrize("cookie", [None, "", "wrong", SECRET + "x", SECRET[:-1]])
def test_without_the_cookie_there_is_nothing(guard, inside, cookie):
    answer = ask(guard, cookie=cookie)
    assert answer.status_code == 403
    assert "artcnn studio has printed" in answer.text
    assert inside.calls == 0


def test_a_token_lets_one_browser_in_once(guard, inside):
    answer = ask(guard, path=f"/enter?token={TOKEN}", cookie=None)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{cookie_name(SECRET)}={SECRET};")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert ask(guard, path=f"/enter?token={TOKEN}", cookie=None).status_code == 403
    assert inside.calls == 0


@pytest.mark.parametrize("given", [TOKEN, "of-an-earlier-start"])
def test_the_address_opens_the_page_again_in_the_browser_that_was_let_in(guard, given):
    answer = ask(guard, path=f"/enter?token={given}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("query", ["", "?token=", "?token=guess", "?other=1", "?token=%00"])
def test_a_guessed_token_lets_nobody_in(guard, query):
    answer = ask(guard, path=f"/enter{query}", cookie=None)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_token_from_a_foreign_name_lets_nobody_in(guard):
    answer = ask(guard, path=f"/enter?token={TOKEN}", headers={"host": "evil.example"}, cookie=None)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_every_answer_says_what_a_page_may_load(guard):
    for answer in (ask(guard), ask(guard, cookie=None), ask(guard, headers={"host": "x"})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_two_hosts_or_origins_are_refused(guard, inside):
    """What stands before us could have looked at the other one."""

    async def go() -> list[int]:
        statuses = []
        for headers in (
            [(b"host", HOST.encode()), (b"host", b"evil.example")],
            [(b"host", HOST.encode()), (b"origin", OWN.encode()), (b"origin", b"http://evil.example")],
        ):
            scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}

            async def send(message) -> None:
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])

            await guard(scope, None, send)
        return statuses

    assert asyncio.run(go()) == [403, 403]
    assert inside.calls == 0


def test_a_web_socket_is_not_answered(guard, inside):
    asyncio.run(guard({"type": "websocket", "path": "/", "headers": []}, None, None))
    assert inside.calls == 0


def test_two_studios_in_one_browser_have_cookies_of_their_own():
    assert cookie_name("one") != cookie_name("another")
    assert cookie_name("one") == cookie_name("one")
