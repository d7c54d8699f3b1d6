"""What an engine is to jobs: functions that make, check, judge and estimate the pictures of one type of recipe."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from artcnn.backbones.tiles import TilePlan, TilingPolicy
from artcnn.engines.film import Painter
from artcnn.engines.step import State, Step
from artcnn.image import Size
from artcnn.jobs.inputs import Inputs
from artcnn.recipes import VideoRecipe

Images = Inputs[Any]
"""The inputs of a job, opened: pictures (1, 3, H, W), masks (1, 1, H, W), in [0, 1]; a style's file is still a path."""

Network = Any
"""A network, of the type that its engine takes."""


class Sizes(NamedTuple):
    """The (height, width) of a job's pictures: of what becomes the result, of the styles, and of the guide."""

    photo: Size
    styles: tuple[Size, ...] = ()
    guide: Size | None = None


@dataclass(frozen=True)
class NetworkLoader:
    """Where networks come from. Each function takes the recipe first.

    Attributes:
        resolve: returns the recipe with its precision decided, on a device.
        key: returns what recipes and opened inputs have in common whose network is the same.
        load: returns the network, on a device.
    """

    resolve: Callable[[Any, torch.device], Any]
    key: Callable[[Any, Any], Hashable]
    load: Callable[[Any, Any, torch.device], Network]


@dataclass(frozen=True)
class Costs:
    """What runs take. Each function takes the recipe first, its precision decided.

    Attributes:
        multiplications: returns their number in a run, other work converted into them.
        following_multiplications: returns the number of a film's frame behind the first, of (height, width).
        step_multiplications: returns the number of one step on a picture of (height, width), without tiles.
        fixed_seconds: returns the seconds that do not depend on the speed of multiplications.
        runs: returns which runs are equally fast, in words.
        tiling: returns the fastest way to make a picture of (height, width) in some bytes, or the one that takes least.
        peak_bytes: returns the peak memory of a run whose result has that (height, width).
        bytes_needed: returns the memory of the steps at one size, in one way.
        block_bytes: returns the memory of the largest block that a tile takes; None without tiles.
    """

    multiplications: Callable[[Any, Sizes, TilingPolicy, VideoRecipe | None], float]
    following_multiplications: Callable[[Any, Size], float]
    step_multiplications: Callable[[Any, Size], float]
    fixed_seconds: Callable[[Any, Sizes, VideoRecipe | None], float]
    runs: Callable[[Any], str]
    tiling: Callable[[Any, Size, int, Size | None], TilingPolicy]
    peak_bytes: Callable[[Any, Size, TilingPolicy, Size | None], int]
    bytes_needed: Callable[[Any, Size, TilePlan, Size | None], int]
    block_bytes: Callable[[Any, TilePlan], int | None]


@dataclass(frozen=True)
class Engine:
    """What makes pictures by one type of recipe. Each function takes the recipe and the opened inputs first.

    Attributes:
        sizes: returns the sizes of the pictures, before they are resized.
        check: raises an ArtcnnError, before a network is there, where the inputs do not fit the recipe.
        steps: returns the steps, from the beginning or from a state on; of a zoom film, its frames.
        painter: returns what paints the frames of a clip; None where no clip can be painted.
        evaluate: returns how good a result is, as numbers by name, by group; None where nothing was minimized.
        trial: returns inputs, made of one picture, on which it is measured how fast steps are; None where a run is over
            before.
        value: what a step's value is called; None where it has none.
        networks: where its networks come from.
        costs: what its runs take.
    """

    sizes: Callable[[Any, Any], Sizes]
    check: Callable[[Any, Any], None]
    steps: Callable[[Any, Any, Network, TilingPolicy, State | None, VideoRecipe | None], Iterator[Step]]
    painter: Callable[[Any, Any, Network, TilingPolicy], Painter] | None
    evaluate: Callable[[Any, Any, Network, Tensor], Mapping[str, Mapping[str, float]]] | None
    trial: Callable[[Tensor], Images] | None
    value: str | None
    networks: NetworkLoader
    costs: Costs
