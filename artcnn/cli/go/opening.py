"""A network for Go, opened, and how it is told to choose its moves."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from artcnn.playing.player import Player

Temperature = Annotated[
    float,
    typer.Option(
        min=0,
        max=10,
        help="How freely the moves of the opening, one for 12 points of the board, are drawn among the probable ones; "
        "0 for the most probable alone, so that the same game is played again.",
    ),
]
Resign = Annotated[
    float,
    typer.Option(
        min=0,
        max=0.5,
        help="Resign where, late in a game, less than this part of random games is won; 0 for never.",
    ),
]
TEMPERATURE, RESIGN = 0.3, 0.01


def open_player(
    model: str, device: str = "cpu", temperature: float = 0.0, resign: float = 0.0, seed: int | None = None
) -> "Player":
    """Return the network of that name, or in that file, as a player that looks at the board from all sides.

    Args:
        model: a name or a file.
        device: where it computes.
        temperature: of moves of the opening.
        resign: the part of random games that it still has to win.
        seed: of what is drawn; by default another one each time.

    Raises:
        ModelError: there is none, or it does not play Go.
    """
    import torch

    from artcnn.backbones.device import choose_device
    from artcnn.files.model import read_model
    from artcnn.playing.player import MoveSelection, Player
    from artcnn.playing.symmetry_ensemble import SymmetryEnsemble
    from artcnn.recipes import parse
    from artcnn.training_recipes import GoRecipe

    opened = read_model(model, "go")
    recipe, generator = parse(GoRecipe, opened.card.recipe), torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    network = SymmetryEnsemble(opened.network.to(choose_device(device)))
    return Player(network, recipe.planes, MoveSelection(temperature, resign), generator)
