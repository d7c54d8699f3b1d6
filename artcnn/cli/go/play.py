"""``artcnn go play``: a network as an engine that programs for Go can use."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.go.data import RESIGN, TEMPERATURE, ModelName, Resign, Temperature

if TYPE_CHECKING:
    from artcnn.datasets.go.game_state import GameState


def play(
    model: ModelName = "go-moves",
    temperature: Temperature = TEMPERATURE,
    seed: Annotated[int | None, options.control(min=0, help="Seed for sampling moves [default: a random one].")] = None,
    resign: Resign = RESIGN,
    device: options.Device = "cpu",
) -> None:
    """Play Go by the Go Text Protocol on standard input and output, for GoGui, Sabaki, or another engine."""
    from artcnn.files.model_registry import find_model

    find_model(model)
    from artcnn import __version__
    from artcnn.jobs.go_player import open_player
    from artcnn.playing.gtp import GtpEngine
    from artcnn.playing.player import MoveSelection

    player = open_player(model, device, MoveSelection(temperature, resign), seed)
    engine = GtpEngine(player, __version__, _load)
    for command in ("reg_genmove black", "final_score"):
        engine.answer(command)  # compiles what the first move would have to wait for
    for line in sys.stdin.buffer:
        answer = engine.answer(line.decode(errors="replace"))
        if answer is not None:
            typer.echo(answer, nl=False)
            sys.stdout.flush()
        if engine.done:
            return


def _load(name: str, before: int | None) -> "tuple[GameState, float | None]":
    """Return the first game of a file, all of it or as far as a move, and its komi; print what is wrong with it."""
    from artcnn.datasets.go.game_state import GameState
    from artcnn.errors import DataError
    from artcnn.files.games import read_position

    path = Path(name)
    if not path.is_file():
        raise DataError(f"no such file: {name}")
    position = read_position(path, before=before)
    for note in position.notes:
        typer.echo(f"note: {name}: {note}", err=True)
    return GameState(position.moves, position.size), position.komi
