"""Arguments that several commands for Go have."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="SGF...", help="Games: .sgf files, packed by xz or gzip or not, or folders of them."),
]
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="A file of 'go train', or go-moves as shipped.")]

Temperature = Annotated[
    float,
    options.control(
        min=0,
        max=10,
        help="How freely the moves of the opening, one for 12 points of the board, are sampled; "
        "0 always takes the most probable, so that the same game is played again.",
    ),
]
Resign = Annotated[
    float,
    typer.Option(
        min=0, max=0.5, help="Resign late in a game when less than this part of random games is won; 0 for never."
    ),
]
TEMPERATURE, RESIGN = 0.3, 0.01
