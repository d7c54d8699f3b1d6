"""Files that come in: counted and hashed as they arrive, and looked at before they are kept."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from artcnn.errors import ArtcnnError, PictureError
from artcnn.studio.pictures import Pictures
from artcnn.studio.store import LARGEST, Store, Upload

MOST_BYTES = 4 << 30
"""Of a file: a clip of an hour."""

_LONGEST_NAME = 200


async def keep_upload(
    store: Store, pictures: Pictures, name: str, parts: AsyncIterator[bytes], *, sound: bool = False
) -> Upload:
    """Keep a file that arrives in parts, and return what it is.

    Args:
        store: where it is kept.
        pictures: look at it.
        name: what the user calls it; it is shown, and never used as a path.
        parts: its bytes.
        sound: whether it is to be the recording of a word, and no picture or clip.

    Raises:
        ArtcnnError: it is too large, or nothing of that kind that artcnn can read. Nothing of it is kept.
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
        upload = await pictures.describe(draft, plain_name(name), digest.hexdigest(), sound=sound)
        if upload.clip:
            frame = store.small(upload.sha256, LARGEST)
            upload = replace(upload, frame=_keep_own(store, frame, f"{Path(upload.name).stem}.jpg").sha256)
        return store.add_file(draft, upload)
    finally:
        draft.unlink(missing_ok=True)


def keep_sample(store: Store, path: Path) -> Upload:
    """Keep a picture or a word that ships, as if it had been uploaded."""
    return _keep_own(store, path, path.name)


def _keep_own(store: Store, path: Path, name: str) -> Upload:
    """Keep a file of ours, as if it had been uploaded; we know that it is whole."""
    from artcnn.files.open import open_picture

    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if store.has(sha256):
        return store.upload(sha256)
    draft = store.draft()
    try:
        draft.write_bytes(content)
        if path.suffix == ".wav":
            return store.add_file(draft, Upload(sha256, name, 0, 0, sound=True))
        with open_picture(draft) as (image, _):
            upload = Upload(sha256, name, *image.size)
        return store.add_file(draft, upload)
    finally:
        draft.unlink(missing_ok=True)


def plain_name(name: str) -> str:
    """Return the last part of a file's name, of characters that can be shown, and not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[:_LONGEST_NAME] if shown.strip(".") else "picture"
