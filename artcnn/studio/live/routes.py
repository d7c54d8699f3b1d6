"""The addresses of the live process: a question is checked here, and answered there."""

from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import Response

from artcnn.studio.desk import Desk
from artcnn.studio.live.networks import describe_networks
from artcnn.studio.live.requests import REQUESTS, SLOW, parse_request
from artcnn.studio.store import Store


def add_live(app: FastAPI, store: Store, quick: Desk, slow: Desk) -> None:
    """Add the addresses to an application.

    Args:
        app: the application.
        store: the files.
        quick: has most questions answered.
        slow: has those answered that nobody else is to wait for.
    """

    @app.get("/api/live/networks")
    def networks() -> list[dict[str, Any]]:
        return describe_networks()

    for kind in REQUESTS:
        _add_question(app, store, slow if kind in SLOW else quick, kind)


def _add_question(app: FastAPI, store: Store, desk: Desk, kind: str) -> None:
    @app.post(f"/api/live/{kind}")
    async def ask(request: Request, x_page: Annotated[str, Header(max_length=100)] = "") -> Response:
        question = parse_request(kind, await request.body())
        names = {sha256: store.upload(sha256).name for sha256 in question.files()}
        answer = await desk.ask(x_page, kind, question.model_dump(mode="json", by_alias=True), names)
        return Response(answer.content, answer.status, media_type=answer.type)
