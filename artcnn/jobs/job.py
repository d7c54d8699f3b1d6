"""What is to be made: a recipe and what it is applied to."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError, RecipeError
from artcnn.jobs.inputs import INPUTS, Inputs, InstantInputs, StyleInputs, TextureInputs, convert_inputs
from artcnn.jobs.sources import PlainSource, Source, hash_source, source_from_json, source_to_json, without_pillow
from artcnn.jobs.styles import match_files, network_sha256

if TYPE_CHECKING:
    from artcnn.presets import PictureKind
    from artcnn.recipes import FilmRecipe, Recipe, VideoRecipe


@dataclass(frozen=True)
class Job:
    """A recipe and the inputs it is applied to, to make a picture or a video.

    Attributes:
        recipe: every setting, as asked for: a precision of ``"auto"`` is decided on the machine that makes it.
        inputs: of the class that goes with the recipe. A Pillow image among them becomes the bytes of a file of it.
        video: how a video is made: a zoom into the photo, or a film of the clip that ``inputs.photo`` is the file of;
            None where a picture is to be made.

    Raises:
        ArtcnnError: recipe and inputs do not go together. No file is opened.
    """

    recipe: "Recipe"
    inputs: "Inputs[Source]"
    video: "VideoRecipe | FilmRecipe | None" = None

    def __post_init__(self) -> None:
        _check(self)
        plain = convert_inputs(self.inputs, lambda name, source: without_pillow(source, name))
        object.__setattr__(self, "inputs", plain)

    @property
    def kind(self) -> "PictureKind":
        """What presets and commands call the kind of the recipe."""
        return kind_of(self.recipe)

    @property
    def makes_video(self) -> bool:
        """Whether the result is a video; of a clip it is a picture where a single frame is asked for."""
        return self.video is not None and (self.film is None or self.film.still is None)

    @property
    def film(self) -> "FilmRecipe | None":
        """How a clip becomes a film; None where there is no clip."""
        from artcnn.recipes import FilmRecipe

        return self.video if isinstance(self.video, FilmRecipe) else None

    def sources(self) -> "dict[str, PlainSource]":
        """Return where the inputs come from, by name."""
        sources: dict[str, Any] = self.inputs.named()
        return sources

    def fingerprint(self) -> str:
        """Return the name of this work, the same on every machine: a sha256 of the recipe and of the inputs' bytes.

        Raises:
            PictureError: an input cannot be read.
        """
        return fingerprint_of(self, {name: hash_source(source) for name, source in self.sources().items()})

    def to_json(self) -> str:
        """Return the job as text. Files go by their path, inputs in memory with all of their bytes."""
        inputs = {name: source_to_json(source) for name, source in self.sources().items()}
        return json.dumps(_settings(self) | {"inputs": inputs})

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Return the job that a text describes. It is made with the files that are named in it, wherever it is made.

        Raises:
            ArtcnnError: it describes none, or its settings are wrong (a line for each mistake).
        """
        from artcnn.presets import make_recipe

        try:
            data: dict[str, Any] = json.loads(text)
            kind = next(known for known in INPUTS if known == data["kind"])
            recipe, film = dict(data["recipe"]), "film" in data
            video = data["film"] if film else data["video"]
            video = None if video is None else dict(video)
            sources = {str(name): source_from_json(source) for name, source in data["inputs"].items()}
            inputs = INPUTS[kind].from_named(sources)
        except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError) as error:
            raise ArtcnnError("this is no job", hint="write one with to_json") from error
        return cls(make_recipe(kind, recipe), inputs, None if video is None else parse_video(video, film=film))


def kind_of(recipe: "Recipe") -> "PictureKind":
    """Return what presets and commands call the kind of a recipe."""
    from artcnn.presets import RECIPES

    kinds: dict[type, Any] = {model: kind for kind, model in RECIPES.items()}
    return kinds[type(recipe)]  # type: ignore[no-any-return]


def name_of_video(video: "VideoRecipe | FilmRecipe | None") -> str:
    """Return what plain data call the settings of a video: ``film`` if it is made of a clip."""
    from artcnn.recipes import FilmRecipe

    return "film" if isinstance(video, FilmRecipe) else "video"


def parse_video(settings: Mapping[str, Any], *, film: bool) -> "VideoRecipe | FilmRecipe":
    """Return the settings of a film that is made of a clip, or of a zoom film, from plain data.

    Raises:
        RecipeError: settings are wrong (a line for each mistake).
    """
    from artcnn.recipes import FilmRecipe, VideoRecipe
    from artcnn.settings import parse

    return parse(FilmRecipe, settings) if film else parse(VideoRecipe, settings)


def fingerprint_of(job: Job, sha256s: Mapping[str, str]) -> str:
    """Return the fingerprint of a job whose inputs have these sha256, by name."""
    work = _settings(job) | {"inputs": {name: sha256s[name] for name in job.inputs.named()}}
    network = network_sha256(job.recipe)
    work |= {} if network is None else {"network": network}
    canonical = json.dumps(work, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _settings(job: Job) -> dict[str, Any]:
    video = None if job.video is None else job.video.model_dump(mode="json")
    return {"kind": job.kind, "recipe": job.recipe.model_dump(mode="json"), name_of_video(job.video): video}


def _check(job: Job) -> None:
    """Check that the parts of a job go together.

    Raises:
        ArtcnnError: they do not.
    """
    from artcnn.recipes import DreamRecipe, StyleRecipe, check_blend

    if not isinstance(job.inputs, INPUTS[job.kind]):
        raise ArtcnnError(f"a {job.kind} is made from {INPUTS[job.kind].__name__}, not {type(job.inputs).__name__}")
    if isinstance(job.inputs, InstantInputs | StyleInputs):
        _check_styles(job, job.inputs.styles if isinstance(job.inputs, InstantInputs) else job.inputs.learned)
    if isinstance(job.recipe, StyleRecipe) and isinstance(job.inputs, StyleInputs | TextureInputs):
        check_blend(len(job.inputs.styles), job.recipe.blend)
        _check_ring(job.recipe)
    if job.film is not None and (isinstance(job.inputs, TextureInputs) or not isinstance(job.inputs.photo, Path)):
        raise ArtcnnError("a film is made of a clip", hint="give the path of its file, or of a folder of frames")
    if job.video is None or job.film is not None:
        return
    if not isinstance(job.recipe, DreamRecipe):
        raise ArtcnnError(f"a zoom film is made by a dream, not by a {job.kind}", hint="or give a clip, not a photo")
    if job.recipe.colors != "dream":
        raise ArtcnnError(f"--colors {job.recipe.colors}: a film moves on from the photo's colors, leave it out")
    if job.recipe.optimizer != "gradient":
        raise ArtcnnError(
            "a film's frames have too few steps to climb along a spectrum", hint="add --set optimizer=gradient"
        )


def _check_styles(job: Job, files: Sequence[object]) -> None:
    """Check that a job's files of styles are those that its recipe is about."""
    from artcnn.recipes import InstantRecipe, StyleRecipe

    paths = [file for file in files if isinstance(file, Path)]
    if len(paths) < len(files):
        raise ArtcnnError("a style of your own is a file", hint="give its path")
    if isinstance(job.recipe, InstantRecipe):
        match_files(job.recipe, paths)
    elif isinstance(job.recipe, StyleRecipe) and files and job.recipe.init != "instant":
        raise ArtcnnError(f"{files[0]}: a style that was learned is for init instant")


def _check_ring(recipe: "Recipe") -> None:
    """Check that a texture whose opposite borders are to meet has sides that can."""
    from artcnn.recipes import CIRCULAR_UNIT, TextureRecipe

    if isinstance(recipe, TextureRecipe) and recipe.padding == "circular" and recipe.size % CIRCULAR_UNIT:
        near = max(1, round(recipe.size / CIRCULAR_UNIT)) * CIRCULAR_UNIT
        raise RecipeError(
            f"size {recipe.size}: a tileable texture needs a multiple of {CIRCULAR_UNIT}", hint=f"use --size {near}"
        )
