"""Saliency: which pixels an answer depends on."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from math import ceil
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from artcnn.image import size_of
from artcnn.inspection.attribution import SIGNED, Attribution, AttributionSettings, attribute
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.prediction import predict
from artcnn.inspection.progress import Progress, silent
from artcnn.reports.colormaps import Scale, fit_scale, overlay, tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import ReceptiveField

if TYPE_CHECKING:
    from artcnn.inspection.board import Board  # needs the extra "go"

_BOARD_CAPTION = (
    "{whose} to move; red: the last move\nblue: {answer}, p = {p:.3f} by all\neight views, {alone:.3f} by one"
)
_POINT = 11  # pixels of a point of a board, at least
_SIDE = 168  # of a small picture on the sheet


def find_saliency(
    network: Network,
    picture: Tensor,
    target: int | None,
    methods: tuple[str, ...],
    board: "Board | None" = None,
    moves: Tensor | None = None,
    settings: AttributionSettings = AttributionSettings(),  # noqa: B008 - it is frozen
    on_progress: Progress = silent,
) -> Finding:
    """Return which pixels an answer depends on, by each of the methods.

    Args:
        network: with classes.
        picture: shape (1, C, H, W), in [0, 1].
        target: number of the answer, the network's own for None.
        methods: their names.
        board: what people see, where it is a position of Go.
        moves: how probable each move is then, by all views of the board; the most probable one is the network's own.
        settings: of the methods.
        on_progress: is told how far those are that take long.
    """
    if moves is not None and target is None:
        target = int(moves.argmax())
    chosen, alone = predict(network, picture, target)
    probabilities = alone if moves is None else moves
    maps = [attribute(network, picture, chosen, method, settings, on_progress) for method in methods]
    name, probability, kind = network.classes[chosen], float(probabilities[chosen]), input_kind(network.kind)
    pictures, tiles = _tiles(network, picture, maps, board)
    facts: dict[str, Any] = {"class": name, "probability": probability, "methods": list(methods), **asdict(settings)}
    if board is not None:
        pictures, one_view = board.mark(pictures, chosen), float(alone[chosen])
        caption = message(_BOARD_CAPTION, whose=board.player, answer=name, p=probability, alone=one_view)
        tiles[0] = replace(tiles[0], caption=caption)
        facts |= {"to_play": board.player, "probability_alone": one_view}
    return Finding(
        look="saliency",
        title=message("{network}: why {answer}? (p = {p:.3f})", network=network.name, answer=name, p=probability),
        rows=[_row(found) for found in maps],
        pictures=pictures,
        tiles=tiles,
        columns=3 if kind.overlay else min(6, len(tiles)),  # a spectrogram is wide, a board is large
        arrays={"image": picture, "saliency": maps[0].values}
        | {f"saliency_{found.method}": found.values for found in maps},
        settings=facts,
        picture=kind.page_picture(picture),
    )


def _row(found: Attribution) -> dict[str, Any]:
    """Return a map's numbers."""
    values = found.values
    row = {"method": found.method, "min": float(values.min()), "max": float(values.max())}
    facts = dict.fromkeys(("change", "gap", "output", "mean", "error")) | found.facts
    return row | {"sum": float(values.double().sum())} | facts


def _tiles(
    network: Network, inputs: Tensor, maps: Sequence[Attribution], board: "Board | None"
) -> tuple[Tensor, list[Tile]]:
    """Return the picture and the maps as tiles of one size, each with a scale of its own.

    Of a spectrogram or a board each map is laid over it: nobody could tell which sounds or stones are meant without.
    """
    side = max(_POINT, ceil(_SIDE / inputs.shape[2]))  # no board is scaled: its points stay squares of whole pixels
    picture, kind = inputs if board is None else board.picture(side), input_kind(network.kind)
    height, width = picture.shape[2:]
    scale = max(1, _SIDE / max(height, width))
    size = round(height * scale), round(width * scale)
    pictures, tiles = [tile(picture, size)], [Tile(message("the picture"))]
    for row, found in enumerate(maps):
        fine, key = found.over(network, size_of(inputs), size), _scale(found)
        tinted = key.to_rgb(fine)
        if kind.overlay:
            strength = (fine - max(key.low, 0)).abs() / max(key.high - max(key.low, 0), 1e-30)
            tinted = overlay(pictures[0], tinted, strength.clamp(max=1).sqrt())
        elif kind.colored and (found.layer or found.method == "rise"):
            tinted = overlay(pictures[0], tinted, 0.5)
        pictures.append(tinted)
        field, grid = ReceptiveField((1, 1), (1, 1), (0, 0)), size_of(inputs)
        caption = found.caption or message("{method}", method=found.method)
        values = found.over(network, grid, grid)[0, 0]
        tiles.append(Tile(caption, row, field=field, grid=grid, key=key, values=values))
    return torch.cat(pictures), tiles


def _scale(found: Attribution) -> Scale:
    """Return the scale of a map, from 0 to nearly its largest magnitude.

    RISE's values are probabilities that differ little: its scale is from the smallest to the largest.
    """
    values, label = found.values, message("{method}", method=found.method)
    if found.method == "rise":
        return Scale("sequential", float(values.min()), float(values.max()), label)
    # A few pixels of a photo are far above all others: they may be as bright as the scale goes.
    limit = float(values.abs().flatten().quantile(0.995)) or None
    return fit_scale(values, label, limit, signed=found.method in SIGNED)
