"""``python -m artcnn.studio.decoder``: the child process that decodes pictures, one after the other.

What is uploaded is not ours: a large picture takes memory, and a harmful one may end the process that decodes it. The
server lives on. It also checks the recipes of classifiers, whose layers only torch knows.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artcnn.errors import ArtcnnError
from artcnn.files.atomic import write_atomic
from artcnn.studio.lines import answer_questions
from artcnn.studio.thumbnails import draw_thumbnail, small_jpeg


class Decoder:
    """Answers what :class:`artcnn.studio.pictures.Pictures` asks."""

    def answer(self, kind: str, request: Mapping[str, Any]) -> tuple[str, bytes]:
        """Return the answer to a question: the type of its content, and the content.

        Raises:
            ArtcnnError: the file is no picture or clip that artcnn can read, or has too many pixels for this machine;
                or settings are wrong.
        """
        if kind == "recipe":
            from artcnn.presets import make_recipe
            from artcnn.studio.orders import known_kind

            recipe = make_recipe(known_kind(request["kind"]), request["settings"])
            return "application/json", recipe.model_dump_json().encode()
        path, out, side = Path(request["path"]), Path(request["out"]), request["side"]
        if kind == "hear":
            return "application/json", json.dumps(describe_sound(path)).encode()
        if kind == "describe":
            return "application/json", json.dumps(describe(path, out, side)).encode()
        if not out.exists():
            write_atomic(out, draw_thumbnail(path, side))
        return "application/json", b"{}"

    def renamed(self, error: ArtcnnError, names: Mapping[str, str]) -> ArtcnnError:
        """Return an error that calls the files by what the user calls them."""
        messages = error.messages
        for path, name in names.items():
            messages = tuple(message.replace(path, name) for message in messages)
        return type(error)(*messages, hint=error.hint)


def describe(path: Path, out: Path, side: int) -> dict[str, Any]:
    """Return what a file is, by its content: its size is checked first, and then whether it can be decoded.

    Args:
        path: the file.
        out: where a small picture of it is written; of a clip, of its first frame.
        side: the longer side of that, in pixels, at most.

    Raises:
        ArtcnnError: it is no picture or clip that artcnn can read, or has too many pixels for this machine.
    """
    from artcnn.files.clips.recognize import is_clip
    from artcnn.files.open import open_picture

    if is_clip(path):
        from artcnn.files.clips.clip import open_clip
        from artcnn.image import on_white

        clip = open_clip(path)
        frame, (height, width) = next(clip.frames()), clip.size
        write_atomic(out, small_jpeg(on_white(frame.image, frame.alpha), side))
        length = {"seconds": float(clip.duration), "fps": float(clip.fps)}
        return {"width": width, "height": height, "clip": True, **length}
    with open_picture(path) as (image, _):
        width, height = image.size
    write_atomic(out, draw_thumbnail(path, side))
    return {"width": width, "height": height, "clip": False}


def describe_sound(path: Path) -> dict[str, Any]:
    """Return what the recording of a word is.

    Raises:
        ArtcnnError: it is none that artcnn can read, or too long for a word.
    """
    from artcnn.files.sound import check_sound

    check_sound(path)
    return {"width": 0, "height": 0, "sound": True}


if __name__ == "__main__":
    answer_questions(Decoder)
