"""``artcnn go test``: how often a model plays what was played, in games that it did not learn from."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.go.data import ModelName, Paths, games_in
from artcnn.cli.measuring import between, measures, percent
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.go.games import Positions

PHASES = {"moves 1 to 60": (0, 60), "moves 61 to 150": (60, 150), "moves from 151 on": (150, 1 << 30)}


def measure(
    model: ModelName,
    games: Paths,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Only the games that 'go train' held out of these very files.")
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="COUNT", help="Only so many positions, evenly spread over the games.")
    ] = None,
    symmetric: Annotated[
        bool,
        typer.Option("--symmetric", help="Look at each position from all sides, as 'go play' does: 8 times slower."),
    ] = False,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Test a model: how often the move played is its first choice, and among its first five; by phase of the game."""
    from artcnn.files.games import find_games
    from artcnn.files.model_registry import find_model

    path, sources = find_model(model), find_games(games)
    from rich.console import Console

    from artcnn.backbones.device import choose_device
    from artcnn.errors import DataError
    from artcnn.files.model import read_model
    from artcnn.machine.memory import disable_trim
    from artcnn.playing.symmetry_ensemble import SymmetryEnsemble
    from artcnn.recipes import parse
    from artcnn.training.precision import autocast
    from artcnn.training.ranks import ranks
    from artcnn.training_recipes import GoRecipe

    opened, console = read_model(model, "go"), Console(stderr=True, quiet=quiet or as_json)
    recipe, place = parse(GoRecipe, opened.card.recipe), choose_device(device)
    found = games_in(sources, console)
    if held_out and found.sha256() != opened.card.data_sha256:
        raise DataError(f"{path} did not learn from these files: leave --held-out away, or give the same files")
    chosen = found.split(recipe.validation, recipe.seed)[1] if held_out else None
    every = found.positions(recipe.planes, chosen)
    positions, network = every.sample(sample or len(every)), opened.network.to(place)
    disable_trim(None)
    with autocast(recipe.precision, place):
        rows = _rows(ranks(SymmetryEnsemble(network) if symmetric else network, positions), positions)
    if as_json:
        whole, count = rows.pop("all"), len(found if chosen is None else chosen)
        by_phase = {name: row for name, row in rows.items() if name in PHASES}
        by_size = {name: row for name, row in rows.items() if name not in PHASES}
        report = {"model": str(path), "games": count, **whole, "by_phase": by_phase}
        typer.echo(json.dumps(report | ({"by_size": by_size} if by_size else {})))
    elif not quiet:
        cells = [
            (name, f"{row['positions']:,}", *(cell for top in ("top1", "top5") for cell in _cells(row, top)))
            for name, row in rows.items()
        ]
        print_table(("phase", "positions", "top 1", "95 % interval", "top 5", "95 % interval"), cells)


def _rows(found: "Tensor", positions: "Positions") -> dict[str, dict[str, Any]]:
    """Return the measures of all positions, and of each phase and, where they differ, size of board that there is."""
    import torch

    numbers = torch.from_numpy(positions.numbers())
    parts = {name: found[(numbers >= low) & (numbers < high)] for name, (low, high) in PHASES.items()}
    sizes = torch.from_numpy(positions.sizes())
    if sizes.min() < sizes.max():
        parts |= {f"{size} x {size}": found[sizes == size] for size in set(sizes.tolist())}
    return {name: _measures(part) for name, part in {"all": found, **parts}.items() if len(part)}


def _measures(found: "Tensor") -> dict[str, Any]:
    """Return how often the move was the first choice, and among the first five, from the ranks of the moves."""
    row: dict[str, Any] = {"positions": len(found)}
    for name, most in (("top1", 1), ("top5", 5)):
        part = measures(found < most)
        row |= {name: part["accuracy"], f"{name}_low": part["low"], f"{name}_high": part["high"]}
    return row


def _cells(row: dict[str, Any], top: str) -> tuple[str, str]:
    return percent(row[top]), between({"low": row[f"{top}_low"], "high": row[f"{top}_high"]})
