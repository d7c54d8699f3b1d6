"""``artcnn style``: a photo repainted in the style of a painting."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options


def style(
    photos: Annotated[
        list[Path],
        typer.Argument(metavar="PHOTO...", help="The photos: files, a folder, a pattern, - for a pipe."),
    ],
    painting: Annotated[
        Path, typer.Argument(metavar="PAINTING", help="The picture whose style it takes, or a folder of several.")
    ],
    preset: options.PresetName = None,
    method: Annotated[
        str | None, typer.Option(metavar="gram|moments|neighbors", help="What a style is taken to be.")
    ] = None,
    strength: Annotated[float | None, typer.Option(help="0 the photo, 1 the painting's style.")] = None,
    colors: Annotated[
        str | None,
        typer.Option(
            metavar="style|content|match", help="The painting's; the photo's, place by place; the photo's palette."
        ),
    ] = None,
    blend: Annotated[
        str | None,
        typer.Option(metavar="W1,W2,...", help="Weights of several paintings: as many arguments, the last, are these."),
    ] = None,
    mask: options.PaintingMasks = None,
    protect: options.Protect = None,
    style_crop: options.StyleCrop = None,
    content_weight: Annotated[float | None, typer.Option(help="How much the photo counts.")] = None,
    style_weight: Annotated[float | None, typer.Option(help="How much the painting counts.")] = None,
    tv_weight: Annotated[float | None, typer.Option(help="How much smoothness counts.")] = None,
    style_scale: options.StyleScale = None,
    content_layer: Annotated[
        list[str] | None,
        typer.Option(metavar="LAYER[=WEIGHT]", help="Layer to keep the photo's features of. Repeatable."),
    ] = None,
    style_layer: Annotated[
        list[str] | None,
        typer.Option(metavar="LAYER[=WEIGHT]", help="Layer to take the painting's style from. Repeatable."),
    ] = None,
    init: Annotated[str | None, typer.Option(metavar="content|noise|painting", help="What to begin with.")] = None,
    optimizer: Annotated[str | None, typer.Option(metavar="lbfgs|adam", help="How to descend.")] = None,
    pooling: Annotated[str | None, typer.Option(metavar="max|average", help="How the network halves its maps.")] = None,
    size: options.Size = None,
    seed: options.Seed = None,
    backbone: options.BackboneName = None,
    precision: options.Precision = None,
    settings: options.Settings = None,
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
    """Repaint a photo in the style of a painting.

    Examples: artcnn style photo.jpg painting.jpg · artcnn style photo.jpg painting.jpg --preset painterly --size 1024
    · artcnn style photo.jpg a.jpg b.jpg --blend 2,1 · artcnn style photo.jpg a.jpg b.jpg --mask painting2=sky.png
    """
    recipe = options.recipe_from(
        "style",
        preset,
        settings,
        method=method,
        strength=strength,
        colors=colors,
        blend=blend,
        style_crop=style_crop,
        content_weight=content_weight,
        style_weight=style_weight,
        tv_weight=tv_weight,
        style_scale=style_scale,
        content_layers=content_layer,
        style_layers=style_layer,
        init=init,
        optimizer=optimizer,
        pooling=pooling,
        size=size,
        seed=seed,
        backbone=backbone,
        precision=precision,
    )
    from artcnn.cli.batch import find_photos
    from artcnn.cli.job import Job
    from artcnn.cli.paintings import inputs_of, split
    from artcnn.cli.run import run
    from artcnn.cli.tally import Manner
    from artcnn.recipes import StyleRecipe

    assert isinstance(recipe, StyleRecipe)  # noqa: S101 - it is of a style
    photos, paintings, masks = split([*photos, painting], recipe.blend, mask or [])
    found, others = find_photos(photos), inputs_of(paintings, masks, protect)
    found.say_left_out(quiet)
    jobs = [Job("style", recipe, {"photo": photo, **others}) for photo in found.paths]
    limit = options.bytes_of(max_memory)
    run(jobs, Manner(out, device, save_every, preview, quiet, as_json, found.many, force, limit, resume, keep_gps))
