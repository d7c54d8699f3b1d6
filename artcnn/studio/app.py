"""What the studio's pages ask for, and the answers: everything is a job's id or a file's sha256, never a path."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field

from artcnn.errors import ArtcnnError, UnansweredError, UnknownError
from artcnn.locations import studio_pages_dir
from artcnn.studio.child import child_command
from artcnn.studio.desk import Desk
from artcnn.studio.digits import add_digits
from artcnn.studio.events import Events
from artcnn.studio.guard import App, Guard
from artcnn.studio.live.routes import add_live
from artcnn.studio.looks import Looks
from artcnn.studio.options import describe_options
from artcnn.studio.orders import check_order, command_of
from artcnn.studio.pictures import Pictures
from artcnn.studio.recipes import recipe_without_torch
from artcnn.studio.samples import WORDS, describe_samples
from artcnn.studio.scheduler import Scheduler
from artcnn.studio.store import LARGEST, Store, Upload
from artcnn.studio.uploads import keep_upload
from artcnn.studio.words import studio_words

Side = Annotated[int, Query(ge=16, le=LARGEST)]
"""Longer side of a small picture, in pixels, at most."""

_MOST_QUESTIONS = 2000
"""Questions that wait for the decoder: some pages full of small pictures."""

_PATIENCE = 600.0
"""Seconds until a slow question of the classroom is given up."""

_HEAD_START = 1.0
"""Seconds that the first page has, at most, until the worker is started."""

_MOST_TEXT = 1 << 20
"""Bytes of a request that is no upload."""


class Wish(BaseModel):
    """A job that a page asks for."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    preset: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict, max_length=200)
    inputs: dict[str, str] = Field(max_length=50)
    film: dict[str, Any] | None = None
    names: dict[str, str] = Field(default_factory=dict, max_length=50)


class Trial(BaseModel):
    """Inputs on which all presets of a kind are to be tried out."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    inputs: dict[str, str] = Field(max_length=50)


class Change(BaseModel):
    """What is to happen to a job: it stops, goes on, or gets another place in the queue."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["pause", "resume", "move"]
    before: str | None = None


class Studio:
    """The server's parts.

    Args:
        store: jobs and files.
        worker: starts a worker; None for the one that there is.
    """

    def __init__(self, store: Store, worker: list[str] | None = None) -> None:
        self.store, root = store, store.root
        self.live = Desk(child_command("live", root))
        self.slow = Desk(child_command("live", root), timeout=_PATIENCE)
        self.decoder = Desk(child_command("decoder", root), most=_MOST_QUESTIONS)
        self.pictures = Pictures(store, self.decoder)
        self.events = Events(self.everything)
        self.scheduler = Scheduler(store, self.events, worker or child_command("worker", root), Looks(store))

    async def work(self) -> None:
        """Make what is in the queue; the first page goes first, for torch takes all of a core while it loads."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.events.followed.wait(), _HEAD_START)
        await self.scheduler.run()

    async def let_pages_go(self) -> None:
        """End all that a page may wait for, except its jobs."""
        self.events.end()
        await asyncio.gather(self.live.stop(), self.slow.stop(), self.decoder.stop())

    def everything(self) -> dict[str, Any]:
        """Return what a page needs to know, as plain data: all jobs, and what their inputs are called."""
        jobs = [record.to_plain() for record in self.store.jobs()]
        return {"jobs": jobs, "ready": self.scheduler.ready}


def make_app(studio: Studio, hosts: list[str], secret: str, token: str) -> Guard:
    """Return the guarded application.

    Args:
        studio: the server's parts.
        hosts: its addresses, as a browser writes them in ``Host``.
        secret: the value of the cookie.
        token: lets one browser in, once.
    """

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        working = asyncio.create_task(studio.work())
        yield
        await studio.let_pages_go()
        await studio.scheduler.stop()
        await working

    app = FastAPI(lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.exception_handler(ArtcnnError)(_tell_error)
    _add_files(app, studio.store, studio.pictures)
    _add_jobs(app, studio)
    add_live(app, studio.store, studio.live, studio.slow)
    _add_looks(app, studio.scheduler)
    add_digits(app)
    app.get("/api/options")(describe_options)
    app.get("/api/words")(studio_words)

    @app.get("/api/events")
    async def events(last_event_id: Annotated[str | None, Header()] = None) -> Response:
        return StreamingResponse(studio.events.follow(last_event_id), media_type="text/event-stream")

    app.mount("/", StaticFiles(directory=studio_pages_dir(), html=True))
    return Guard(_limited(app), hosts, secret, token)


def _add_files(app: FastAPI, store: Store, pictures: Pictures) -> None:
    @app.post("/api/files")
    async def upload(request: Request, name: Annotated[str, Query(max_length=1000)], sound: bool = False) -> Upload:
        return await keep_upload(store, pictures, name, request.stream(), sound=sound)

    @app.get("/api/samples")
    def samples() -> list[dict[str, Any]]:
        return describe_samples(store)

    @app.get("/api/samples/words")
    def words() -> list[dict[str, Any]]:
        return describe_samples(store, WORDS)

    @app.get("/api/files/{sha256}")
    def look_up(sha256: str) -> Upload:
        return store.upload(sha256)

    @app.get("/api/files/{sha256}/thumbnail.jpg")
    async def show(sha256: str, side: Side = 256) -> Response:
        return _small(await pictures.small(sha256, side))

    @app.get("/api/files/{sha256}/original")
    def original(sha256: str, download: Annotated[str, Query(max_length=300)]) -> Response:
        return _file(store.path(sha256), "application/octet-stream", download)


def _add_jobs(app: FastAPI, studio: Studio) -> None:
    @app.post("/api/jobs")
    async def ask(wish: Wish) -> dict[str, Any]:
        order = wish.kind, wish.preset, wish.settings, wish.inputs, wish.film, wish.names
        make = partial(recipe_without_torch, studio.decoder)
        record = studio.store.add_job(*await run_in_threadpool(check_order, studio.store, *order, make=make))
        studio.scheduler.add(record)
        return record.to_plain()

    @app.post("/api/jobs/{identifier}")
    async def change(identifier: str, wish: Change) -> dict[str, Any]:
        if wish.do == "pause":
            studio.scheduler.pause(identifier)
        elif wish.do == "resume":
            studio.scheduler.resume(identifier)
        else:
            studio.scheduler.move(identifier, wish.before)
        return studio.store.job(identifier).to_plain()

    @app.delete("/api/jobs/{identifier}")
    async def remove(identifier: str) -> dict[str, Any]:
        studio.scheduler.remove(identifier)
        return {}

    @app.get("/api/jobs/{identifier}/preview.jpg")
    def preview(identifier: str) -> Response:
        return _file(studio.store.folder(identifier) / "preview.jpg", "image/jpeg")

    @app.get("/api/jobs/{identifier}/thumbnail.jpg")
    async def small(identifier: str, side: Side = 256) -> Response:
        result = studio.store.result(identifier)
        last, out = result.with_name("preview.jpg"), result.with_name(f"small-{side}.jpg")
        return _small(await studio.pictures.draw(last if last.exists() else result, out, side))

    @app.get("/api/jobs/{identifier}/command")
    def command(identifier: str) -> dict[str, str]:
        return {"command": command_of(studio.store.job(identifier).order)}

    @app.get("/api/jobs/{identifier}/result")
    def result(identifier: str, download: Annotated[str | None, Query(max_length=200)] = None) -> Response:
        response = _file(studio.store.result(identifier), None, download)
        response.headers["cache-control"] = "private, max-age=86400"  # a film is asked for in parts
        return response


def _add_looks(app: FastAPI, scheduler: Scheduler) -> None:
    @app.post("/api/looks")
    async def want(wish: Trial) -> dict[str, Any]:
        return scheduler.want_looks(wish.kind, wish.inputs)

    @app.get("/api/looks/{key}.jpg")
    def look(key: str) -> Response:
        response = _file(scheduler.looks.picture(key), "image/jpeg")
        response.headers["cache-control"] = "private, max-age=86400"
        return response


def _small(path: Path) -> Response:
    """Return a small picture of a file that does not change any more."""
    return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})


def _file(path: Path, kind: str | None, download: str | None = None) -> Response:
    if not path.is_file():
        raise UnknownError("there is nothing to be seen yet")
    return FileResponse(path, media_type=kind, filename=download)


async def _tell_error(_: Request, error: Exception) -> Response:
    """Return what is wrong with a request, and what to do."""
    assert isinstance(error, ArtcnnError)  # noqa: S101 - it is registered for no other
    status = 404 if isinstance(error, UnknownError) else 503 if isinstance(error, UnansweredError) else 400
    return JSONResponse({"error": error.to_json()}, status)


def _limited(app: FastAPI) -> App:
    """Return an application that refuses long requests before they are read; uploads count their own bytes."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has them
        if scope["type"] == "http" and scope["path"] != "/api/files":
            lengths = [value for name, value in scope["headers"] if name == b"content-length"]
            chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
            if chunked or any(not value.isdigit() or int(value) > _MOST_TEXT for value in lengths):
                await JSONResponse({"error": {"message": "this request is too long"}}, 413)(scope, receive, send)
                return
        await app(scope, receive, send)

    return answer
