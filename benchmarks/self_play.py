"""Games that `go-moves` plays against itself, each move drawn by its probability: the data of `artcnn go compare`.

Run from the repository's root: python benchmarks/self_play.py artcnn/data/games/self-play.sgf.xz
"""

import lzma
import sys
from pathlib import Path

import torch

from artcnn.datasets.go.board import PASS
from artcnn.datasets.go.game_state import GameState
from artcnn.files.model import read_model
from artcnn.training.precision import autocast
from artcnn.training_recipes import GoRecipe

GAMES, MOVES, SEED = 300, 220, 0
TEMPERATURE = 0.6
"""Probabilities are drawn from to the power of 1 / TEMPERATURE: 1 as the network has them, less for its favorites."""


def draw(logits: torch.Tensor, generator: torch.Generator) -> list[int]:
    """Return all points in the order in which they would be drawn without putting any back (Gumbel's trick)."""
    noise = torch.rand(logits.shape, generator=generator).clamp(1e-12, 1 - 1e-7)
    order: list[int] = (logits / TEMPERATURE - (-noise.log()).log()).argsort(descending=True).tolist()
    return order


def choose(record: GameState, points: list[int]) -> int:
    """Return the first point that may be played and fills no eye of its own; a pass where there is none."""
    color = record.next_color
    fits = (p for p in points if record.allows(p, color) and not record.is_eye(p, color))
    return next((p for p in fits if not record.repeats(p, color)), PASS)


def main() -> None:
    """Play the games side by side, and write them."""
    model, generator = read_model("go-moves", "go"), torch.Generator().manual_seed(SEED)
    recipe = model.card.recipe_as(GoRecipe)
    records = [GameState() for _ in range(GAMES)]
    for _ in range(MOVES):
        going = [record for record in records if record.passes < 2]
        planes = torch.cat([record.planes(record.next_color, recipe.planes) for record in going])
        with torch.no_grad(), autocast(recipe.precision, torch.device("cpu")):
            logits = torch.cat([model.network(some).float() for some in planes.split(64)])
        for record, row in zip(going, logits[:, :PASS], strict=True):
            record.play(choose(record, draw(row, generator)), record.next_color)
    Path(sys.argv[1]).write_bytes(lzma.compress("".join(record.as_sgf() for record in records).encode(), preset=9))


if __name__ == "__main__":
    main()
