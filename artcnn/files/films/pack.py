"""A piece of a film as bytes, to be sent: a file's content, or a zip archive of a folder's frames."""

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from artcnn.errors import PictureError
from artcnn.files.films.folder import frame_name
from artcnn.files.folder import list_frames


def pack(path: Path) -> bytes:
    """Return a film, in a file or in a folder of frames, as bytes for :func:`unpack`."""
    if not path.is_dir():
        return path.read_bytes()
    content = BytesIO()
    with ZipFile(content, "w", ZIP_STORED) as archive:
        for frame in list_frames(path):
            archive.write(frame, frame.name)
    return content.getvalue()


def unpack(content: bytes, path: Path) -> None:
    """Write what :func:`pack` returned into a file, or into a folder that is there and empty.

    Raises:
        PictureError: for a folder, it is no archive of the frames of one, or is damaged.
    """
    if not path.is_dir():
        path.write_bytes(content)
        return
    damaged = PictureError(f"{path}: the frames that came are damaged")
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [frame_name(number + 1) for number in range(len(entries))]
            stored = all(entry.compress_type == ZIP_STORED for entry in entries)
            if [entry.filename for entry in entries] != names or not stored:
                raise damaged
            if sum(entry.file_size for entry in entries) > len(content):  # entries that share their bytes
                raise damaged
            for entry in entries:
                (path / entry.filename).write_bytes(archive.read(entry))
    except (BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise damaged from error
