"""``artcnn mnist show``: what the data looks like."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.mnist.data import Data
from artcnn.errors import ArtcnnError


def show(
    part: Annotated[str, options.make(metavar="train|test", help="The digits to learn from or to test on.")] = "train",
    columns: Annotated[int, options.make(min=1, max=100, help="Digits of each label.")] = 20,
    seed: Annotated[int, options.make(metavar="NUMBER", help="Which of them.")] = 0,
    data: Data = None,
    out: Annotated[
        Path | None, options.output("--out", "-o", metavar="FILE", help="A .png [default: a new one].")
    ] = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a contact sheet of the data: a row for each label, chosen at random."""
    from artcnn.files.atomic import check_png
    from artcnn.files.file_names import output_path

    if part not in ("train", "test"):
        raise ArtcnnError(f"invalid --part {part}", hint="choose train or test")
    path = out or output_path(Path("mnist.png"), part)
    check_png(path, "sheet", force)
    from artcnn.jobs.tasks.mnist import load_part, sample_sheet
    from artcnn.jobs.tasks.sources import MnistSource
    from artcnn.reports.sheet import write_sheet

    bad = BadFiles()
    digits = load_part(MnistSource(data), "train" if part == "train" else "test", bad.add)
    path = write_sheet(path, sample_sheet(digits, columns, seed), force)
    if not quiet:
        typer.echo(path)
    bad.exit()
