"""Caricature: a picture in which what a layer sees in another is exaggerated."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.progress import Progress, silent
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.caricature import INK, PHOTO, draw_caricature
from artcnn.visualizers.combined_objectives import alignment
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import ReceptiveField


def find_caricature(
    network: Network,
    picture: Tensor,
    layers: list[str],
    steps: int | None = None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return a picture (1, C, H, W), and one that exaggerates what each layer sees in it."""
    height, width = picture.shape[2:]
    base = PHOTO if input_kind(network.kind).colored else INK
    config = replace(base, steps=steps or base.steps)
    pictures, tiles, rows = [picture], [Tile(message("the picture"))], list[dict[str, Any]]()
    for name in layers:
        on_progress(f"{name}: {config.steps} steps")
        *_, last = draw_caricature(network, picture, name, config, seed)
        drawn = last.inputs[:1]
        with torch.no_grad():
            own, wanted = (network.run(each, [name])[name] for each in (drawn, picture))
        part, cosine = (float(value[0]) for value in alignment(own, wanted))
        row = {"layer": name, "times": part, "cosine": cosine}
        caption = message("{layer}: {times:.2f} times\nas much, cosine {cosine:.2f}", **row)
        tiles.append(Tile(caption, len(rows), field=ReceptiveField((1, 1), (1, 1), (0, 0)), grid=(height, width)))
        pictures.append(drawn)
        rows.append(row)
    says = "{network}: what each layer sees in the picture, exaggerated; below, how much more of it"
    return Finding(
        look="caricature",
        title=message(says, network=network.name),
        rows=rows,
        pictures=torch.cat(pictures).mul(255).round().byte(),
        tiles=tiles,
        columns=len(pictures),
        scale=max(1, 168 // max(height, width)),
        arrays={"original": picture} | {f"image_{name}": x for name, x in zip(layers, pictures[1:], strict=True)},
        settings={"layers": layers, "size": max(height, width), "seed": seed, "steps": config.steps},
        picture=picture,
    )
