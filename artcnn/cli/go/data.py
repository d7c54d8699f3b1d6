"""Which games a command works with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.datasets.go.games import Games

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="SGF...", help="Games: .sgf files, packed by xz or gzip or not, or folders of them."),
]
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="A file of 'go train', or go-moves as shipped.")]

_TOLD = 5  # of the games left out, by name


def games_in(files: list[Path], console: "Console") -> "Games":
    """Return the games in some files; say how many there are, and which were left out."""
    from artcnn.files.games import read_games

    console.print("reading the games", style="dim")
    read = read_games(files)
    for skipped in read.skipped[:_TOLD]:
        console.print(f"left out: {skipped}", style="yellow", highlight=False, soft_wrap=True)
    if len(read.skipped) > _TOLD:
        console.print(f"left out: {len(read.skipped) - _TOLD} more", style="yellow", highlight=False)
    console.print(f"{len(read.games):,} games, {len(read.games.moves):,} moves", style="dim", highlight=False)
    return read.games
