"""Top patches: the patches of a collection of pictures that activate a unit most."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import Box, ReceptiveField, receptive_fields


@dataclass(frozen=True)
class Patch:
    """A place in a picture that a unit answers to.

    Attributes:
        value: what the unit gives there.
        picture: the number of the picture in the collection.
        box: the unit's receptive field, in pixels of the picture; it may reach beyond it.
    """

    value: float
    picture: int
    box: Box


def find_top_patches(
    network: Network, name: str, units: list[int], pictures: Iterable[Tensor], count: int = 9, per_picture: int = 1
) -> dict[int, list[Patch]]:
    """Return for each unit the places with the largest values, falling: what :func:`search_patches` ends with."""
    best: dict[int, list[Patch]] = {unit: [] for unit in units}
    for best in search_patches(network, name, units, pictures, count, per_picture):  # noqa: B007 - the last one counts
        pass
    return best


def search_patches(
    network: Network, name: str, units: list[int], pictures: Iterable[Tensor], count: int = 9, per_picture: int = 1
) -> Iterator[dict[int, list[Patch]]]:
    """Yield for each unit the places with the largest values, falling, of the pictures so far, after each batch.

    Nothing but the best is kept in memory. In one picture, places whose boxes overlap by more than half of their side
    are one place.

    Args:
        network: any chain.
        name: a layer before the first that sees everything.
        units: numbers of its maps.
        pictures: batches, each of shape (N, C, H, W) in [0, 1].
        count: how many places of each unit are returned.
        per_picture: at most how many of one picture.

    Raises:
        ArtcnnError: the layer has no maps, or no such unit.
    """
    network.check_units(name, units)
    field = receptive_fields(network)[name]
    if field is None:
        raise ArtcnnError(f"every unit of {name} sees the whole picture", hint="choose a layer before it")
    best: dict[int, list[Patch]] = {unit: [] for unit in units}
    seen = 0
    for batch in pictures:
        with torch.no_grad():
            maps = network.run(batch, [name])[name]
        highest = maps.amax((0, *range(2, maps.ndim))).tolist()
        for unit in units:
            if len(best[unit]) == count and highest[unit] <= best[unit][-1].value:
                continue  # nothing of these pictures is among the best
            best[unit] = _merge(best[unit], _peaks(maps[:, unit], field, seen, count, per_picture), count)
        seen += len(batch)
        yield best


def _merge(one: list[Patch], other: list[Patch], count: int) -> list[Patch]:
    return sorted([*one, *other], key=lambda patch: (-patch.value, patch.picture, patch.box))[:count]


def _peaks(maps: Tensor, field: ReceptiveField, first: int, count: int, per_picture: int) -> list[Patch]:
    """Return the largest values of one unit's maps, (N, h, w), each the peak of its neighborhood."""
    near, beside = (size // (2 * step) for size, step in zip(field.size, field.stride, strict=True))
    maps, width = maps.clone(), maps.shape[2]
    found: list[Patch] = []
    for turn in range(per_picture):
        values, places = maps.flatten(1).max(1)
        strongest = values.topk(min(count, len(values))).indices
        for index in strongest[values[strongest] > -torch.inf].tolist():
            row, column = divmod(int(places[index]), width)
            found.append(Patch(float(values[index]), first + index, field.box(row, column)))
        if turn == per_picture - 1:
            break
        for index, place in enumerate(places.tolist()):
            row, column = divmod(place, width)
            maps[index, max(0, row - near) : row + near + 1, max(0, column - beside) : column + beside + 1] = -torch.inf
    return found
