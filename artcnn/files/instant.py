"""Load the network and the tables of a blend of instant styles."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from artcnn.blend import parse_blend
from artcnn.errors import ModelError
from artcnn.files.model import STYLE_KIND, Model, read_model
from artcnn.files.painting import Painting
from artcnn.files.style import Style, read_style, shared_sha256, style_of
from artcnn.files.style_names import locate_styles, read_card, shipped_network
from artcnn.nets.instant import InstantNetwork, is_table
from artcnn.nets.kinds import build


@dataclass(frozen=True, eq=False)
class LoadedBlend:
    """A blend of styles, ready to paint.

    Attributes:
        network: in evaluation mode; it has the styles of the blend only.
        weights: of each of its styles, shape (1, styles); they add up to 1.
        paintings: that the styles were learned from.
    """

    network: InstantNetwork
    weights: Tensor
    paintings: tuple[Painting, ...]


def load_blend(blend: str) -> LoadedBlend:
    """Return the network that paints a blend.

    Args:
        blend: as it is written: ``"wave"``, or ``"wave=0.7,own.safetensors=0.3"``.

    Raises:
        RecipeError: there is no such style.
        ModelError: a file is missing, damaged or no style, or the styles do not go together.
    """
    network, paintings = load_styles(locate_styles(blend))
    return LoadedBlend(network, torch.tensor([list(parse_blend(blend).values())]), paintings)


def load_styles(files: Mapping[str, Path]) -> tuple[InstantNetwork, tuple[Painting, ...]]:
    """Return a network that has these styles only, in order, in evaluation mode; and what they were learned from.

    Args:
        files: the file of each style, by its name: its own, or that of a network which has a style of that name.

    Raises:
        ModelError: a file is missing, damaged or no style, or the styles do not go together.
    """
    own = {path for path in files.values() if read_card(path).get("kind") == STYLE_KIND}
    networks = {path: read_model(path, "instant") for path in {*files.values()} - own}
    if own and shipped_network() not in networks:
        networks[shipped_network()] = read_model(shipped_network(), "instant")
    shared = {path: shared_sha256(model.network.state_dict()) for path, model in networks.items()}
    styles = {
        name: _style_in(name, networks[path], shared[path]) if path in networks else read_style(path)
        for name, path in files.items()
    }
    by_weights = {shared[path]: model for path, model in networks.items()}
    return _build(styles, by_weights), tuple(style.painting for style in styles.values())


def _style_in(name: str, model: Model, shared: str) -> Style:
    """Return a style of a network: that of this name; in a file of one's own, the only one."""
    classes, state = model.card.classes, model.network.state_dict()
    if name not in classes and len(classes) > 1:
        raise ModelError(f"{name} is a network of {len(classes)} styles, and a style is a network of one")
    number = classes.index(name) if name in classes else 0
    return Style(style_of(state, number), shared, model.card.paintings[number])


def _build(styles: Mapping[str, Style], models: Mapping[str, Model]) -> InstantNetwork:
    """Return the network that has these styles, by name, from one of the models, by the sha256 of their shared weights.

    Raises:
        ModelError: they are of different networks, of none of these, or do not fit it.
    """
    first, *others = styles
    for name in styles:
        if styles[name].shared_sha256 not in models:
            raise ModelError(f"{name} was learned for another version of the network", hint="learn it again")
    for name in others:
        if styles[name].shared_sha256 != styles[first].shared_sha256:
            raise ModelError(f"{first} and {name} are of different networks", hint="blend styles of one network")
    model = models[styles[first].shared_sha256]
    shared, network = model.network.state_dict(), build(model.card.train_recipe(), len(styles))
    assert isinstance(network, InstantNetwork)  # noqa: S101 - the models are all of this kind
    tables = {name for name in shared if is_table(name)}
    for name, style in styles.items():
        if style.tables.keys() != tables or any(style.tables[t].shape[1] != shared[t].shape[1] for t in tables):
            raise ModelError(f"{name} does not fit the network that it says it goes with")
    rows = {table: torch.cat([style.tables[table] for style in styles.values()]) for table in tables}
    network.load_state_dict({**shared, **rows})
    return network.eval()
