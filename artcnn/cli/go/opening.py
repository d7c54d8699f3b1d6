"""A network for Go, opened."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artcnn.playing.player import Player


def open_player(model: str, device: str = "cpu") -> "Player":
    """Return the network of that name, or in that file, as a player that looks at the board from all sides.

    Raises:
        ModelError: there is none, or it does not play Go.
    """
    from artcnn.backbones.device import choose_device
    from artcnn.media.model import read_model
    from artcnn.playing.player import Player
    from artcnn.playing.symmetric import Symmetric
    from artcnn.recipes import parse
    from artcnn.training_recipes import GoRecipe

    opened = read_model(model, "go")
    recipe = parse(GoRecipe, opened.card.recipe)
    return Player(Symmetric(opened.network.to(choose_device(device))), recipe.planes)
