"""Files that come in: counted and hashed as they arrive, and looked at before they are kept."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from artcnn.errors import ArtcnnError, PictureError
from artcnn.studio.store import Store, Upload
from artcnn.studio.thumbnails import draw_thumbnail

MOST_BYTES = 4 << 30
"""Of a file: a clip of an hour."""

_LONGEST_NAME = 200

_TRIAL = 256
"""Longer side of what a picture is decoded to, in pixels, to see whether it can be."""


async def keep_upload(store: Store, name: str, parts: AsyncIterator[bytes]) -> Upload:
    """Keep a file that arrives in parts, and return what it is.

    Args:
        store: where it is kept.
        name: what the user calls it; it is shown, and never used as a path.
        parts: its bytes.

    Raises:
        ArtcnnError: it is too large, or no picture or clip that artcnn can read. Nothing of it is kept.
    """
    draft, digest, size = store.draft(), hashlib.sha256(), 0
    try:
        with draft.open("xb") as file:
            async for part in parts:
                size += len(part)
                if size > MOST_BYTES:
                    raise ArtcnnError(f"{name} is larger than {MOST_BYTES / 1e9:.1f} GB", hint="make it smaller first")
                digest.update(part)
                file.write(part)
        if size == 0:
            raise PictureError(f"{name} is empty")
        upload = await asyncio.to_thread(describe, draft, plain_name(name), digest.hexdigest())
        return store.add_file(draft, upload)
    finally:
        draft.unlink(missing_ok=True)


def keep_sample(store: Store, path: Path) -> Upload:
    """Keep a picture that ships, as if it had been uploaded."""
    content = path.read_bytes()
    draft = store.draft()
    try:
        draft.write_bytes(content)
        return store.add_file(draft, describe(draft, path.name, hashlib.sha256(content).hexdigest()))
    finally:
        draft.unlink(missing_ok=True)


def plain_name(name: str) -> str:
    """Return the last part of a file's name, of characters that can be shown, and not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[:_LONGEST_NAME] if shown.strip(".") else "picture"


def describe(path: Path, name: str, sha256: str) -> Upload:
    """Return what a file is, by its content: its size is checked first, and then whether it can be decoded.

    Raises:
        ArtcnnError: it is no picture or clip that artcnn can read, or has too many pixels for this machine.
    """
    from artcnn.files.clips.recognize import is_clip
    from artcnn.files.open import open_picture

    try:
        if is_clip(path):
            from artcnn.files.clips.clip import open_clip

            height, width = open_clip(path).size
            return Upload(sha256, name, width, height, clip=True)
        with open_picture(path) as (image, _):
            size = image.size
        draw_thumbnail(path, _TRIAL)
        return Upload(sha256, name, *size)
    except ArtcnnError as error:
        raise type(error)(*(text.replace(str(path), name) for text in error.messages), hint=error.hint) from error
