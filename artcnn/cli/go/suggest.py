"""``artcnn go suggest``: which moves a network would play in a position of a game."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bars import print_answer
from artcnn.cli.go.data import ModelName
from artcnn.cli.go.terminal import show_board

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.go.game_state import GameState

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
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Show the best moves in a position: the board in the terminal, and as a picture with each move's probability."""
    from artcnn.files.atomic import check_png
    from artcnn.files.file_names import output_path
    from artcnn.files.model_registry import find_model

    name = find_model(model).stem
    target = out or output_path(game.with_name(f"{game.name.partition('.')[0]}.png"), "suggest")
    check_png(target, "picture", force)
    from artcnn.files.games import find_games, read_position

    (source,) = find_games([game]) if not game.is_dir() else (game,)
    position = read_position(source, number, move)
    for note in position.notes:
        typer.echo(f"note: {game}: {note}", err=True)
    from artcnn.cli.go.opening import open_player
    from artcnn.datasets.go.board import BLACK, POINT
    from artcnn.datasets.go.game_state import GameState
    from artcnn.datasets.go.points import NAMES

    record, color = GameState(position.moves, position.size), position.color
    probabilities = open_player(model).probabilities(record, color)
    whose, count = ("Black" if color == BLACK else "White"), position.count + 1
    best = [(NAMES[point], float(probabilities[point])) for point in probabilities.topk(_SHOWN).indices.tolist()]
    next_point = None if position.played is None else position.played & POINT
    target = _draw(target, record, probabilities, next_point, f"{name}: move {count}, {whose} to play", force)
    if as_json:
        moves = [{"move": point, "probability": round(p, 6)} for point, p in best]
        report = {"model": name, "game": str(game), "move": count, "to_play": whose.lower(), "best": moves}
        report |= {"played": None if next_point is None else NAMES[next_point], "picture": str(target)}
        report |= {"board": record.size, "notes": position.notes}
        typer.echo(json.dumps(report))
        return
    if not quiet:
        show_board(record, [NAMES.index(point) for point, _ in best])
        print_answer(f"move {count}, {whose}", best[0][0], None, dict(best), quiet)
        if next_point is not None:
            p = float(probabilities[next_point])
            typer.echo(f"played: {NAMES[next_point]}, {100 * p:.1f} %")
    typer.echo(target)


def _draw(
    target: Path, record: "GameState", probabilities: "Tensor", played: int | None, title: str, force: bool
) -> Path:
    """Draw the position with the probability of each move; return where the picture is."""
    from artcnn.datasets.go.board import POINTS
    from artcnn.reports.goban import Goban, write_goban

    says = "numbers are per cent" + (", red: the last move" if record.last is not None else "")
    stones = [record.color_at(point) for point in range(POINTS)]
    says += ", blue: the next" if played is not None else ""
    goban = Goban(stones, record.size, record.last, probabilities[:POINTS], played, f"{title}\n{says}")
    return write_goban(target, goban, force)
