"""What is typed to make a job: the command, its files, the preset, and the settings that differ from it."""

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.jobs.inputs import StyleInputs, is_model
from artcnn.jobs.job import Job, name_of_video
from artcnn.jobs.sweep import join_labels, label
from artcnn.presets import load_preset
from artcnn.recipe_fields import FLAGS
from artcnn.settings import parse

if TYPE_CHECKING:
    from artcnn.recipes import FilmRecipe, VideoRecipe
    from artcnn.reports.contact_sheet import Label


def command_line(job: Job, preset: str | None = None) -> str:
    """Return the command that makes a job, its words quoted as a shell wants them.

    Args:
        job: what is made; an input that is no file is called by its name.
        preset: what its recipe began with, or None.

    Raises:
        RecipeError: there is no such preset.
    """
    names = {name: _file_name(name, source) for name, source in job.sources().items()}
    settings = _differing(job, preset)
    if isinstance(job.inputs, StyleInputs) and job.inputs.learned:
        settings.pop("init", None)
    options = [] if preset is None or not load_preset(job.kind, preset).settings else [label("preset", preset)]
    options += [label(key, _value(value)) for key, value in settings.items()]
    words = ["artcnn", job.kind, *map(shlex.quote, plain_inputs(names)), join_labels([*input_options(names), *options])]
    video = [] if job.video is None else video_options(job.video, whole=job.film is None)
    return " ".join([word for word in [*words, *video] if word])


def plain_inputs(names: Mapping[str, str]) -> list[str]:
    """Return those of the inputs' names that are typed without an option: the photo, then the paintings."""
    return [name for key, name in names.items() if re.fullmatch(r"photo|painting\d*", key)]


def input_options(names: Mapping[str, str]) -> "list[Label]":
    """Return what is typed for those of the inputs that are options; a style of one's own is a setting's value."""
    found, learned = [], []
    for key, name in names.items():
        of = re.fullmatch(r"(painting\d*)_mask", key)
        if of is not None:
            found.append(("--mask", shlex.quote(f"{of[1]}={name}")))
        elif is_model(key):
            learned.append(name)
        elif key != "photo" and not key.startswith("painting"):
            found.append((f"--{key.replace('_', '-')}", shlex.quote(name)))
    begins = bool(learned) and any(key.startswith("painting") for key in names)
    return [*found, ("--init", shlex.quote(",".join(learned)))] if begins else found


def video_options(video: "VideoRecipe | FilmRecipe", *, whole: bool = True) -> list[str]:
    """Return what is typed for the settings of a video, or for those that are not the default."""
    form = "--{}={}" if name_of_video(video) == "film" else "--film {}={}"
    settings = video.model_dump(mode="json", exclude_none=True, exclude_defaults=not whole)
    return [form.format(FLAGS.get(name, name), json.dumps(value)) for name, value in settings.items()]


def _file_name(name: str, source: object) -> str:
    """Return how an input is typed: a file that begins with a dash would be an option."""
    text = str(source) if isinstance(source, Path) else name
    return f"./{text}" if text.startswith("-") else text


def _differing(job: Job, preset: str | None) -> dict[str, Any]:
    """Return the settings of a job, as plain data, that neither its preset has nor follow from the others."""
    model, wanted = type(job.recipe), job.recipe.model_dump(mode="json")
    base = {} if preset is None else load_preset(job.kind, preset).settings
    made = parse(model, base).model_dump(mode="json")
    typed = {key: value for key, value in wanted.items() if value not in (made[key], None)}
    for key in [*typed]:
        fewer = {name: value for name, value in typed.items() if name != key}
        if parse(model, base | fewer).model_dump(mode="json") == wanted:
            typed = fewer
    if isinstance(job.inputs, StyleInputs) and len(job.inputs.styles) > 1:  # which tells how many are paintings
        typed.setdefault("blend", wanted["blend"] or [1.0] * len(job.inputs.styles))
    return typed


def _value(value: object) -> str:
    """Return a value as ``--set`` takes it: text bare, anything else in TOML's spelling."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
