"""``artcnn go match``: games against another engine."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.go.data import ModelName
from artcnn.cli.go.opening import RESIGN, TEMPERATURE, Resign, Temperature
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from artcnn.cli.go.opponent import Opponent
    from artcnn.datasets.go.record import Record
    from artcnn.playing.match import Played
    from artcnn.playing.player import Player


def match(
    model: ModelName = "go-moves",
    opponent: Annotated[
        str, typer.Option(metavar="COMMAND", help="A program that speaks GTP.")
    ] = "gnugo --mode gtp --level 1 --chinese-rules",
    games: Annotated[int, typer.Option(min=1, max=10_000, help="Games; colours change from one to the next.")] = 20,
    size: Annotated[int, typer.Option(min=7, max=19, help="Lines of the board.")] = 19,
    komi: Annotated[float, typer.Option(min=-361, max=361, help="Points that White is given.")] = 7.5,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=86_400, metavar="SECONDS", help="How long the opponent has for an answer.")
    ] = 60,
    temperature: Temperature = TEMPERATURE,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn; that of each game is one higher.")] = 0,
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
    from artcnn.reports.results import check_new, make_folder, new_folder

    name = find_model(model).stem
    folder = out or new_folder(f"go-match-{name}")
    check_new(folder)
    from artcnn.cli.go.opening import open_player
    from artcnn.cli.go.opponent import opponent as started

    with started(opponent, timeout) as other:
        other_name = other.name
    player, played = open_player(model, device, temperature, resign), list[Game]()
    folder = make_folder(folder)
    for number in range(1, games + 1):
        player.generator.manual_seed(seed + number - 1)
        with started(opponent, timeout) as other:  # a new one each time, for engines have been seen to crash
            played.append(_play(player, other, number, size, komi))
        _write(folder / f"{number:04}.sgf", played[-1], (name, other_name), komi)
        if not quiet:
            typer.echo(f"game {number} of {games}: {played[-1].colour}, {played[-1].result}", err=True)
    _report(played, name, other_name, folder, quiet, as_json)


@dataclass(frozen=True, eq=False)
class Game:
    """A game of a match.

    Attributes:
        colour: the network's, ``"black"`` or ``"white"``.
        record: its moves.
        result: as SGF tells it.
        won: whether the network did; None for neither.
        seconds: the longest that the network took for a move.
    """

    colour: str
    record: "Record"
    result: str
    won: bool | None
    seconds: float


def _play(player: "Player", other: "Opponent", number: int, size: int, komi: float) -> Game:
    """Play one game, the network with black where the number is odd; void where the opponent gives up."""
    from artcnn.datasets.go.record import Record
    from artcnn.errors import ArtcnnError
    from artcnn.playing.match import play_game

    times, record, colour = [0.0], Record(size=size), "black" if number % 2 else "white"

    def ours(record: "Record", colour: int) -> int | None:
        start = perf_counter()
        point = player.choose(record, colour, komi)
        times.append(perf_counter() - start)
        if point is not None:
            _tell(other, point, colour)
        return point

    def theirs(_: "Record", colour: int) -> int | None:
        return _asked(other, colour)

    try:
        for command in (f"boardsize {size}", "clear_board", f"komi {komi:g}"):
            other.ask(command)
        black, white = (ours, theirs) if colour == "black" else (theirs, ours)
        result = _result(play_game(black, white, record), other, komi)
    except ArtcnnError as error:
        typer.echo(f"game {number}: {error}", err=True)
        result = "Void"
    won = result.startswith(colour[0].upper()) if result[:1] in ("B", "W") else None
    return Game(colour, record, result, won, max(times))


def _tell(other: "Opponent", point: int, colour: int) -> None:
    from artcnn.datasets.go.points import NAMES

    other.ask(f"play {_name(colour)} {NAMES[point]}")


def _asked(other: "Opponent", colour: int) -> int | None:
    """Return the opponent's move, None where it resigns.

    Raises:
        ArtcnnError: it answers no point.
    """
    from artcnn.datasets.go.points import point_of
    from artcnn.errors import ArtcnnError

    answer = other.ask(f"genmove {_name(colour)}")
    if answer.lower() == "resign":
        return None
    try:
        return point_of(answer)
    except ValueError as error:
        raise ArtcnnError(f"the opponent's move: {error}") from error


def _name(colour: int) -> str:
    from artcnn.datasets.go.board import BLACK

    return "black" if colour == BLACK else "white"


def _result(played: "Played", other: "Opponent", komi: float) -> str:
    """Return the result as SGF tells it; the opponent counts where it can, so that it cannot be said to be wronged."""
    from artcnn.datasets.go.board import BLACK
    from artcnn.errors import ArtcnnError
    from artcnn.playing.gtp import score
    from artcnn.playing.judge import final_lead

    if played.loser is not None:
        winner = "W" if played.loser == BLACK else "B"
        return f"{winner}+{'Resign' if played.how == 'resign' else 'Forfeit'}"
    if played.how == "length":
        return "Void"
    try:
        return other.ask("final_score")
    except ArtcnnError:
        return score(final_lead(played.record, komi))


def _write(path: Path, game: Game, names: tuple[str, str], komi: float) -> None:
    from artcnn.files.atomic import write_atomic

    black, white = names if game.colour == "black" else names[::-1]
    write_atomic(path, game.record.as_sgf(PB=black, PW=white, KM=f"{komi:g}", RE=game.result).encode())


def _report(games: Sequence[Game], name: str, other: str, folder: Path, quiet: bool, as_json: bool) -> None:
    from artcnn.training.metrics import interval

    won = sum(game.won is True for game in games)
    low, high = interval(won, len(games))
    if as_json:
        rows = [
            {
                "colour": game.colour,
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
        marks = {True: "won", False: "lost", None: "neither"}
        cells = [
            (
                str(number),
                game.colour,
                str(len(game.record.moves)),
                game.result,
                marks[game.won],
                f"{game.seconds:.3f} s",
            )
            for number, game in enumerate(games, start=1)
        ]
        print_table(("game", name, "moves", "result", "", "slowest move"), cells)
        says = f"{name} won {won} of {len(games)} against {other}"
        typer.echo(f"{says} (95 % interval {100 * low:.0f} to {100 * high:.0f} %)")
        typer.echo(folder)
