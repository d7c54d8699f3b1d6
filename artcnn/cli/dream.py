"""``artcnn dream``: Deep Dream on a photo."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options


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
    out: options.Out = None,
    force: options.Force = False,
    resume: options.Resume = False,
    max_memory: options.MaxMemory = None,
    device: options.Device = "auto",
    save_every: options.SaveEvery = None,
    preview: options.Preview = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Let the network dream on a photo: it strengthens what it sees in it, until you see it too.

    Examples: artcnn dream photo.jpg · artcnn dream photo.jpg --preset animals --size 1024 ·
    artcnn dream photo.jpg --class castle
    """
    if classes:
        from artcnn.cli.classes import class_layers

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
        size=size,
        seed=seed,
        backbone=backbone,
        precision=precision,
    )
    from artcnn.cli.batch import find_photos
    from artcnn.cli.job import Job
    from artcnn.cli.run import run
    from artcnn.cli.tally import Manner

    found = find_photos(photos)
    jobs = [Job("dream", recipe, {"photo": photo}) for photo in found.paths]
    limit = options.bytes_of(max_memory)
    run(jobs, Manner(out, device, save_every, preview, quiet, as_json, found.many, force, limit, resume))
