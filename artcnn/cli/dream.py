"""``artcnn dream``: Deep Dream on a photo."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.recipes import Recipe


def dream(
    photos: Annotated[
        list[Path],
        typer.Argument(metavar="PHOTO...", help="The photos: files, a folder, a pattern, - for a pipe."),
    ],
    preset: options.PresetName = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(
            "--layer",
            metavar="LAYER[:CHANNEL][=WEIGHT]",
            help="What to excite, such as relu4_3 or conv5_3:200=0.5. Repeatable.",
        ),
    ] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class", metavar="NAME|NUMBER", help="A class of ImageNet to dream of, such as castle. Repeatable."
        ),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option(
            metavar="N,N|strong:N|weak:N",
            help="Only these channels of each layer: by number, or those the photo excites most or least.",
        ),
    ] = None,
    guide: options.Guide = None,
    guide_mask: options.GuideMask = None,
    mask: options.DreamMask = None,
    colors: Annotated[
        str | None,
        typer.Option(metavar="dream|content", help="Colours of the result: the dream's, or the photo's own."),
    ] = None,
    strength: Annotated[float | None, typer.Option(help="From the photo, 0, to the whole dream, 1.")] = None,
    octaves: Annotated[int | None, typer.Option(help="Number of sizes, from small to large.")] = None,
    octave_scale: Annotated[float | None, typer.Option(help="Ratio of one size to the one below it.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps in each octave.")] = None,
    step_size: Annotated[float | None, typer.Option(help="Change of a colour in one step, of 0 to 1.")] = None,
    jitter: Annotated[int | None, typer.Option(help="Largest random shift, in pixels.")] = None,
    smoothing: Annotated[float | None, typer.Option(help="Smoothing of the gradient, in pixels.")] = None,
    palette: Annotated[float | None, typer.Option(help="0 any colour, 1 only the photo's own.")] = None,
    size: options.Size = None,
    seed: options.Seed = None,
    backbone: options.BackboneName = None,
    precision: options.Precision = None,
    settings: options.Settings = None,
    zoom: options.Zoom = None,
    rotate: options.Rotate = None,
    frames: options.Frames = None,
    fps: options.Fps = None,
    loop: options.Loop = None,
    film: options.Film = None,
    out: options.Out = None,
    force: options.Force = False,
    resume: options.Resume = False,
    max_memory: options.MaxMemory = None,
    keep_gps: options.KeepGps = False,
    device: options.Device = "auto",
    save_every: options.SaveEvery = None,
    preview: options.Preview = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Let the network dream on a photo: it strengthens what it sees in it, until you see it too.

    Examples: artcnn dream photo.jpg · artcnn dream photo.jpg --preset animals --size 1024 ·
    artcnn dream photo.jpg --zoom 1.02 --rotate 0.5 -o dream.mp4 ·
    artcnn dream photo.jpg --class castle
    """
    if classes:
        from artcnn.backbones.class_names import class_layers

        preset = preset or "class"
        backbone = options.backbone_of("dream", preset, settings, backbone) or "efficientnet-lite0"
        layer = [*class_layers(backbone, classes), *(layer or [])]
    recipe = options.recipe_from(
        "dream",
        preset,
        settings,
        layers=layer,
        octaves=octaves,
        octave_scale=octave_scale,
        steps=steps,
        step_size=step_size,
        jitter=jitter,
        smoothing=smoothing,
        palette=palette,
        colors=colors,
        strength=strength,
        size=size,
        seed=seed,
        backbone=backbone,
        precision=precision,
    )
    if channels is not None:
        if named := next((text for text in layer or [] if ":" in text), None):
            raise ArtcnnError(f"--channels {channels}: {named} names its own already, leave one of the two out")
        recipe = _with_channels(recipe, channels)
    others = options.dream_inputs(guide, guide_mask, mask)
    filmed = options.film_from(film, steps, out, zoom=zoom, rotate=rotate, frames=frames, fps=fps, loop=loop)
    from artcnn.cli.batch import find_photos
    from artcnn.cli.job import Job
    from artcnn.cli.tally import Manner

    found = find_photos(photos)
    found.say_left_out(quiet)
    jobs = [Job("dream", recipe, {"photo": photo} | others, film=filmed) for photo in found.paths]
    limit = options.bytes_of(max_memory)
    manner = Manner(out, device, save_every, preview, quiet, as_json, found.many, force, limit, resume, keep_gps)
    if filmed is not None:
        from artcnn.cli.film import film as make_film

        make_film(jobs, manner)
        return
    from artcnn.cli.run import run

    run(jobs, manner)


def _with_channels(recipe: "Recipe", channels: str) -> "Recipe":
    """Return the recipe with only some channels of each of its layers.

    Raises:
        ArtcnnError: ``channels`` names none, or some that a layer lacks.
    """
    from artcnn.presets import make_recipe
    from artcnn.recipes import DreamRecipe

    assert isinstance(recipe, DreamRecipe)  # noqa: S101 - it is the command's own
    if not re.fullmatch(r"\d+(,\d+)*|(strong|weak):?\d+", channels):
        raise ArtcnnError(f"--channels {channels}: write numbers, such as 12,45, or strong:8 or weak:8")
    layers = {objective.layer: objective.weight for objective in recipe.layers}
    named = [f"{layer}:{channels.replace(',', '+')}={weight}" for layer, weight in layers.items()]
    return make_recipe("dream", recipe.model_dump() | {"layers": named})
