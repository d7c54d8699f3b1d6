"""From what a page asks for to a job, checked, and back from the studio's folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from artcnn.blend import parse_blend
from artcnn.errors import ArtcnnError, did_you_mean
from artcnn.extras import require
from artcnn.files.style_names import is_style_file, shipped_styles
from artcnn.jobs.command import command_line
from artcnn.jobs.inputs import INPUTS
from artcnn.jobs.job import Job, parse_video
from artcnn.presets import RECIPES, PictureKind, load_preset, make_recipe, preset_files
from artcnn.recipes import InstantRecipe, Recipe
from artcnn.settings import parse
from artcnn.studio.records import Order
from artcnn.studio.store import Store
from artcnn.studio.uploads import plain_name

Make = Callable[[PictureKind, Mapping[str, Any]], Recipe]
"""Makes the recipe of settings."""

Checked = tuple[PictureKind, str | None, dict[str, Any], Mapping[str, str], dict[str, Any] | None, dict[str, str]]
"""What a job is made of, as :meth:`Store.add_job` takes it."""


def check_order(
    store: Store,
    kind: str,
    preset: str | None,
    settings: Mapping[str, Any],
    inputs: Mapping[str, str],
    film: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
    *,
    make: Make = make_recipe,
) -> Checked:
    """Check what a page asks for.

    Args:
        store: where its inputs are.
        kind: what presets call the kind of its recipe.
        preset: what the recipe begins with, or None.
        settings: that differ from it.
        inputs: the sha256 of each input, by name.
        film: how a clip becomes a film; None for the recipe's defaults.
        names: what the user calls the files, by the inputs' names; else they are called as they came in.
        make: makes the recipe of settings.

    Raises:
        ArtcnnError: there is no such kind, preset, setting or file, or they do not go together.
    """
    known = known_kind(kind)
    given = {**_settings_of(known, preset), **settings}
    film = _film_of(store, inputs, film)
    recipe = make(known, given)
    if isinstance(recipe, InstantRecipe):
        _check_styles(recipe)
    job = _job(recipe, known, {name: store.path(sha256) for name, sha256 in inputs.items()}, film)
    clip = None if job.film is None else job.film.model_dump(mode="json")
    called = {name: plain_name((names or {}).get(name, store.upload(sha).name)) for name, sha in inputs.items()}
    return known, preset, job.recipe.model_dump(mode="json"), inputs, clip, _distinct(called, inputs)


def job_of(order: Order, files: Path) -> Job:
    """Return the job of an order.

    Args:
        order: what was asked for.
        files: the folder of the uploaded files, each called by its sha256.

    Raises:
        ArtcnnError: it is an order of another version that has no such setting.
    """
    paths = {name: files / sha256 for name, sha256 in order.inputs.items()}
    kind = known_kind(order.kind)
    return _job(make_recipe(kind, order.recipe), kind, paths, order.film)


def known_recipe(kind: PictureKind, settings: Mapping[str, Any]) -> Recipe:
    """Return the recipe of settings whose layers are known to be those of its network, without torch.

    Raises:
        RecipeError: they are of another version, which has no such setting.
    """
    recipe = parse(RECIPES[kind], settings)
    assert isinstance(recipe, Recipe)  # noqa: S101 - it is of a kind that makes pictures
    return recipe


def try_out(kind: str, preset: str, inputs: Mapping[str, str], files: Path, size: int) -> Job:
    """Return the job that tries out a preset.

    Args:
        kind: of the preset.
        preset: its name.
        inputs: the sha256 of each input, by name.
        files: the folder of the uploaded files.
        size: of the picture: its longer side, in pixels.

    Raises:
        ArtcnnError: there is no such preset, or it does not go with these inputs.
    """
    paths = {name: files / sha256 for name, sha256 in inputs.items()}
    known = known_kind(kind)
    return _job(make_recipe(known, {**_settings_of(known, preset), "size": size}), known, paths, None)


def command_of(order: Order) -> str:
    """Return what is typed for an order where its files are called as the user does.

    Raises:
        ArtcnnError: it is an order of another version that has no such setting, or its preset is not there any more.
    """
    paths = {name: Path(order.names[name]) for name in order.inputs}
    kind = known_kind(order.kind)
    return command_line(_job(known_recipe(kind, order.recipe), kind, paths, order.film), order.preset)


def _job(recipe: Recipe, kind: PictureKind, paths: Mapping[str, Path], film: Mapping[str, Any] | None) -> Job:
    try:
        inputs = INPUTS[kind].from_named(paths)
    except ValueError as error:
        raise ArtcnnError(f"these inputs do not make a {kind}: {', '.join(paths) or 'none'}") from error
    return Job(recipe, inputs, None if film is None else parse_video(film, film=True))


def _check_styles(recipe: InstantRecipe) -> None:
    """Check that the styles of a recipe that are no files ship."""
    for name in parse_blend(recipe.style):
        if not is_style_file(name) and name not in shipped_styles():
            raise ArtcnnError(f"there is no style '{name}'", hint=did_you_mean(name, shipped_styles()))


def _film_of(store: Store, inputs: Mapping[str, str], film: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return how the photo becomes a film; None if it is no clip.

    Raises:
        ArtcnnError: it is none, and a film is asked for; or packages for films are not installed.
    """
    photo = None if "photo" not in inputs else store.upload(inputs["photo"])
    if photo is not None and photo.clip:
        require("video")
        return film or {}
    if film is not None:
        name = "there is no photo" if photo is None else f"{photo.name} is a picture"
        raise ArtcnnError(f"a film is made of a clip, and {name}")
    return None


def _distinct(names: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    """Return names of which no two files have the same one: photo.jpg, photo-2.jpg."""
    found: dict[str, str] = {}
    for name, text in names.items():
        path, number, chosen = Path(text), 1, text
        while any(taken == chosen and inputs[other] != inputs[name] for other, taken in found.items()):
            number += 1
            chosen = f"{path.stem}-{number}{path.suffix}"
        found[name] = chosen
    return found


def _settings_of(kind: PictureKind, preset: str | None) -> Mapping[str, Any]:
    """Return what a preset sets; it is one by name, never a file that the page names."""
    if preset is None:
        return {}
    if preset not in preset_files(kind):
        raise ArtcnnError(f"there is no {kind} preset '{preset}'", hint=did_you_mean(preset, preset_files(kind)))
    return load_preset(kind, preset).settings


def known_kind(kind: str) -> PictureKind:
    """Return a kind that there is.

    Raises:
        ArtcnnError: there is none of that name.
    """
    for known in INPUTS:
        if known == kind:
            return known
    raise ArtcnnError(f"there is no kind '{kind}'", hint=f"choose from {', '.join(INPUTS)}")
