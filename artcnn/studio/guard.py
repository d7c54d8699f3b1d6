"""Who may use the studio: the browser that was given the token, and no page but our own.

What is refused, and why:

- a ``Host`` that is not the studio's own address: a foreign name that was made to point here (DNS rebinding);
- a request that changes something, from another page or from none that says which it is: an ``Origin`` that is
  missing, ``null`` or not the studio's own (cross-site request forgery);
- everything without the cookie, which is given for the token in the address that ``artcnn studio`` prints.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
"""Of every answer."""

_READS = {"GET", "HEAD"}


def cookie_name(secret: str) -> str:
    """Return the name of a studio's cookie: a browser sends it to every port, so two studios need two names."""
    return f"artcnn-studio-{hashlib.sha256(secret.encode()).hexdigest()[:12]}"


class Guard:
    """Lets through what may come in; everything else gets a sentence.

    Args:
        app: what is guarded.
        hosts: the studio's addresses as a browser writes them in ``Host``: ``"127.0.0.1:8000"``.
        secret: the value of the cookie; kept, so that a browser is still known after a restart.
        token: lets one browser in, once.
    """

    def __init__(self, app: App, hosts: Iterable[str], secret: str, token: str) -> None:
        self._app, self._hosts, self._secret = app, frozenset(hosts), secret
        self._cookie = cookie_name(secret)
        self._token: str | None = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, _with_headers(send))
        # Anything else, a web socket for one, ends without an answer.

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        known = self._is_known(_all(headers, "cookie"))
        if (wrong := self._wrong(scope["method"], headers)) is not None:
            await _refuse(send, 403, wrong)
        elif scope["path"] == "/enter" and scope["method"] == "GET":
            await self._enter(scope, send, known)
        elif not known:
            await _refuse(send, 403, "open the address that artcnn studio has printed: it has the key to this page")
        else:
            await self._app(scope, receive, send)

    def _wrong(self, method: str, headers: list[tuple[str, str]]) -> str | None:
        """Return why a request is refused whoever it comes from, or None."""
        hosts, origins, sites = (_all(headers, name) for name in ("host", "origin", "sec-fetch-site"))
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "this address is not the studio's"
        own = f"http://{hosts[0]}"
        if method not in _READS and origins != [own]:
            return "this was not asked by a page of the studio"
        if any(origin != own for origin in origins):
            return "this was asked by another page"
        if method not in _READS and any(site != "same-origin" for site in sites):
            return "this was asked by another page"
        return None

    async def _enter(self, scope: Scope, send: Send, known: bool) -> None:
        """Exchange a token for the cookie, and go on to the page; a browser that has the cookie goes on as it is."""
        start = {"type": "http.response.start", "status": 303}
        if known:
            await send(start | {"headers": [(b"location", b"/")]})
            await send({"type": "http.response.body"})
            return
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if self._token is None or not hmac.compare_digest(self._token.encode(), given.encode()):
            await _refuse(
                send, 403, "this address lets one browser in, once: go on in that one, or start the studio again"
            )
            return
        self._token = None
        cookie = f"{self._cookie}={self._secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000"
        await send(start | {"headers": [(b"location", b"/"), (b"set-cookie", cookie.encode("latin-1"))]})
        await send({"type": "http.response.body"})

    def _is_known(self, cookies: list[str]) -> bool:
        """Return whether the cookie is there."""
        try:
            jar = SimpleCookie("; ".join(cookies))
        except CookieError:
            return False
        return self._cookie in jar and hmac.compare_digest(jar[self._cookie].value.encode(), self._secret.encode())


def _all(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [value for known, value in headers if known == name]


def _with_headers(send: Send) -> Send:
    """Return a ``send`` that adds what every answer has."""

    async def add(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = [*message.get("headers", ())]
            names = {name.lower() for name, _ in given}
            more = {name.encode(): value.encode() for name, value in _HEADERS.items()}
            if b"cache-control" not in names:
                more[b"cache-control"] = b"no-store"
            message = {**message, "headers": [*given, *more.items()]}
        await send(message)

    return add


async def _refuse(send: Send, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{sentence}\n".encode()})
