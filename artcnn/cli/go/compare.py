"""``artcnn go compare``: what pooling costs, and which part of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.comparison import CompareOptions, Rates, Seeds, compare_arms, load_arms
from artcnn.cli.option_groups import DataclassOptions
from artcnn.cli.training import print_notes


@dataclass(frozen=True)
class _Options(CompareOptions):
    seeds: Seeds = 2
    rates: Rates = "0.003,0.01"


def compare(
    games: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SGF...", help="Your games [default: 300 of go-moves against itself, shipped]."),
    ] = None,
    *,
    positions: Annotated[int, options.make(min=1, help="Positions that each network learns from.")] = 40_000,
    settings: options.Settings = None,
    run: Annotated[CompareOptions, DataclassOptions(_Options)],
) -> None:
    """Compare networks with and without pooling: which of them finds the move that was played.

    Pooling with stride 1 blurs where a pattern is as pooling with stride 2 does, but leaves every point its own place.
    A sixth of the games is to test on, another one chooses the learning rate. Half an hour or so on one core.
    """
    rates, path = run.check("go")
    from artcnn.files.games import find_games
    from artcnn.locations import bundled_games_file

    sources = find_games(games or [bundled_games_file()])
    from rich.console import Console

    from artcnn.jobs.tasks.go import ARMS, load_comparison

    recipes = load_arms("go", ARMS, settings, epochs=1, width=48, depth=5, ema_decay=0, epoch_size=positions)
    console = Console(stderr=True, quiet=run.quiet)
    console.print("reading the games", style="dim")
    comparison, notes = load_comparison(sources, recipes, run.seeds)
    print_notes(console, notes)
    compare_arms(comparison, run, rates, path)
