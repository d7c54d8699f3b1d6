"""Saliency: which pixels an answer depends on."""

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.image import size_of
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.options import SALIENCY_METHODS
from artcnn.inspection.prediction import predict
from artcnn.reports.colormaps import fit_scale, overlay, tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import ReceptiveField
from artcnn.visualizers.saliency import METHODS, difference_from_black, resample_grad_cam

if TYPE_CHECKING:
    from artcnn.inspection.board import Board  # needs the extra "go"

_SIGNED = "integrated"
_BOARD_CAPTION = (
    "{whose} to move; red: the last move\nblue: {answer}, p = {p:.3f} by all\neight views, {alone:.3f} by one"
)
_POINT = 11  # pixels of a point of a board, at least
_SIDE = 168  # of a small picture on the sheet


def available_methods(network: Network) -> tuple[str, ...]:
    """Return the methods there are for a network: Grad-CAM needs maps."""
    has_maps = bool(network.map_layers())
    return tuple(method for method in SALIENCY_METHODS if has_maps or method != "gradcam")


def find_saliency(
    network: Network,
    picture: Tensor,
    target: int | None,
    methods: tuple[str, ...],
    board: "Board | None" = None,
    moves: Tensor | None = None,
) -> Finding:
    """Return which pixels an answer depends on, by each of the methods.

    Args:
        network: with classes.
        picture: shape (1, C, H, W), in [0, 1].
        target: number of the answer, the network's own for None.
        methods: their names.
        board: what people see, where it is a position of Go.
        moves: how probable each move is then, by all views of the board; the most probable one is the network's own.
    """
    if moves is not None and target is None:
        target = int(moves.argmax())
    chosen, alone = predict(network, picture, target)
    probabilities = alone if moves is None else moves
    maps = {name: METHODS[name](network, picture, chosen) for name in methods}
    name, probability, kind = network.classes[chosen], float(probabilities[chosen]), input_kind(network.kind)
    rows = [_row(network, picture, chosen, method, found) for method, found in maps.items()]
    pictures, tiles = _tiles(network, picture, maps, rows, board)
    settings: dict[str, Any] = {"class": name, "probability": probability, "methods": list(methods)}
    if board is not None:
        pictures, one_view = board.mark(pictures, chosen), float(alone[chosen])
        caption = message(_BOARD_CAPTION, whose=board.player, answer=name, p=probability, alone=one_view)
        tiles[0] = replace(tiles[0], caption=caption)
        settings |= {"to_play": board.player, "probability_alone": one_view}
    return Finding(
        look="saliency",
        title=message("{network}: why {answer}? (p = {p:.3f})", network=network.name, answer=name, p=probability),
        rows=rows,
        pictures=pictures,
        tiles=tiles,
        columns=3 if kind.overlay else len(tiles),  # a spectrogram is wide, a board is large
        arrays={"image": picture, "saliency": next(iter(maps.values()))}
        | {f"saliency_{method}": found for method, found in maps.items()},
        settings=settings,
        picture=kind.page_picture(picture),
    )


def _row(network: Network, picture: Tensor, target: int, method: str, found: Tensor) -> dict[str, Any]:
    """Return a map's numbers; of integrated gradients also what they should add up to."""
    total = float(found.double().sum())
    change = difference_from_black(network, picture, target) if method == _SIGNED else None
    gap = None if change is None else total - change
    least, most = float(found.min()), float(found.max())
    return {"method": method, "min": least, "max": most, "sum": total, "change": change, "gap": gap}


def _tiles(
    network: Network, inputs: Tensor, maps: dict[str, Tensor], rows: list[dict[str, Any]], board: "Board | None"
) -> tuple[Tensor, list[Tile]]:
    """Return the picture and the maps as tiles of one size, each map from 0 to nearly its own largest magnitude.

    Of a spectrogram or a board each map is laid over it: nobody could tell which sounds or stones are meant without.
    """
    side = max(_POINT, ceil(_SIDE / inputs.shape[2]))  # no board is scaled: its points stay squares of whole pixels
    picture, laid_over = inputs if board is None else board.picture(side), input_kind(network.kind).overlay
    height, width = picture.shape[2:]
    scale = max(1, _SIDE / max(height, width))
    size = round(height * scale), round(width * scale)
    pictures, tiles = [tile(picture, size)], [Tile(message("the picture"))]
    for row, (name, found) in enumerate(maps.items()):
        # A few pixels of a photo are far above all others: they may be as bright as the scale goes.
        limit = float(found.abs().flatten().quantile(0.995))
        if name == "gradcam":
            fine = resample_grad_cam(network, found, size_of(inputs), size)
            values = resample_grad_cam(network, found, size_of(inputs), size_of(inputs))[0, 0]
        else:
            fine, values = F.interpolate(found[None, None], size, mode="nearest"), found
        key = fit_scale(found, message("{method}", method=name), limit, signed=name == _SIGNED)
        tinted = key.to_rgb(fine)
        if laid_over:
            tinted = overlay(pictures[0], tinted, (fine.abs() / max(limit, 1e-30)).clamp(max=1).sqrt())
        elif name == "gradcam" and input_kind(network.kind).colored:
            tinted = overlay(pictures[0], tinted, 0.5)
        pictures.append(tinted)
        field, grid = ReceptiveField((1, 1), (1, 1), (0, 0)), size_of(inputs)
        caption = message("{method}", method=name)
        if name == "gradcam" and not network.is_chain:
            caption = message("{method} of {layer}", method=name, layer=network.map_layers()[-1])
        if name == _SIGNED:
            says = "{method}: adds up to\n{sum:.4g} of {change:.4g}"
            caption = message(says, method=name, sum=rows[row]["sum"], change=rows[row]["change"])
        tiles.append(Tile(caption, row, field=field, grid=grid, key=key, values=values))
    return torch.cat(pictures), tiles
