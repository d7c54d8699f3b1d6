"""Sanity checks: whether attribution maps depend on the network at all."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.image import size_of
from artcnn.inspection.attribution import AttributionSettings, attribute, importance
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.occlusion import centers, default_square
from artcnn.inspection.prediction import predict
from artcnn.inspection.progress import Progress, silent
from artcnn.reports.colormaps import Scale, draw_curve
from artcnn.reports.messages import Message, message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.network import Network
from artcnn.visualizers.occlusion import occlude
from artcnn.visualizers.receptive_field import resample_centered
from artcnn.visualizers.sanity_checks import (
    deletion_curve,
    insertion_curve,
    is_constant,
    randomize_cascading,
    rank_correlation,
)

_STAGES = 4  # layers down to which the weights are randomized
_SIDE = 112  # pixels of a picture's width on the sheet


def find_check(
    network: Network,
    picture: Tensor,
    target: int | None,
    methods: Sequence[str],
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return how each map changes with random weights, and how the answer changes as pixels go in the map's order.

    Args:
        network: with classes.
        picture: shape (1, C, H, W), in [0, 1].
        target: number of the class, the network's own answer for None.
        methods: of the maps, beside occlusion.
        seed: of the weights, and of masks.
        on_progress: is told the name of each map.
    """
    chosen, probabilities = predict(network, picture, target)
    check = _Check(network, picture, chosen, seed)
    colored, ink = input_kind(network.kind).colored, check.ink
    for name in (*methods, "occlusion"):
        on_progress(f"{name} ...")
        check.add(name, _importance(network, picture, chosen, name, seed))
    random = torch.rand(ink.shape, generator=torch.Generator().manual_seed(seed))
    for name, order in (("random", random), ("edges" if colored else "ink", ink)):
        on_progress(f"{name} ...")
        check.add(name, order, baseline=True)
    answer = network.classes[chosen]
    says = "{network}, {answer}: each map, then with weights drawn anew from the last layer down to the one named"
    return Finding(
        look="check",
        title=message(says, network=network.name, answer=answer),
        rows=check.rows,
        pictures=torch.cat(check.pictures),
        tiles=check.tiles,
        columns=check.columns,
        arrays=check.arrays,
        settings={"class": answer, "probability": float(probabilities[chosen]), "seed": seed},
    )


class _Check:
    """A line of tiles for each map: it, by ever more random networks, and two curves."""

    def __init__(self, network: Network, picture: Tensor, target: int, seed: int) -> None:
        self._network, self._picture, self._target, self._seed = network, picture, target, seed
        kind = input_kind(network.kind)
        stages = list(randomize_cascading(network, seed))
        picked = {0, *(round(part * (len(stages) - 1) / (_STAGES - 1)) for part in range(_STAGES))}
        self._randomized = {name: drawn for number, (name, drawn) in enumerate(stages) if number in picked}
        self.ink = _ink(picture, colored=kind.colored)
        # Where a digit has no ink every map that is multiplied by it is 0, trained or not: only the ink is compared.
        self._compared = torch.ones_like(self.ink, dtype=torch.bool) if kind.colored else self.ink > 0
        self._background = kind.fill_background(picture)
        self._size = _SIDE * picture.shape[2] // picture.shape[3], _SIDE
        says = message("of each map's largest, but for the highest 0.5 %")
        self._scale = Scale("sequential", 0, 1, says, clipped=True)
        self.columns = len(self._randomized) + 3
        self.pictures: list[Tensor] = []
        self.tiles: list[Tile] = []
        self.rows: list[dict[str, Any]] = []
        self.arrays: dict[str, Tensor] = {"image": picture}

    def add(self, name: str, importance: Tensor, *, baseline: bool = False) -> None:
        """Add a map of how much each pixel matters; a baseline knows nothing of any network."""
        empty, group = is_constant(importance), message("{map}", map=name)
        row: dict[str, Any] = {"map": name, "deletion": "", "insertion": "", "correlation": ""}
        row |= {f"correlation_{layer}": "" for layer in self._randomized} | {"empty": empty}
        self.arrays[f"map_{name}"] = importance
        own = group if baseline else message("as it was learned")
        self._add_map(importance, message("empty: says nothing") if empty else own, group)
        for layer, randomized in self._randomized.items():
            if baseline:
                self._add_blank(group)
            else:
                self._add_randomized(name, importance, layer, randomized, row)
        for test, compute in (("deletion", deletion_curve), ("insertion", insertion_curve)):
            if empty:  # it names no order
                self._add_blank(group)
                continue
            curve = compute(self._network, self._picture, self._target, importance, self._background)
            row[test], self.arrays[f"{test}_{name}"] = curve.area, curve.probabilities
            self.pictures.append(draw_curve(curve.probabilities, self._size))
            caption = message(f"{test}: {{area:.3f}}", area=curve.area)
            self.tiles.append(Tile(caption, len(self.rows), group=group))
        self.rows.append(row)

    def _add_randomized(
        self, name: str, importance: Tensor, layer: str, randomized: Network, row: dict[str, Any]
    ) -> None:
        """Add the same map of a network with random weights from its last layer down to one."""
        changed = _importance(randomized, self._picture, self._target, name, self._seed)
        self.arrays[f"map_{name}_{layer}"] = changed
        alike = rank_correlation(importance[self._compared], changed[self._compared])
        row["correlation"] = row[f"correlation_{layer}"] = "" if alike is None else alike
        row["empty"] = row["empty"] or is_constant(changed)
        if alike is not None:
            caption = message("to {layer}: {correlation:+.2f}", layer=layer, correlation=alike)
        elif is_constant(changed):
            caption = message("to {layer}: empty", layer=layer)
        else:
            caption = message("to {layer}: no comparison", layer=layer)
        self._add_map(changed, caption, message("{map}", map=name))

    def _add_map(self, values: Tensor, caption: Message, group: Message) -> None:
        tint = self._scale.to_rgb(values[None, None] / values.quantile(0.995).clamp(min=1e-30))
        self.pictures.append(F.interpolate(tint.float(), self._size).byte())
        self.tiles.append(Tile(caption, len(self.rows), group=group, key=self._scale))

    def _add_blank(self, group: Message) -> None:
        self.pictures.append(torch.full((1, 3, *self._size), 255, dtype=torch.uint8))
        self.tiles.append(Tile(group=group))


def _importance(network: Network, picture: Tensor, target: int, method: str, seed: int) -> Tensor:
    """Return the importance of each pixel, shape (H, W): without its sign, but for occlusion."""
    if method == "occlusion":
        size, kind = size_of(picture), input_kind(network.kind)
        window, stride = default_square(network)
        *_, found = occlude(network, picture, window, stride, kind.fill_background(picture))
        drop = predict(network, picture, target)[1][target] - found[..., target]  # below 0 where hiding helps
        return resample_centered(drop[None, None], centers(window, stride), size, size)[0, 0]
    return importance(network, picture, attribute(network, picture, target, method, AttributionSettings(seed=seed)))


def _ink(picture: Tensor, *, colored: bool) -> Tensor:
    """Return a map that ignores the network: the ink of a digit or a sound, or the strength of edges in a photo."""
    if not colored:
        return picture[0, 0]
    gray = F.pad(picture.mean(1, keepdim=True), (0, 1, 0, 1), mode="replicate")[0, 0]
    return gray.diff(dim=0)[:, :-1].abs() + gray.diff(dim=1)[:-1].abs()
