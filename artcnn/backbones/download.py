"""Download one file."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

Progress = Callable[[int, int], None]
"""Called with the bytes received so far and the bytes expected, or 0 if the server does not say."""

TIMEOUT_SECONDS = 30.0
_CHUNK_BYTES = 1 << 20


def download(address: str, path: Path, progress: Progress | None = None) -> str:
    """Download ``address`` to ``path``; return the sha256.

    `torch.hub.download_url_to_file` has no timeout, and cannot tell a broken connection from a wrong file.
    """
    digest = hashlib.sha256()
    # Both S310: the address is torchvision's, never the user's.
    request = Request(address, headers={"User-Agent": "artcnn"})  # noqa: S310
    with urlopen(request, timeout=TIMEOUT_SECONDS) as response, path.open("wb") as file:  # noqa: S310
        total = int(response.headers.get("Content-Length", 0))
        while chunk := response.read(_CHUNK_BYTES):
            file.write(chunk)
            digest.update(chunk)
            if progress:
                progress(file.tell(), total)
        if file.tell() < total:
            raise ConnectionError(f"the connection broke off after {file.tell()} of {total} bytes")
    return digest.hexdigest()
