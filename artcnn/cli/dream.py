"""``artcnn dream``: Deep Dream on a photo."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.option_groups import option
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions
from artcnn.errors import ArtcnnError, RecipeError

if TYPE_CHECKING:
    from artcnn.recipes import FilmRecipe, VideoRecipe

_STEPS = "octaves", "octave_scale", "steps", "step_size", "jitter", "smoothing"
_FIELDS = {
    options.MAKE: ["layers"],
    options.CONTROL: ["size", "strength", "colors", "palette", "backbone", *_STEPS, "seed"],
    options.MACHINE: ["precision"],
}
_VIDEO_FIELDS = {options.ZOOM: ["zoom", "rotate", "frames", "fps", "loop"]}
_FILM_FIELDS = {options.CLIP: ["start", "end", "still", "coherence", "passes"]}
_FILM = option(
    "film",
    Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="Any other setting of a film: steps, step_scale, color_match. Repeatable.",
            rich_help_panel=options.ZOOM,
        ),
    ],
)


Classes = Annotated[
    list[str] | None,
    typer.Option(
        "--class",
        metavar="NAME|NUMBER",
        help="A class of ImageNet to dream of, such as castle. Repeatable.",
        rich_help_panel=options.MAKE,
    ),
]
Channels = Annotated[
    str | None,
    typer.Option(
        metavar="N,N|strong:N|weak:N",
        help="Only these channels of each layer: by number, or those that the photo excites most or least.",
        rich_help_panel=options.MAKE,
    ),
]


def dream(
    photos: options.Photos,
    *,
    what: Annotated[RecipeArguments, RecipeOptions("dream", "DreamRecipe", _FIELDS)],
    classes: Classes = None,
    channels: Channels = None,
    inputs: options.DreamInputs,
    video: Annotated[RecipeArguments, RecipeOptions(None, "VideoRecipe", _VIDEO_FIELDS, pairs=_FILM)],
    film: Annotated[RecipeArguments, RecipeOptions(None, "FilmRecipe", _FILM_FIELDS, pairs=None)],
    run: options.Run,
) -> None:
    """Let the network dream on a photo. It amplifies what it recognizes in it, until you see it too.

    Examples: artcnn dream photo.jpg · artcnn dream photo.jpg --preset animals --size 1024 ·
    artcnn dream photo.jpg --zoom 1.02 --rotate 0.5 -o dream.mp4 ·
    artcnn dream photo.jpg --class castle
    """
    from artcnn.recipes import DreamRecipe

    if classes is not None:
        what = _of_classes(what, classes)
    recipe = what.recipe(DreamRecipe)
    if channels is not None:
        from artcnn.presets import with_channels

        if layer := next((text for text in what.options.get("layers", ()) if ":" in text), None):
            raise ArtcnnError(f"--channels {channels}: {layer} names channels, too", hint="leave out one of the two")
        recipe = with_channels(recipe, channels)
    from artcnn.cli.run import run_photos
    from artcnn.jobs.inputs import DreamInputs
    from artcnn.jobs.job import Job

    def job_of(photo: Path, clip: "FilmRecipe | None") -> Job:
        if clip is None:
            zoom = _zoom_recipe(video, what.options.get("steps"), run.out)
            return Job(recipe, DreamInputs(photo, **vars(inputs)), zoom)
        if extra := next((name for name in video.settings() if name != "fps"), None):
            raise ArtcnnError(f"'{extra}' is a setting of zooms into a photo, and {photo} is a clip: leave it out")
        return Job(recipe, DreamInputs(photo, **vars(inputs)), clip)

    run_photos(photos, job_of, run, film, video.options.get("fps"))


def _zoom_recipe(video: RecipeArguments, steps: int | None, out: Path | None) -> "VideoRecipe | None":
    """Return the settings of a film that zooms into a photo, or None if no argument asks for one.

    Args:
        video: what the command line says about it.
        steps: ``--steps``, which is for pictures.
        out: ``--out``.

    Raises:
        RecipeError: settings are wrong (a message for each), or ``out`` is a film and nothing else asks for one.
    """
    from artcnn.recipes import VideoRecipe

    if not video.settings():
        if out is not None and out.suffix.lower() in (".mp4", ".gif"):
            hint = "add --zoom 1.02 to make a film of a photo; a picture ends in .png, .jpg, ..."
            raise RecipeError(f"cannot write {out}", hint=hint)
        return None
    if steps is not None:
        raise RecipeError("--steps is for pictures", hint=f"use --film steps={steps} for the steps of each frame")
    return video.recipe(VideoRecipe)


def _of_classes(what: RecipeArguments, classes: list[str]) -> RecipeArguments:
    """Return the arguments with the layers for classes, and with a preset and a network that have them."""
    from artcnn.backbones.class_names import class_layers

    what = replace(what, preset=what.preset or "class")
    backbone = str(what.setting("backbone") or "efficientnet-lite0")
    layers = [*class_layers(backbone, classes), *what.options.get("layers", ())]
    return replace(what, options={**what.options, "backbone": backbone, "layers": layers})
