"""``artcnn go suggest``: which moves a network would play in a position of a game."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bars import print_answer
from artcnn.cli.go.data import ModelName
from artcnn.cli.go.terminal import show_board
from artcnn.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.go.compiled import Moves
    from artcnn.datasets.go.record import Record

_SHOWN = 5


def suggest(
    model: ModelName,
    game: Annotated[Path, typer.Argument(metavar="GAME", help="A game: .sgf, packed by xz or gzip or not.")],
    move: Annotated[
        int | None, typer.Option("--move", min=1, help="The move to suggest [default: the one after the last].")
    ] = None,
    number: Annotated[int, typer.Option("--game", min=1, help="Which game of a collection.")] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The picture [default: beside the game, .png].")
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Show the best moves in a position: the board in the terminal, and as a picture with each move's probability."""
    from artcnn.media.atomic import check_png
    from artcnn.media.trained import find_model
    from artcnn.media.write import new_path

    name = find_model(model).stem
    target = out or new_path(game.with_name(f"{game.name.partition('.')[0]}.png"), "suggest")
    check_png(target, "picture")
    before, size, played = position(game, number, move)
    from artcnn.cli.go.opening import open_player
    from artcnn.datasets.go.board import BLACK, POINT, colour_of
    from artcnn.datasets.go.points import NAMES
    from artcnn.datasets.go.record import Record

    record = Record(before, size)
    colour = record.next_colour if played is None else colour_of(played)
    probabilities = open_player(model).probabilities(record, colour)
    whose, count = ("Black" if colour == BLACK else "White"), record.count + 1
    best = [(NAMES[point], float(probabilities[point])) for point in probabilities.topk(_SHOWN).indices.tolist()]
    next_point = None if played is None else int(played) & POINT
    _draw(target, record, probabilities, next_point, f"{name}: move {count}, {whose} to play")
    if as_json:
        moves = [{"move": point, "probability": round(p, 6)} for point, p in best]
        report = {"model": name, "game": str(game), "move": count, "to_play": whose.lower(), "best": moves}
        report |= {"played": None if next_point is None else NAMES[next_point], "picture": str(target)}
        typer.echo(json.dumps(report))
        return
    if not quiet:
        show_board(record, [NAMES.index(point) for point, _ in best])
        print_answer(f"move {count}, {whose}", best[0][0], None, dict(best), quiet)
        if next_point is not None:
            p = float(probabilities[next_point])
            typer.echo(f"played: {NAMES[next_point]}, {100 * p:.1f} %")
    typer.echo(target)


def position(game: Path, number: int, move: int | None) -> "tuple[Moves, int, int | None]":
    """Return the moves before one of a game, the board's size, and that move, if any; the one after the last for None.

    Raises:
        DataError: the game cannot be read, or has not so many moves.
    """
    from artcnn.media.games import find_games, read_game

    (source,) = find_games([game]) if not game.is_dir() else (game,)
    moves = read_game(source, number)
    from artcnn.datasets.go.board import SETUP, size_of

    handicap = int((moves & SETUP != 0).sum())
    last = len(moves) - handicap
    if move is not None and move > last + 1:
        raise DataError(f"--move {move}: the game has {last} moves: give 1 to {last + 1}")
    at = handicap + (last if move is None else move - 1)
    return moves[:at], size_of(int(moves[0])), int(moves[at]) if at < len(moves) else None


def _draw(target: Path, record: "Record", probabilities: "Tensor", played: int | None, title: str) -> None:
    from artcnn.datasets.go.board import POINTS
    from artcnn.media.goban import Goban, write_goban

    says = "numbers are per cent" + (", red: the last move" if record.moves else "")
    stones = [record.colour_at(point) for point in range(POINTS)]
    says += ", blue: the next" if played is not None else ""
    goban = Goban(stones, record.size, record.last, probabilities[:POINTS], played, f"{title}\n{says}")
    write_goban(target, goban)
