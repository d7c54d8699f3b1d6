"""Start the studio: the server, its children, and the browser."""

import socket
import sys
import webbrowser
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread

from artcnn.errors import ArtcnnError, reason
from artcnn.files.atomic import write_atomic
from artcnn.studio.store import Store

_HERE = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - all addresses of the machine, as in a container


def serve(root: Path, host: str = _HERE, port: int = 0, *, browser: bool = True) -> None:
    """Show the studio until it is ended by Ctrl-C.

    Args:
        root: its folder.
        host: the address to listen at; any but this machine's own can be reached by others, who need the token.
        port: the port to listen at; 0 for any that is free.
        browser: open the page.

    Raises:
        ArtcnnError: the address or the folder cannot be used.
    """
    store, secret = Store(root), _secret(root)
    for folder in store.damaged:
        sys.stderr.write(f"warning: the job in {folder} is damaged, and left as it is\n")
    listening = _listen(host, port)
    own = _HERE if host == _EVERYWHERE else host  # a browser cannot go to all addresses, but to this one
    address = f"{own}:{listening.getsockname()[1]}"
    hosts = [address] if own != _HERE else [address, f"localhost:{listening.getsockname()[1]}"]
    token = token_urlsafe(24)
    url = f"http://{address}/enter?token={token}"
    print(f"the studio is at {url}", flush=True)  # noqa: T201 - this is what the command says
    if browser:
        Thread(target=webbrowser.open, args=[url], daemon=True).start()
    _run(store, listening, hosts, secret, token)


def _run(store: Store, listening: socket.socket, hosts: list[str], secret: str, token: str) -> None:
    """Answer until Ctrl-C."""
    import uvicorn  # half a second, in which the browser opens and waits

    from artcnn.studio.app import Studio, make_app

    studio = Studio(store)

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await studio.let_pages_go()  # or they would be waited for
            await super().shutdown(sockets)

    app = make_app(studio, hosts, secret, token)
    settings = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, server_header=False, lifespan="on")
    Server(settings).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # The protocol is named since asyncio sends small parts at once, and not 40 ms later, only where it is known.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)  # a browser that comes before the server waits
    except OSError as error:
        raise ArtcnnError(
            f"cannot listen at {host}, port {port}: {reason(error)}", hint="try another --port or --host"
        ) from error
    return listening


def _secret(root: Path) -> str:
    """Return the value of the cookie, which stays the same, so that a page is still known after a restart."""
    path = root / "secret"
    path.touch(mode=0o600)
    if not path.read_text():  # it is new, or the studio was killed right here
        write_atomic(path, token_urlsafe(32).encode())
    return path.read_text()
