"""Objectives: what the network should respond to, maximized by a dream.

>>> from artcnn.objectives import channel, layer
>>> recipe = DreamRecipe(layers=0.5 * channel("conv5_3", 70) + layer("relu5_1"))

An objective is a function of a mean over the places of a layer: ``reduce`` computes the mean, ``value`` the objective.
As text it is ``LAYER``, ``LAYER:CHANNEL``, ``LAYER:CHANNEL+CHANNEL`` or ``LAYER:strong8``, with or without ``=WEIGHT``:
``conv5_3:200=0.5``. A new kind of objective is one more class here; no engine changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from artcnn.errors import ArtcnnError, did_you_mean
from artcnn.spatial import at_least_float32, flatten_spatial, mean_square

if TYPE_CHECKING:  # recipes are read and checked before the slow import of torch
    from torch import Tensor


class WeightedLayer(BaseModel):
    """A layer and its weight, written ``relu4_2`` or ``relu4_2=0.5``.

    If the validation context maps layer names to numbers of channels, unknown layers and channels are refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    spelling: ClassVar[str] = r"(?P<layer>\w+)(=(?P<weight>[^=]+))?"
    form: ClassVar[str] = "LAYER or LAYER=WEIGHT, such as relu4_2=0.5"

    layer: str
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
        if isinstance(data, Mapping | WeightedLayer):
            return data
        if not isinstance(data, str):
            raise ValueError(f"{data!r} is not of the form {cls.form}")
        match = re.fullmatch(cls.spelling, data.strip())
        if match is None:
            raise ValueError(f"'{data}' is not of the form {cls.form}")
        return {key: value for key, value in match.groupdict().items() if value is not None}

    @model_validator(mode="after")
    def _layer_exists(self, info: ValidationInfo) -> WeightedLayer:
        if info.context is not None and self.layer not in info.context:
            raise ValueError(f"unknown layer '{self.layer}': {did_you_mean(self.layer, info.context)}")
        return self

    @property
    def unit(self) -> str:
        """The objective without its weight: ``relu4_2``."""
        return self.layer

    @model_serializer
    def __str__(self) -> str:
        """Return the spelling that parses back to this."""
        return self.unit if self.weight == 1 else f"{self.unit}={str(self.weight).removesuffix('.0')}"

    def __mul__(self, factor: float) -> Self:
        """Return the same with its weight multiplied by a number above 0.

        Raises:
            ArtcnnError: the number is not above 0, or not finite.
        """
        if not isinstance(factor, int | float):
            return NotImplemented
        if not (0 < factor * self.weight < inf):
            raise ArtcnnError(f"{factor} * {self.unit}: the weight of an objective has to be above 0, and finite")
        return self.model_copy(update={"weight": float(factor * self.weight)})

    __rmul__ = __mul__

    def __add__(self, other: WeightedLayer | ObjectiveSum) -> ObjectiveSum:
        """Return the sum of both, as the layers of a recipe take it."""
        return ObjectiveSum((self,)) + other


@dataclass(frozen=True)
class ObjectiveSum:
    """A weighted sum of objectives: ``0.5 * channel("conv5_3", 70) + layer("relu5_1")``.

    It prints as a recipe's ``layers`` is written: ``conv5_3:70=0.5,relu5_1``. A dream divides it by the sum of the
    weights, so a common factor of all terms changes nothing.
    """

    terms: tuple[WeightedLayer, ...]

    def __add__(self, other: WeightedLayer | ObjectiveSum) -> ObjectiveSum:
        """Return the sum of both."""
        if isinstance(other, WeightedLayer):
            return ObjectiveSum((*self.terms, other))
        return ObjectiveSum(self.terms + other.terms) if isinstance(other, ObjectiveSum) else NotImplemented

    def __mul__(self, factor: float) -> ObjectiveSum:
        """Return the sum with each term multiplied by a number above 0."""
        return ObjectiveSum(tuple(term * factor for term in self.terms))

    __rmul__ = __mul__

    def __iter__(self) -> Iterator[WeightedLayer]:
        """Return the terms, in order."""
        return iter(self.terms)

    def __str__(self) -> str:
        """Return the spelling that a recipe's ``layers`` takes."""
        return ",".join(map(str, self.terms))


class LayerActivation(WeightedLayer):
    """Root mean square of all activations of a layer; its gradient points along the features themselves.

    Mordvintsev, Olah and Tyka 2015 maximize the sum of squares, which has a gradient of the same direction. The root
    makes the value proportional to the activations, so that layers can be weighted against each other.
    """

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean square of all activations, shape ``()``."""
        return mean_square(features)

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximize, shape ``()``, in the unit of the layer's activations."""
        return (mean + 1e-30).sqrt()  # the gradient is finite at zero, too


def _check_channel(layer: str, channel: int, info: ValidationInfo) -> None:
    """Check that a layer has a channel, where the validation context says how many it has."""
    if info.context is not None and channel >= info.context.get(layer, 0):
        raise ValueError(f"layer '{layer}' has no channel {channel}: choose from 0 to {info.context[layer] - 1}")


def _numbers(data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
    """Return ``"3+17"`` as numbers."""
    return data.split("+") if isinstance(data, str) else data


class ChannelActivation(WeightedLayer):
    """Mean of one channel (Olah, Mordvintsev and Schubert 2017, "Feature Visualization", the channel objective).

    Before the ReLU (``conv5_3:200``) even a channel that is silent everywhere has a gradient to follow.
    """

    spelling: ClassVar[str] = r"(?P<layer>\w+):(?P<channel>\d+)(=(?P<weight>[^=]+))?"
    form: ClassVar[str] = "LAYER:CHANNEL or LAYER:CHANNEL=WEIGHT, such as conv5_3:200=0.5"

    channel: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _channel_exists(self, info: ValidationInfo) -> ChannelActivation:
        _check_channel(self.layer, self.channel, info)
        return self

    @property
    def unit(self) -> str:
        """The objective without its weight: ``conv5_3:200``."""
        return f"{self.layer}:{self.channel}"

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean of the channel over the root of the number of channels, shape ``()``."""
        # Differs from the paper by a factor: the gradient is as long as a whole layer's, so that a channel and a layer
        # of the same weight pull equally.
        mean: Tensor = at_least_float32(features[:, self.channel]).mean() / features.shape[1] ** 0.5
        return mean

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximize, shape ``()``, in the unit of the layer's activations."""
        return mean


class ChannelsActivation(WeightedLayer):
    """Root mean square of a layer's activations, the other channels taken as zero."""

    spelling: ClassVar[str] = r"(?P<layer>\w+):(?P<channels>\d+(\+\d+)+)(=(?P<weight>[^=]+))?"
    form: ClassVar[str] = "LAYER:CHANNEL+CHANNEL, such as relu4_3:3+17+200=0.5"

    channels: Annotated[tuple[int, ...], BeforeValidator(_numbers), Field(min_length=1)]

    @model_validator(mode="after")
    def _channels_exist(self, info: ValidationInfo) -> ChannelsActivation:
        twice = next((channel for channel in self.channels if self.channels.count(channel) > 1), None)
        if twice is not None:
            raise ValueError(f"channel {twice} of layer '{self.layer}' is named twice")
        _check_channel(self.layer, max(self.channels), info)
        return self

    @property
    def unit(self) -> str:
        """The objective without its weight: ``relu4_3:3+17``."""
        return f"{self.layer}:{'+'.join(map(str, self.channels))}"

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean square of all activations, those of other channels taken as zero, shape ``()``."""
        # Divided by the number of all activations: the root then has a gradient as long as a whole layer's.
        squares = at_least_float32(flatten_spatial(features)[:, list(self.channels)]).square()
        return squares.sum() / features.numel()

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximize, shape ``()``, in the unit of the layer's activations."""
        return (mean + 1e-30).sqrt()


class RankedChannels(WeightedLayer):
    """The channels of a layer that respond most or least to the photo; they are chosen before the first step."""

    spelling: ClassVar[str] = r"(?P<layer>\w+):(?P<rank>strong|weak):?(?P<count>\d+)(=(?P<weight>[^=]+))?"
    form: ClassVar[str] = "LAYER:strongNUMBER or LAYER:weakNUMBER, such as relu4_3:strong8=0.5"

    rank: Literal["strong", "weak"]
    count: int

    @model_validator(mode="after")
    def _so_many_exist(self, info: ValidationInfo) -> RankedChannels:
        if self.count < 1:
            raise ValueError(f"'{self.unit}' chooses no channel: the number is 1 or more")
        if info.context is not None and self.count > info.context.get(self.layer, 0):
            raise ValueError(f"layer '{self.layer}' has {info.context[self.layer]} channels, not {self.count}")
        return self

    @property
    def unit(self) -> str:
        """The objective without its weight: ``relu4_3:strong8``."""
        return f"{self.layer}:{self.rank}{self.count}"

    def select(self, activity: Tensor) -> ChannelsActivation:
        """Return the objective of the chosen channels, given each channel's response to the photo, shape (C,)."""
        order = activity.argsort(stable=True).tolist()
        silent = int((activity == 0).sum())
        # Silent channels have no gradient to follow: they are the last to be called weak.
        weakest_first = order[silent:] + order[:silent]
        channels = order[-self.count :] if self.rank == "strong" else weakest_first[: self.count]
        return ChannelsActivation(layer=self.layer, channels=tuple(sorted(channels)), weight=self.weight)


def _kind(data: Any) -> str:  # noqa: ANN401 - pydantic hands over whatever was given
    """Return the tag of the class that an objective's text, table or instance belongs to."""
    if isinstance(data, str):
        _, colon, channels = data.partition(":")
        if re.match(r"\s*(strong|weak)", channels):
            return "ranked"
        return "channels" if re.match(r"\s*\d+\+", channels) else "channel" if colon else "layer"
    parts = {"channel": "channel", "channels": "channels", "rank": "ranked"}
    has = data.__contains__ if isinstance(data, Mapping) else partial(hasattr, data)
    return next((kind for part, kind in parts.items() if has(part)), "layer")


ResolvedObjective = LayerActivation | ChannelActivation | ChannelsActivation
"""Objectives that can be computed: ranked channels are chosen before."""

Objective = Annotated[
    Annotated[LayerActivation, Tag("layer")]
    | Annotated[ChannelActivation, Tag("channel")]
    | Annotated[ChannelsActivation, Tag("channels")]
    | Annotated[RankedChannels, Tag("ranked")],
    Discriminator(_kind),
]


def layer(name: str) -> LayerActivation:
    """Return the objective of a whole layer: ``layer("relu5_1")``."""
    return LayerActivation(layer=name)


def channel(layer: str, number: int) -> ChannelActivation:
    """Return the objective of one channel, or of a class: ``channel("conv5_3", 70)``, ``channel("class", 483)``."""
    return ChannelActivation(layer=layer, channel=number)


def channels(layer: str, *numbers: int) -> ChannelsActivation:
    """Return the objective of some channels of a layer together: ``channels("relu4_3", 3, 17, 200)``."""
    return ChannelsActivation(layer=layer, channels=numbers)


def strongest(layer: str, count: int) -> RankedChannels:
    """Return the objective of the channels that respond most to the photo: ``strongest("relu4_3", 8)``."""
    return RankedChannels(layer=layer, rank="strong", count=count)


def weakest(layer: str, count: int) -> RankedChannels:
    """Return the objective of the channels that respond least to the photo: ``weakest("relu4_3", 8)``."""
    return RankedChannels(layer=layer, rank="weak", count=count)
