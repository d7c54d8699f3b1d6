"""``artcnn inspect check``: whether the maps that say why an answer was given tell of the network at all."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.image import size_of
from artcnn.inspection.answers import find_answer
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.occlusion import centers
from artcnn.inspection.progress import Progress, silent
from artcnn.inspection.saliency import methods_of
from artcnn.reports.colormaps import Scale, draw_curve
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.network import Network
from artcnn.visualizers.occlusion import occlude
from artcnn.visualizers.receptive_field import resample_centered
from artcnn.visualizers.saliency import METHODS, resample_grad_cam

_STAGES = 4
_SIDE = 112


def find_check(
    network: Network, picture: Tensor, target: int | None, seed: int = 0, on_progress: Progress = silent
) -> Finding:
    """Return what becomes of each map when weights are drawn anew, and of the answer when pixels go in its order."""
    from artcnn.visualizers.sanity_checks import (
        deletion_curve,
        insertion_curve,
        is_constant,
        randomize_cascading,
        rank_correlation,
    )

    chosen, probabilities = find_answer(network, picture, target)
    stages = list(randomize_cascading(network, seed))
    picked = sorted({0, *(round(part * (len(stages) - 1) / (_STAGES - 1)) for part in range(_STAGES))})
    shown = {name: drawn for number, (name, drawn) in enumerate(stages) if number in picked}
    ink = _ink(picture)
    random = torch.rand(ink.shape, generator=torch.Generator().manual_seed(seed))
    kind = input_kind(network.kind)
    empty = kind.fill_background(picture)
    size = _SIDE * picture.shape[2] // picture.shape[3], _SIDE
    # Where a digit has no ink every map that is multiplied by it is 0, trained or not: only the ink is compared.
    counted = torch.ones_like(ink, dtype=torch.bool) if kind.colored else ink > 0
    scale = Scale("sequential", 0, 1, message("of each map's largest, but for the highest 0.5 %"), clipped=True)
    pictures: list[Tensor] = []
    arrays: dict[str, Tensor] = {"image": picture}
    tiles, rows = list[Tile](), list[dict[str, Any]]()
    for name in (*methods_of(network), "occlusion", "random", "edges" if kind.colored else "ink"):
        on_progress(f"{name} ...")
        baseline = {"random": random, "ink": ink, "edges": ink}.get(name)
        importance = _importance(network, picture, chosen, name) if baseline is None else baseline
        empty_map = is_constant(importance)
        row: dict[str, Any] = {"map": name, "deletion": "", "insertion": "", "correlation": ""}
        row |= {f"correlation_{layer}": "" for layer in shown} | {"empty": empty_map}
        group = message("{map}", map=name)
        own = message("as it was learnt") if baseline is None else message("{map}", map=name)
        maps = [(importance, message("empty: says nothing") if empty_map else own)]
        arrays[f"map_{name}"] = importance
        for layer, drawn in shown.items() if baseline is None else ():
            changed = _importance(drawn, picture, chosen, name)
            arrays[f"map_{name}_{layer}"] = changed
            alike = rank_correlation(importance[counted], changed[counted])
            row["correlation"] = row[f"correlation_{layer}"] = "" if alike is None else alike
            row["empty"] = row["empty"] or is_constant(changed)
            if alike is not None:
                says = message("to {layer}: {correlation:+.2f}", layer=layer, correlation=alike)
            elif is_constant(changed):
                says = message("to {layer}: empty", layer=layer)
            else:
                says = message("to {layer}: no comparison", layer=layer)
            maps.append((changed, says))
        for values, says in maps:
            tint = scale.to_rgb(values[None, None] / values.quantile(0.995).clamp(min=1e-30))
            pictures.append(torch.nn.functional.interpolate(tint.float(), size).byte())
            tiles.append(Tile(says, len(rows), group=group, key=scale))
        for _ in range(len(shown) + 1 - len(maps)):
            pictures.append(torch.full((1, 3, *size), 255, dtype=torch.uint8))
            tiles.append(Tile(group=group))
        for test, way in (("deletion", deletion_curve), ("insertion", insertion_curve)):
            if empty_map:  # it names no order
                pictures.append(torch.full((1, 3, *size), 255, dtype=torch.uint8))
                tiles.append(Tile(group=group))
                continue
            found = way(network, picture, chosen, importance, empty)
            row[test], arrays[f"{test}_{name}"] = found.area, found.probabilities
            pictures.append(draw_curve(found.probabilities, size))
            tiles.append(Tile(message(f"{test}: {{area:.3f}}", area=found.area), len(rows), group=group))
        rows.append(row)
    title = message(
        "{network}, {answer}: each map, then with weights drawn anew from the last layer down to the one named",
        network=network.name,
        answer=network.classes[chosen],
    )
    settings = {"class": network.classes[chosen], "probability": float(probabilities[chosen]), "seed": seed}
    columns = len(shown) + 3
    return Finding("check", title, rows, torch.cat(pictures), tiles, columns, 1, arrays, settings)


def _importance(network: Network, picture: Tensor, target: int, method: str) -> Tensor:
    """Return how much each pixel matters by a method, shape (H, W), without its sign."""
    size = size_of(picture)
    if method == "occlusion":
        kind = input_kind(network.kind)
        window, stride = kind.square
        *_, found = occlude(network, picture, window, stride, kind.fill_background(picture))
        drop = find_answer(network, picture, target)[1][target] - found[..., target]  # below 0 where hiding helps
        return resample_centered(drop[None, None], centers(window, stride), size, size)[0, 0]
    if method == "gradcam":
        return resample_grad_cam(network, METHODS[method](network, picture, target), size, size)[0, 0]
    return METHODS[method](network, picture, target).abs()


def _ink(picture: Tensor) -> Tensor:
    """Return a map that knows nothing of any network: how much ink there is, or in a photo how strong an edge."""
    if picture.shape[1] == 1:
        return picture[0, 0]

    grey = F.pad(picture.mean(1, keepdim=True), (0, 1, 0, 1), mode="replicate")[0, 0]
    return grey.diff(dim=0)[:, :-1].abs() + grey.diff(dim=1)[:-1].abs()
