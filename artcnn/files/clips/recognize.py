"""Recognize clips by content, quickly: torch is not loaded."""

from pathlib import Path

from artcnn.files.clips.animation_times import count_pictures
from artcnn.files.containers import is_container
from artcnn.files.streams import STREAM


def is_clip(path: Path) -> bool:
    """Return whether a file is a clip and not a picture, by content; neither is a folder, nor the standard input.

    Raises:
        PictureError: it cannot be opened.
    """
    return path != STREAM and not path.is_dir() and (is_container(path) or count_pictures(path) > 1)
