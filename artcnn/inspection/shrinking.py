"""Fewer pixels, the same thing: smaller pictures, and pooling."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.datasets.mnist import load_mnist
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.prediction import predict
from artcnn.inspection.sums import SIDE
from artcnn.nets.pooling import BothPool2d
from artcnn.reports.colormaps import enlarge, fit_scale, tile
from artcnn.reports.messages import Message, message
from artcnn.reports.number_tiles import draw_numbers
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.convolution import Convolution, center_on_black, convolve, count_leading, downsample
from artcnn.visualizers.lecture import FILTERS, PICTURE
from artcnn.visualizers.network import Network

_STEPS = 24  # sizes of a picture, at most
_WAYS = {
    "coarse": "Fewer pixels, drawn as large as before",
    "small": "Smaller on the paper, black around it",
}
_AT_ONCE = 250
_MANY, _LIKELIEST = 100, 5  # of so many answers, several mean the same: one of the likeliest is right
_AMONG = (
    "{network}: {answer} among the five likeliest down to {coarse} pixels drawn as large as before, "
    "and down to {small} drawn small"
)
_ALWAYS = (
    "{network}: {answer} at every size down to {coarse} pixels drawn as large as before, "
    "and down to {small} drawn small"
)
_DRAWN = {False: (8, 140), True: (5, 220)}
"""Sizes shown of each way, and pixels of each on the sheet: of a gray picture, and of a colored one."""


def find_shrunken(network: Network, picture: Tensor, digits: int = 0) -> Finding:
    """Return the network's answers to a picture with ever fewer pixels, and how small it may get for the same answer.

    Args:
        network: with classes.
        picture: shape (1, C, H, W), in [0, 1].
        digits: of MNIST's test set for which that is done, too; 0 for a network of other things.
    """
    own, whole = predict(network, picture)
    count, _ = _DRAWN[input_kind(network.kind).colored]
    sheet = _Sheet(network, picture, own, digits)
    smallest = {way: sheet.add(way, message(heading)) for way, heading in _WAYS.items()}
    answer = network.classes[own]
    return Finding(
        look="convolution-shrunken",
        title=message(_ALWAYS if sheet.ranks == 1 else _AMONG, network=network.name, answer=answer, **smallest),
        rows=sheet.rows,
        pictures=torch.cat(sheet.pictures),
        tiles=sheet.tiles,
        columns=count,
        arrays={"image": picture},
        settings={"class": answer, "probability": float(whole[own]), "digits": digits},
    )


class _Sheet:
    """A picture at ever smaller sizes, and the answer to each.

    Attributes:
        ranks: among how many of the likeliest classes an answer counts as kept.
    """

    def __init__(self, network: Network, picture: Tensor, own: int, digits: int) -> None:
        self._network, self._picture, self._own = network, picture, own
        self._sizes, self._digits = _sizes(picture), _Digits(network, digits) if digits else None
        self._count, self._side = _DRAWN[input_kind(network.kind).colored]
        self.ranks = 1 if len(network.classes) <= _MANY else _LIKELIEST
        self.rows: list[dict[str, Any]] = []
        self.pictures: list[Tensor] = []
        self.tiles: list[Tile] = []

    def add(self, way: str, heading: Message) -> str:
        """Add all sizes in one way; return the smallest down to which the answer is kept, as ``13x13``."""
        every, kept = max(1, len(self._sizes) // self._count), list[bool]()
        for place, size in enumerate(self._sizes):
            changed = _shrunken(self._picture, size, way)
            label, probabilities = predict(self._network, changed)
            kept.append(self._own in probabilities.topk(self.ranks).indices)
            shown = place % every == 0 and place < every * self._count
            answer, p = self._network.classes[label], float(probabilities[label])
            row = {"way": way, "pixels": f"{size[0]}x{size[1]}", "label": answer, "probability": p}
            if self._digits is not None:
                row["keep"] = self._digits.share(size, way) if shown else None
            self.rows.append(row)
            if shown:
                says = "{height} x {width}: {answer}, p = {p:.2f}"
                caption = message(says, height=size[0], width=size[1], answer=answer, p=p)
                self.pictures.append(tile(changed, (self._side, self._side)))
                self.tiles.append(Tile(caption, len(self.rows) - 1, "", heading))
        height, width = self._sizes[count_leading(kept) - 1]
        return f"{height}x{width}"


def _sizes(picture: Tensor) -> list[tuple[int, int]]:
    """Return the picture's own height and width, and smaller ones, falling, each side by the same ratio."""
    height, width = picture.shape[2:]
    long = max(height, width)
    step = -(-long // (_STEPS + 4))
    return [(max(1, round(height * side / long)), max(1, round(width * side / long))) for side in range(long, 3, -step)]


def _shrunken(pictures: Tensor, size: tuple[int, int], way: str) -> Tensor:
    """Return pictures with fewer pixels, as large as before or in the middle of a black one."""
    height, width = pictures.shape[2:]
    small = downsample(pictures, *size)
    if way == "small":
        return center_on_black(small, height, width)
    # Of photos, hard edges between pixels would be something to see by themselves.
    return F.interpolate(small, (height, width), mode="nearest" if pictures.shape[1] == 1 else "bilinear")


class _Digits:
    """Digits of MNIST's test set, every so many, and the network's answers to them as they are."""

    def __init__(self, network: Network, count: int) -> None:
        self._network = network
        test = load_mnist("test")
        self._pictures = test.batch(torch.arange(count) * len(test) // count)[0]
        self._own = self._answers(self._pictures)

    def _answers(self, pictures: Tensor) -> Tensor:
        with torch.no_grad():
            return torch.cat([self._network.logits(some).argmax(1) for some in torch.split(pictures, _AT_ONCE)])

    def share(self, size: tuple[int, int], way: str) -> float:
        """Return the share of them that keep their answer at a size."""
        same = self._answers(_shrunken(self._pictures, size, way)) == self._own
        return float(same.double().mean())


def find_pooling(network: Network, convolution: Convolution, unit: int) -> Finding:
    """Return one map under each kind of pooling, beside the lecture's example."""
    pictures: list[Tensor] = []
    tiles: list[Tile] = []
    rows: list[dict[str, Any]] = []
    example = convolve(PICTURE[None], FILTERS[:, None])
    shown = [
        (message("The lecture's example, filter {number}", number=at + 1), f"example:{at}", values)
        for at, values in enumerate(example.maps)
    ]
    name = f"{convolution.name}:{unit}"
    shown.append((message("{unit} of {network}", unit=name, network=network.name), name, convolution.maps[unit]))
    for group, own, values in shown:
        largest, mean = BothPool2d()(values[None, None])[0]
        scale = fit_scale(values, signed=True)
        says = message("the map"), message("the maximum of every four"), message("the mean of every four")
        for way, caption, numbers in zip(("map", "max", "average"), says, (values, largest, mean), strict=True):
            colors = scale.to_rgb(numbers[None, None])
            few = numbers.numel() <= 16
            pictures.append(draw_numbers(numbers, colors, (SIDE, SIDE)) if few else enlarge(colors, (SIDE, SIDE)))
            grid = numbers.shape[0], numbers.shape[1]
            key = None if few else scale
            tiles.append(Tile(caption, len(rows), group=group, grid=grid, key=key, values=numbers))
            measures = {"min": float(numbers.min()), "mean": float(numbers.mean()), "max": float(numbers.max())}
            rows.append({"unit": own, "what": way, "output": f"{numbers.shape[0]}x{numbers.shape[1]}"} | measures)
    title = message(
        "The maximum of every 2 x 2, their mean, or both side by side: a quarter of the numbers, or half of them"
    )
    arrays = {"map": convolution.maps[unit], "pooled": BothPool2d()(convolution.maps[None])[0]}
    return Finding(
        look="convolution-pooling",
        title=title,
        rows=rows,
        pictures=torch.cat(pictures),
        tiles=tiles,
        columns=3,
        arrays=arrays,
        settings={"unit": name},
    )
