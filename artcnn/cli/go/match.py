"""``artcnn go match``: games against another engine."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.go.data import RESIGN, TEMPERATURE, ModelName, Resign, Temperature
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from artcnn.playing.match import MatchGame


def match(
    model: ModelName = "go-moves",
    opponent: Annotated[
        str, typer.Option(metavar="COMMAND", help="A program that speaks GTP.")
    ] = "gnugo --mode gtp --level 1 --chinese-rules",
    games: Annotated[int, typer.Option(min=1, max=10_000, help="Games; colors alternate.")] = 20,
    size: Annotated[int, typer.Option(min=7, max=19, help="Lines of the board.")] = 19,
    komi: Annotated[float, typer.Option(min=-361, max=361, help="Points that White is given.")] = 7.5,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=86_400, metavar="SECONDS", help="Time that the opponent has for an answer.")
    ] = 60,
    temperature: Temperature = TEMPERATURE,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first game; each game adds one.")] = 0,
    resign: Resign = RESIGN,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Where the games go [default: a new folder].")
    ] = None,
    device: options.Device = "cpu",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Let a network play whole games against another engine, which counts the points at the end."""
    from artcnn.files.model_registry import find_model
    from artcnn.reports.results import check_new_folder, make_folder, unique_folder

    name = find_model(model).stem
    folder = out or unique_folder(f"go-match-{name}")
    check_new_folder(folder)
    from artcnn.jobs.go_player import open_player
    from artcnn.playing.match import MatchSettings, play_match
    from artcnn.playing.opponent import open_opponent
    from artcnn.playing.player import MoveSelection

    with open_opponent(opponent, timeout) as other:
        names = name, other.name
    player = open_player(model, device, MoveSelection(temperature, resign))
    folder, played = make_folder(folder), list["MatchGame"]()
    settings = MatchSettings(opponent, timeout, size, komi, seed)
    for number, game in enumerate(play_match(player, games, settings), start=1):
        played.append(game)
        if game.error is not None:
            typer.echo(f"game {number}: {game.error}", err=True)
        _write(folder / f"{number:04}.sgf", game, names, komi)
        if not quiet:
            typer.echo(f"game {number} of {games}: {game.color}, {game.result}", err=True)
    _report(played, names, folder, quiet, as_json)


def _write(path: Path, game: "MatchGame", names: tuple[str, str], komi: float) -> None:
    from artcnn.files.atomic import write_atomic

    black, white = names if game.color == "black" else names[::-1]
    write_atomic(path, game.record.as_sgf(PB=black, PW=white, KM=f"{komi:g}", RE=game.result).encode())


def _report(games: "Sequence[MatchGame]", names: tuple[str, str], folder: Path, quiet: bool, as_json: bool) -> None:
    from artcnn.training.metrics import wilson_interval

    name, other = names
    won = sum(game.won is True for game in games)
    low, high = wilson_interval(won, len(games))
    if as_json:
        rows = [
            {
                "color": game.color,
                "moves": len(game.record.moves),
                "result": game.result,
                "won": game.won,
                "slowest_move_seconds": round(game.seconds, 4),
            }
            for game in games
        ]
        report: dict[str, Any] = {"model": name, "opponent": other, "games": len(games), "won": won}
        typer.echo(json.dumps(report | {"low": low, "high": high, "folder": str(folder), "each": rows}))
    elif not quiet:
        outcomes = {True: "won", False: "lost", None: "neither"}
        cells = [
            (f"{n}", game.color, f"{len(game.record.moves)}", game.result, outcomes[game.won], f"{game.seconds:.3f} s")
            for n, game in enumerate(games, start=1)
        ]
        print_table(("game", name, "moves", "result", "", "slowest move"), cells)
        spread = f"95 % interval {100 * low:.0f} to {100 * high:.0f} %"
        typer.echo(f"{name} won {won} of {len(games)} against {other} ({spread})")
        typer.echo(folder)
