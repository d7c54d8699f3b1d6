"""``artcnn go play``: a network as an engine that programs for Go can use."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.go.data import ModelName
from artcnn.cli.go.opening import RESIGN, TEMPERATURE, Resign, Temperature

if TYPE_CHECKING:
    from artcnn.datasets.go.game_state import GameState


def play(
    model: ModelName = "go-moves",
    temperature: Temperature = TEMPERATURE,
    seed: Annotated[int | None, typer.Option(min=0, help="Of what is drawn [default: another one each time].")] = None,
    resign: Resign = RESIGN,
    device: options.Device = "cpu",
) -> None:
    """Play Go by the Go Text Protocol on standard input and output, for GoGui, Sabaki, or another engine."""
    from artcnn.files.model_registry import find_model

    find_model(model)
    from artcnn import __version__
    from artcnn.cli.go.opening import open_player
    from artcnn.playing.gtp import GtpEngine

    engine = GtpEngine(open_player(model, device, temperature, resign, seed), __version__, _load)
    for command in ("reg_genmove black", "final_score"):
        engine.answer(command)  # so that no move need wait for what is loaded, or compiled, when first used
    for line in sys.stdin.buffer:
        answer = engine.answer(line.decode(errors="replace"))
        if answer is not None:
            typer.echo(answer, nl=False)
            sys.stdout.flush()
        if engine.done:
            return


def _load(name: str, before: int | None) -> "tuple[GameState, float | None]":
    """Return the first game of a file, up to before a move or to its end, and its komi; note what is wrong with it."""
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
