"""What a picture is made by, as one number: another one means that the picture has to be made anew.

It knows every setting, presets and defaults included, and the bytes of photos, paintings and trained networks. It does
not know the code: whether that still makes the same, ``make_pictures.py --check`` finds out by making the pictures.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer.core import TyperCommand

from artcnn.cli import app, run, sheet
from artcnn.files.model_registry import bundled_models
from artcnn.hashes import sha256_of
from artcnn.jobs.job import Job, fingerprint_of
from making.keep import MASKS
from making.picture import ROOT, Picture, words_of

STAND_INS = {name: f"{{{name}}}" for name in MASKS} | {"clip": "docs/pictures/dream-zoom.webp", "peer": "{peer}"}
"""What stands for a file that is not in the repository: of a clip any animation, for a command has to recognize it."""

RUNS = ("out", "force", "quiet", "as_json")
"""Options that change nothing in a picture."""


class _ReachedError(Exception):
    """A command was understood; its first argument is what it is about to make."""


def fingerprint(picture: Picture) -> str:
    """Return the fingerprint of how a picture is made. The current folder is the repository's root."""
    made = [settings_of(command) for command in picture.commands]
    return _hash({"made": made, "kept": [picture.keep.func.__name__, picture.keep.keywords]})[:16]


def settings_of(command: str) -> Any:  # noqa: ANN401 - it goes into JSON
    """Return what a command is about to make, as plain data."""
    words = words_of(command, STAND_INS)
    if len(words) == 1:
        return sha256_of(ROOT / words[0])
    if words[0] != "artcnn":
        return command
    with (
        patch.object(run, "run", lambda jobs, *_, **__: _stop([_of_job(job) for job in jobs])),
        patch.object(sheet, "_make", lambda sweep, inputs, _: _stop([_of_job(Job(r, inputs)) for r in sweep.recipes])),
        patch.object(TyperCommand, "invoke", _invoke(TyperCommand.invoke)),
    ):
        try:
            app(words[1:], prog_name="artcnn", standalone_mode=False)
        except _ReachedError as reached:
            return reached.args[0]
    raise AssertionError(command)


def _stop(made: object) -> None:
    raise _ReachedError(made)


def _invoke(invoke: Any) -> Any:  # noqa: ANN401 - typer's classes are private
    """Return what goes on with a command that makes pictures, and takes all options of any other."""

    def stop_or_go(command: TyperCommand, context: Any) -> Any:  # noqa: ANN401
        if context.command_path.split()[1] in ("dream", "style", "texture", "instant", "sheet"):
            return invoke(command, context)
        return _stop([context.command_path, {name: _plain(value) for name, value in _given(context.params).items()}])

    return stop_or_go


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name not in RUNS and value not in (None, False)}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever an option may be
    """Return an option's value as plain data, with the bytes of a file or of a trained network that it names."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if not isinstance(value, str | Path):
        return value
    path = bundled_models().get(str(value), ROOT / value)
    return [str(value), sha256_of(path)] if path.is_file() else str(value)


def _of_job(job: Job) -> str:
    return fingerprint_of(job, {name: _sha256(Path(str(source))) for name, source in job.sources().items()})


def _sha256(path: Path) -> str:
    """Return the sha256 of a file; of a mask that is drawn, of how it is drawn."""
    mask = MASKS.get(str(path).strip("{}"))
    return sha256_of(ROOT / path) if mask is None else _hash([mask.args, mask.keywords])


def _hash(data: object) -> str:
    return sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()
