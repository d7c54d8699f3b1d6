"""``artcnn go compare``: what pooling costs, and which part of it."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.comparison import CompareOptions, Out, Rates, Seeds, arm_recipes, compare_arms
from artcnn.cli.training import print_notes


def compare(
    games: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SGF...", help="Your games [default: 300 of go-moves against itself, shipped]."),
    ] = None,
    seeds: Seeds = 2,
    rates: Rates = "0.003,0.01",
    positions: Annotated[int, typer.Option(min=1, help="Positions that each network learns from.")] = 40_000,
    out: Out = None,
    force: options.Force = False,
    settings: options.Settings = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Compare networks with and without pooling: which of them finds the move that was played.

    Pooling with stride 1 blurs where a pattern is as pooling with stride 2 does, but leaves every point its own place.
    A sixth of the games is to test on, another one chooses the learning rate. Half an hour or so on one core.
    """
    chosen = CompareOptions.check("go", seeds, rates, out, force, quiet, as_json)
    from artcnn.files.games import find_games
    from artcnn.locations import bundled_games_file

    sources = find_games(games or [bundled_games_file()])
    from rich.console import Console

    from artcnn.jobs.tasks.go import ARMS, load_comparison

    recipes = arm_recipes("go", ARMS, settings, epochs=1, width=48, depth=5, ema_decay=0, epoch_size=positions)
    console = Console(stderr=True, quiet=quiet)
    console.print("reading the games", style="dim")
    comparison, notes = load_comparison(sources, recipes, seeds)
    print_notes(console, notes)
    compare_arms(comparison, chosen)
