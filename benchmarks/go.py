"""How fast games of Go are read, positions become planes, and a network answers; on one core.

    python benchmarks/go.py FOLDER [MODEL]

FOLDER holds games in SGF. Times are the processor's, so that what else runs beside does not count.
"""

import sys
from pathlib import Path
from time import process_time

import torch

from artcnn.datasets.go.board import BLACK
from artcnn.datasets.go.encodings import decode
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.games import Games
from artcnn.datasets.go.jit import Moves
from artcnn.datasets.go.planes import NAMES
from artcnn.datasets.go.sgf import SgfError, parse_games
from artcnn.files.games import find_games, read_sgf_bytes
from artcnn.files.model import read_model
from artcnn.playing.player import Player
from artcnn.playing.symmetry_ensemble import SymmetryEnsemble
from artcnn.training_recipes import GoRecipe

BATCH, BATCHES, MOVES = 256, 100, 60
KOMI = 7.5


def main() -> None:
    """Print a line for each figure."""
    torch.set_num_threads(1)
    list(parse_games("(;B[aa])"))  # compiles
    start = process_time()
    read = [game for path in find_games([Path(sys.argv[1])]) for game in parse_games(decode(read_sgf_bytes(path)))]
    games = [game for game in read if not isinstance(game, SgfError)]
    seconds = process_time() - start
    moves = sum(map(len, games))
    print(f"read, checked by the rules: {len(games):,} games, {moves:,} moves, {moves / seconds:,.0f} moves a second")
    for planes in NAMES:
        print(f"planes '{planes}': {_planes(games, planes):,.0f} positions a second, any of any game")
    if len(sys.argv) > 2:
        print(f"one move of 'go play': {1000 * _move(sys.argv[2], games[0]):.1f} ms")


def _planes(games: list[Moves], planes: str) -> float:
    positions = Games.concatenate(games).positions(planes)
    chosen = torch.randint(len(positions), (BATCHES, BATCH), generator=torch.Generator().manual_seed(0))
    positions.batch(chosen[0])  # compiles
    start = process_time()
    for indices in chosen:
        positions.batch(indices)
    return BATCH * BATCHES / (process_time() - start)


def _move(model: str, game: Moves) -> float:
    """Return the seconds that a move takes, the mean over a game's."""
    opened = read_model(model, "go")
    recipe = opened.card.recipe_as(GoRecipe)
    player = Player(SymmetryEnsemble(opened.network), recipe.planes)
    records = [GameState(game[:number]) for number in range(MOVES)]
    player.choose(records[0], BLACK, KOMI)  # compiles
    start = process_time()
    for record in records:
        player.choose(record, record.next_color, KOMI)
    return (process_time() - start) / MOVES


if __name__ == "__main__":
    main()
