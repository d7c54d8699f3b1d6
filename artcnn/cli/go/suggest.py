"""``artcnn go suggest``: which moves a network would play in a position of a game."""

import json
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bars import print_answer
from artcnn.cli.charts import can_draw
from artcnn.cli.go.data import ModelName
from artcnn.cli.go.terminal import show_board


def suggest(
    model: ModelName,
    game: Annotated[Path, typer.Argument(metavar="GAME", help="A game: .sgf, packed by xz or gzip or not.")],
    move: Annotated[
        int | None, options.make("--move", min=1, help="The move to suggest [default: the one after the last].")
    ] = None,
    number: Annotated[int, options.make("--game", min=1, help="Which game of a collection.")] = 1,
    out: Annotated[
        Path | None, options.output("--out", "-o", metavar="FILE", help="The picture [default: beside the game, .png].")
    ] = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Show the best moves in a position: the board in the terminal, and as a picture with each move's probability."""
    from artcnn.files.atomic import check_png
    from artcnn.files.file_names import output_path
    from artcnn.files.games import find_games
    from artcnn.files.model_registry import find_model

    find_model(model)
    path = out or output_path(game.with_name(f"{game.name.partition('.')[0]}.png"), "suggest")
    check_png(path, "picture", force)
    draws = can_draw("board", out, quiet=quiet)
    if not game.is_dir():
        find_games([game])
    from artcnn.datasets.go.points import NAMES
    from artcnn.jobs import go_player

    found = go_player.suggest(model, game, number, move)
    for note in found.notes:
        typer.echo(f"note: {game}: {note}", err=True)
    picture, best = found.write_picture(path, force) if draws else None, found.best()
    if as_json:
        typer.echo(json.dumps(found.to_json() | {"game": str(game), "picture": picture and str(picture)}))
        return
    if not quiet:
        show_board(found.state, [NAMES.index(name) for name in best])
        print_answer(f"move {found.move}, {found.color_name}", next(iter(best)), None, best, quiet)
        if found.played is not None:
            typer.echo(f"played: {NAMES[found.played]}, {100 * float(found.probabilities[found.played]):.1f} %")
    if picture:
        typer.echo(picture)
