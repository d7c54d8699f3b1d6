"""``artcnn go play``: a network as an engine that programs for Go can use."""

import sys

import typer

from artcnn.cli import options
from artcnn.cli.go.data import ModelName


def play(model: ModelName = "go-moves", device: options.Device = "cpu") -> None:
    """Play Go by the Go Text Protocol on standard input and output, for GoGui, Sabaki, or another engine."""
    from artcnn.media.trained import find_model

    find_model(model)
    from artcnn import __version__
    from artcnn.cli.go.opening import open_player
    from artcnn.playing.gtp import Engine

    engine = Engine(open_player(model, device), __version__)
    engine.answer("reg_genmove black")  # so that the first move need not wait for what is loaded when first used
    for line in sys.stdin.buffer:
        answer = engine.answer(line.decode(errors="replace"))
        if answer is not None:
            typer.echo(answer, nl=False)
            sys.stdout.flush()
        if engine.done:
            return
