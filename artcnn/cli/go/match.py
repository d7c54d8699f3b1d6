"""``artcnn go match``: games against another engine."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.go.data import RESIGN, TEMPERATURE, ModelName, Resign, Temperature
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from artcnn.jobs.go_match import Match


def match(
    model: ModelName = "go-moves",
    *,
    opponent: Annotated[
        str, options.make(metavar="COMMAND", help="A program that speaks GTP.")
    ] = "gnugo --mode gtp --level 1 --chinese-rules",
    games: Annotated[int, options.make(min=1, max=10_000, help="Games; colors alternate.")] = 20,
    size: Annotated[int, options.make(min=7, max=19, help="Lines of the board.")] = 19,
    komi: Annotated[float, options.make(min=-361, max=361, help="Points that White is given.")] = 7.5,
    timeout: Annotated[
        float, options.control(min=0.1, max=86_400, metavar="SECONDS", help="Time that the opponent has for an answer.")
    ] = 60,
    temperature: Temperature = TEMPERATURE,
    seed: Annotated[int, options.control(min=0, help="Seed of the first game; each game adds one.")] = 0,
    resign: Resign = RESIGN,
    out: Annotated[
        Path | None,
        options.output("--out", "-o", metavar="FOLDER", help="Where the games go [default: a new folder]."),
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
    device: options.Device = "cpu",
) -> None:
    """Let a network play whole games against another engine, which counts the points at the end."""
    from artcnn.files.model_registry import find_model
    from artcnn.reports.results import check_new_folder, make_folder, unique_folder

    name = find_model(model).stem
    folder = out or unique_folder(f"go-match-{name}")
    check_new_folder(folder)
    from artcnn.jobs.go_match import Match
    from artcnn.jobs.go_player import open_player
    from artcnn.playing.match import MatchSettings
    from artcnn.playing.opponent import open_opponent
    from artcnn.playing.player import MoveSelection

    with open_opponent(opponent, timeout) as other:
        names = name, other.name
    player = open_player(model, device, MoveSelection(temperature, resign))
    played = Match(player, names, MatchSettings(opponent, timeout, size, komi, seed), make_folder(folder))
    for number, game in enumerate(played.play(games), start=1):
        if game.error is not None:
            typer.echo(f"game {number}: {game.error}", err=True)
        if not quiet:
            typer.echo(f"game {number} of {games}: {game.color}, {game.result}", err=True)
    if as_json:
        typer.echo(json.dumps(played.to_json()))
    elif not quiet:
        _print(played)


def _print(played: "Match") -> None:
    (name, other), (low, high) = played.names, played.interval
    outcomes = {True: "won", False: "lost", None: "neither"}
    rows = [
        (f"{n}", game.color, f"{len(game.record.moves)}", game.result, outcomes[game.won], f"{game.seconds:.3f} s")
        for n, game in enumerate(played.games, start=1)
    ]
    print_table(("game", name, "moves", "result", "", "slowest move"), rows)
    spread = f"95 % interval {100 * low:.0f} to {100 * high:.0f} %"
    typer.echo(f"{name} won {played.won} of {len(played.games)} against {other} ({spread})")
    typer.echo(played.folder)
