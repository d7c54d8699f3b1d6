"""``artcnn texture``: a painting's style without a photo."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.errors import ArtcnnError


def texture(
    paintings: Annotated[
        list[Path], typer.Argument(metavar="PAINTING...", help="The picture whose texture it is; of several, a blend.")
    ],
    tileable: Annotated[bool, typer.Option("--tileable", help="Let opposite borders meet without a seam.")] = False,
    preset: options.PresetName = None,
    method: Annotated[str | None, typer.Option(metavar="gram|moments", help="What a style is taken to be.")] = None,
    blend: Annotated[str | None, typer.Option(metavar="W1,W2,...", help="Weights of several paintings.")] = None,
    style_scale: options.StyleScale = None,
    style_crop: options.StyleCrop = None,
    size: Annotated[int | None, typer.Option(metavar="PIXELS", help="Width and height of the result.")] = None,
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
    """Make more of a painting: its colours and strokes, arranged anew, as large as you like.

    Examples: artcnn texture painting.jpg · artcnn texture painting.jpg --size 1024 --tileable
    """
    recipe = options.recipe_from(
        "texture",
        preset,
        settings,
        padding="circular" if tileable else None,
        method=method,
        blend=blend,
        style_scale=style_scale,
        style_crop=style_crop,
        size=size,
        seed=seed,
        backbone=backbone,
        precision=precision,
    )
    from artcnn.cli.job import Job
    from artcnn.cli.paintings import inputs_of
    from artcnn.cli.run import run
    from artcnn.cli.tally import Manner
    from artcnn.recipes import RING_UNIT, TextureRecipe, check_blend

    assert isinstance(recipe, TextureRecipe)  # noqa: S101 - it is of a texture
    if recipe.padding == "circular" and recipe.size % RING_UNIT:
        near = max(1, round(recipe.size / RING_UNIT)) * RING_UNIT
        raise ArtcnnError(f"size {recipe.size}: what tiles needs a multiple of {RING_UNIT}: use --size {near}")
    check_blend(len(paintings), recipe.blend)
    job = Job("texture", recipe, inputs_of(paintings, {}, None))
    limit = options.bytes_of(max_memory)
    run([job], Manner(out, device, save_every, preview, quiet, as_json, force=force, max_memory=limit, resume=resume))
