"""``artcnn mnist show``: what the data looks like."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.mnist.data import Data, load_part
from artcnn.errors import ArtcnnError


def show(
    part: Annotated[str, typer.Option(metavar="train|test", help="The digits to learn from or to test on.")] = "train",
    columns: Annotated[int, typer.Option(min=1, max=100, help="Digits of each label.")] = 20,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Which of them.")] = 0,
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="A .png [default: a new one].")
    ] = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a contact sheet of the data: a row for each label, chosen at random."""
    from artcnn.files.atomic import check_png
    from artcnn.files.file_names import output_path

    if part not in ("train", "test"):
        raise ArtcnnError(f"--part {part}: choose train or test")
    path = out or output_path(Path("mnist.png"), part)
    check_png(path, "sheet", force)
    import torch

    from artcnn.reports.sheet import Sheet, write_sheet

    bad = BadFiles()
    digits = load_part(data, "train" if part == "train" else "test", bad)
    generator = torch.Generator().manual_seed(seed)
    tiles = torch.zeros(len(digits.classes), columns, *digits.inputs.shape[1:], dtype=torch.uint8)
    for label, row in enumerate(tiles):
        where = (digits.labels == label).nonzero().flatten()
        chosen = where[torch.randperm(len(where), generator=generator)[:columns]]
        row[: len(chosen)] = digits.inputs[chosen]
    sheet = Sheet(tiles.flatten(0, 1), columns, title=f"{digits.name}: {len(digits):,} digits")
    path = write_sheet(path, sheet, force)
    if not quiet:
        typer.echo(path)
    bad.exit()
