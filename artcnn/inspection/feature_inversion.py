"""Feature inversion: a picture rebuilt from the features of one layer."""

from typing import Any

import torch
from torch import Tensor

from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.progress import Progress, silent
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.feature_inversion import correlation, invert_features
from artcnn.visualizers.maximize import Start
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import ReceptiveField


def find_inverse(
    network: Network, picture: Tensor, layers: list[str], steps: int, seed: int = 0, on_progress: Progress = silent
) -> Finding:
    """Return a picture (1, C, H, W) rebuilt from the features of each layer alone."""
    height, width = picture.shape[2:]
    pictures, tiles, rows = [picture], [Tile(message("the picture"))], list[dict[str, Any]]()
    # Digits are ink on black; a photo is as often brighter as it is darker than gray, and smooth.
    colored = input_kind(network.kind).colored
    start: Start = "gray" if colored else "black"
    tv = 10.0 if colored else 0.1
    for name in layers:
        on_progress(f"{name}: {steps} steps")
        *_, last = invert_features(network, picture, name, steps, tv, seed, start)
        pictures.append(last.inputs)
        row = {
            "layer": name,
            "likeness": correlation(last.inputs, picture),
            "features_off": 100 * float(last.values[0]),
        }
        caption = message("{layer}\nlikeness {likeness:.2f}\nfeatures {features_off:.2g} % off", **row)
        tiles.append(Tile(caption, len(rows), field=ReceptiveField((1, 1), (1, 1), (0, 0)), grid=(height, width)))
        rows.append(row)
    title = message("{network}: rebuilt from what one layer gives for the picture", network=network.name)
    arrays = {"original": picture} | {f"image_{name}": x for name, x in zip(layers, pictures[1:], strict=True)}
    settings = {"layers": layers, "size": max(height, width), "steps": steps, "seed": seed}
    settings |= {"start": start, "tv": tv}
    shown, scale = torch.cat(pictures).mul(255).round().byte(), max(1, 168 // max(height, width))
    return Finding(
        look="invert",
        title=title,
        rows=rows,
        pictures=shown,
        tiles=tiles,
        columns=len(shown),
        scale=scale,
        arrays=arrays,
        settings=settings,
        picture=picture,
    )
