"""Means over the places of a picture's features, and their gradient, in as little memory as there is.

What an objective wants to know of a picture, of whatever size, are a few means over the places of a layer: a Gram
matrix, a mean square, a mean squared difference. The mean over a picture is that over its bands of rows, weighed by
their heights. So the first stages of the network, whose maps are the large ones, can be run band by band, keeping
nothing but the means and, from stage to stage, the pooled maps; once the gradient of the value with respect to the
means is known, they are run again to pass it down. A stage's bands overlap by what its own convolutions see and no
more, and the result is that of the whole picture: there are no seams to hide.

So much for a VGG. Any other network is run as a whole, whatever the bands.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.convolution import rows_of
from artcnn.backbones.extractor import FeatureExtractor
from artcnn.backbones.vgg import Backbone

Measured = tuple[Tensor, ...]
Measure = Callable[[str, Tensor, int], Measured]
"""Returns means over the places of a band of a layer, given its name, the rows, (1, C, h, W), and the first's place."""


class Objective(Protocol):
    """A value of a picture that depends on means over places alone."""

    @property
    def layers(self) -> Collection[str]:
        """The layers that are measured."""

    def measure(self, layer: str, features: Tensor, top: int) -> Measured:
        """Return means over the places of a band of a layer."""

    def value(self, measured: Mapping[str, Measured]) -> Tensor:
        """Return the value, shape ``()``, to which the means over all places add up."""


@dataclass(frozen=True)
class Bands:
    """How a picture is run through a network.

    Attributes:
        stages: how many of the first stages, which poolings end, are run in bands, and again for the gradient; the
            others, and by default all, are run once, and what their gradient needs is kept.
        values: numbers of a layer that a band holds, of two rows at the least.
    """

    stages: int = 0
    values: int = 2**23


WHOLE = Bands()
FRUGAL = Bands(5, 2**21)
"""The ways that take the most memory, and the least."""


def measured(
    image: Tensor, backbone: FeatureExtractor, layers: Collection[str], measure: Measure, bands: Bands = WHOLE
) -> dict[str, Measured]:
    """Return by layer what is measured on an image, shape (1, 3, H, W); no gradient will be asked for."""
    if not isinstance(backbone, Backbone):
        with torch.no_grad():
            return _measured_at_once(image, backbone, layers, measure)
    passage = _Passage(backbone, layers, measure, bands)
    found: dict[str, Measured] = {}
    with torch.no_grad():
        x = backbone.normalised(image)
        for stage in passage.banded:
            x, means = passage.down(stage, x)
            found |= means
        return found | passage.at_once(x)


def features(
    image: Tensor, backbone: FeatureExtractor, layers: Collection[str], bands: Bands = WHOLE
) -> dict[str, Tensor]:
    """Return what the network's own ``features`` does, no other layer being held as a whole where there are bands."""
    parts: dict[str, list[Tensor]] = {layer: [] for layer in layers}

    def keep(layer: str, rows: Tensor, top: int) -> Measured:  # noqa: ARG001
        parts[layer].append(rows)
        return ()

    measured(image, backbone, layers, keep, bands)
    return {layer: torch.cat(rows, dim=2) if len(rows) > 1 else rows[0] for layer, rows in parts.items()}


def value_and_gradient(
    image: Tensor, backbone: FeatureExtractor, objective: Objective, bands: Bands = WHOLE
) -> tuple[Tensor, Tensor]:
    """Return an objective's value of an image, shape ``()``, and its gradient, of the image's shape (1, 3, H, W)."""
    image = image.detach().requires_grad_(True)
    if not isinstance(backbone, Backbone):
        with torch.enable_grad():
            value = objective.value(_measured_at_once(image, backbone, objective.layers, objective.measure))
        return value.detach(), torch.autograd.grad(value, image)[0]
    passage = _Passage(backbone, objective.layers, objective.measure, bands)
    with torch.enable_grad():
        first = backbone.normalised(image)
    entering, found = [first.detach()], {}  # type: tuple[list[Tensor], dict[str, Measured]]
    with torch.no_grad():
        for stage in passage.banded:
            x, means = passage.down(stage, entering[-1])
            entering.append(x)
            found |= {layer: tuple(mean.requires_grad_(True) for mean in of_layer) for layer, of_layer in means.items()}
    last = entering.pop().requires_grad_(True)
    with torch.enable_grad():
        value = objective.value(found | passage.at_once(last))
    flat = [(layer, mean) for layer, of_layer in found.items() for mean in of_layer]
    gradient, *pulls = torch.autograd.grad(value, [last, *(mean for _, mean in flat)], allow_unused=True)
    del last
    for stage in reversed(passage.banded):
        of_stage = {layer: [p for (name, _), p in zip(flat, pulls, strict=True) if name == layer] for layer in stage}
        gradient = passage.up(stage, entering.pop(), gradient, of_stage)
    (gradient,) = torch.autograd.grad(first, image, gradient)
    return value.detach(), gradient


def _measured_at_once(
    image: Tensor, network: FeatureExtractor, layers: Collection[str], measure: Measure
) -> dict[str, Measured]:
    return {layer: measure(layer, x, 0) for layer, x in network.features(image, layers).items()}


@dataclass(frozen=True)
class _Rows:
    """Rows ``top`` to ``bottom`` of a stage, and rows ``start`` to ``stop``, which they see, of what enters it.

    Rows before the first are the last ones, and those behind the last the first, where a picture is a ring.
    """

    top: int
    bottom: int
    start: int
    stop: int

    def pieces(self, height: int) -> Iterator[tuple[slice, slice]]:
        """Yield where the rows that are seen lie in a map of that height, and where among each other."""
        at = self.start
        while at < self.stop:
            first = at % height
            count = min(self.stop - at, height - first)
            yield slice(first, first + count), slice(at - self.start, at - self.start + count)
            at += count

    def seen(self, x: Tensor) -> Tensor:
        """Return the rows of ``x`` that are seen."""
        parts = [x[..., within, :] for within, _ in self.pieces(x.shape[2])]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=2)

    def of(self, layer: str, x: Tensor) -> tuple[Tensor, int]:
        """Return the rows of a layer that was given what is seen, and the first's number."""
        step = 2 if layer.startswith("pool") else 1
        return rows_of(x, (self.top - self.start) // step, (self.bottom - self.start) // step), self.top // step


class _Passage:
    """The way of a picture through a network."""

    def __init__(self, backbone: Backbone, layers: Collection[str], measure: Measure, bands: Bands) -> None:
        self.backbone, self.wanted, self.measure, self.bands = backbone, frozenset(layers), measure, bands
        stages = backbone.stages(layers)
        self.banded = stages[: bands.stages]
        self.rest = [layer for stage in stages[bands.stages :] for layer in stage]

    def at_once(self, x: Tensor) -> dict[str, Measured]:
        """Return what is measured behind the stages that are run in bands."""
        found = self.backbone.run(self.rest, x, self.wanted)[1]
        return {layer: self.measure(layer, rows, 0) for layer, rows in found.items()}

    def down(self, stage: Sequence[str], x: Tensor) -> tuple[Tensor, dict[str, Measured]]:
        """Return what leaves a stage, put together of its bands, and what was measured in it."""
        leaving, means = x.new_empty(0), {}  # type: tuple[Tensor, dict[str, Measured]]
        for rows in self._rows(stage, x):
            y, found = self.backbone.run(stage, rows.seen(x), self.wanted)
            for layer, new in self._means(found, rows, x.shape[2]):
                means[layer] = tuple(map(torch.add, means[layer], new)) if layer in means else new
            if stage[-1].startswith("pool"):
                part, top = rows.of(stage[-1], y)
                if top == 0:
                    leaving = x.new_empty(1, x.shape[2] // 2, y.shape[3], y.shape[1]).permute(0, 3, 1, 2)
                leaving[..., top : top + part.shape[2], :] = part
        return leaving, means

    def up(
        self, stage: Sequence[str], x: Tensor, gradient: Tensor | None, pulls: Mapping[str, Sequence[Tensor]]
    ) -> Tensor:
        """Return the gradient with respect to what enters a stage.

        Args:
            stage: its layers.
            x: what enters it.
            gradient: with respect to what leaves it, if anything does.
            pulls: the gradient with respect to each mean that is measured in it.
        """
        total = torch.zeros_like(x)
        for rows in self._rows(stage, x):
            band = rows.seen(x).detach().requires_grad_(True)
            with torch.enable_grad():
                y, found = self.backbone.run(stage, band, self.wanted)
                ends, pull = [], []  # type: tuple[list[Tensor], list[Tensor]]
                if gradient is not None:
                    part, top = rows.of(stage[-1], y)
                    ends.append(part)
                    pull.append(gradient[..., top : top + part.shape[2], :])
                for layer, means in self._means(found, rows, x.shape[2]):
                    ends += means
                    pull += pulls[layer]
            (below,) = torch.autograd.grad(ends, band, pull)
            for within, seen in rows.pieces(x.shape[2]):
                total[..., within, :] += below[..., seen, :]
        return total

    def _rows(self, stage: Sequence[str], x: Tensor) -> Iterator[_Rows]:
        height, width = x.shape[2:]
        seen = sum(layer.startswith("conv") for layer in stage)
        seen += seen % 2  # so that every band begins at an even row, as the poolings' squares do
        values = width * max(self.backbone.channels[layer] for layer in stage)
        count = max(1, self.bands.values // values // 2) * 2
        tops = range(0, max(1, height - 1), count)  # a last row alone could not be pooled: it goes with those above
        for top in tops:
            bottom = height if top == tops[-1] else top + count
            if self.backbone.padding == "circular":
                yield _Rows(top, bottom, top - seen, bottom + seen)
            else:
                yield _Rows(top, bottom, max(0, top - seen), min(height, bottom + seen))

    def _means(self, found: Mapping[str, Tensor], rows: _Rows, height: int) -> Iterator[tuple[str, Measured]]:
        """Yield by layer what a band adds to the means over all places of a stage that so many rows enter."""
        for layer, of_layer in found.items():
            part, top = rows.of(layer, of_layer)
            share = part.shape[2] / (height // 2 if layer.startswith("pool") else height)
            yield layer, tuple(share * mean for mean in self.measure(layer, part, top))
