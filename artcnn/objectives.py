"""What a picture is asked to excite, maximised: small frozen models that print, compare, and go to TOML and back.

An objective is a function of a mean over the places of a layer: ``reduce`` gives the mean, ``value`` what it is worth.
It is written ``LAYER``, ``LAYER:CHANNEL``, ``LAYER:CHANNEL+CHANNEL`` or ``LAYER:strong8``, each with ``=WEIGHT`` behind
it or not: ``relu4_3``, ``conv5_3:200=0.5``. A new kind of objective is one more class here; no engine changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

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

from artcnn.errors import did_you_mean

if TYPE_CHECKING:  # recipes are read and checked before the slow import of torch
    from torch import Tensor


class WeightedLayer(BaseModel):
    """A layer and how much it counts, written ``relu4_2`` or ``relu4_2=0.5``.

    Where the validation context is a mapping of layer names to numbers of channels, unknown layers and channels are
    refused.
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
        """What is looked at, without its weight: ``relu4_2``."""
        return self.layer

    @model_serializer
    def __str__(self) -> str:
        """Return the spelling that parses back to this."""
        return self.unit if self.weight == 1 else f"{self.unit}={str(self.weight).removesuffix('.0')}"


class LayerActivation(WeightedLayer):
    """Root mean square of all of a layer's activations; its gradient points along the features themselves.

    Mordvintsev, Olah and Tyka 2015 maximise the sum of squares, which has the same direction; the root makes the
    value grow as the activations do, so that layers can be weighed against each other.
    """

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean square of all activations, shape ``()``."""
        return mean_square(features)

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, in the layer's own unit."""
        return (mean + 1e-30).sqrt()  # the gradient is finite at zero, too


def _check_channel(layer: str, channel: int, info: ValidationInfo) -> None:
    """Refuse a channel that a layer does not have, where it is known how many it has."""
    if info.context is not None and channel >= info.context.get(layer, 0):
        raise ValueError(f"layer '{layer}' has no channel {channel}: choose from 0 to {info.context[layer] - 1}")


def _numbers(data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
    """Return ``"3+17"`` as numbers."""
    return data.split("+") if isinstance(data, str) else data


class ChannelActivation(WeightedLayer):
    """Mean of one channel (Olah, Mordvintsev and Schubert 2017, "Feature Visualization", the channel objective).

    Before the ReLU (``conv5_3:200``) even a channel that sleeps everywhere has a gradient to follow.
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
        """What is looked at, without its weight: ``conv5_3:200``."""
        return f"{self.layer}:{self.channel}"

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean of the channel over the root of the number of channels, shape ``()``."""
        # Differs from the channel objective by a factor: its gradient is as long as a whole layer's, so that a channel
        # and a layer of the same weight pull alike.
        mean: Tensor = at_least_float32(features[:, self.channel]).mean() / features.shape[1] ** 0.5
        return mean

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, in the layer's own unit."""
        return mean


class ChannelsActivation(WeightedLayer):
    """Root mean square of a layer of which only some channels count; of all of them it is :class:`LayerActivation`."""

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
        """What is looked at, without its weight: ``relu4_3:3+17``."""
        return f"{self.layer}:{'+'.join(map(str, self.channels))}"

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean square of all activations, those of other channels taken as zero, shape ``()``."""
        # Over all channels, so that the gradient is as long as a whole layer's, which its square root makes of it.
        squares = at_least_float32(flatten_spatial(features)[:, list(self.channels)]).square()
        return squares.sum() / features.numel()

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, in the layer's own unit."""
        return (mean + 1e-30).sqrt()


class RankedChannels(WeightedLayer):
    """The channels of a layer that a photo excites most or least, to be chosen before there is anything to maximise."""

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
        """What is looked at, without its weight: ``relu4_3:strong8``."""
        return f"{self.layer}:{self.rank}{self.count}"

    def chosen(self, excitement: Tensor) -> ChannelsActivation:
        """Return what to maximise, given how much the photo excites each channel, shape (C,)."""
        order = excitement.argsort(stable=True).tolist()
        silent = int((excitement == 0).sum())
        # Silence cannot be made louder: channels that the photo does not excite at all are the last to be called weak.
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
"""What can be measured and maximised."""

Objective = Annotated[
    Annotated[LayerActivation, Tag("layer")]
    | Annotated[ChannelActivation, Tag("channel")]
    | Annotated[ChannelsActivation, Tag("channels")]
    | Annotated[RankedChannels, Tag("ranked")],
    Discriminator(_kind),
]


def mean_square(x: Tensor) -> Tensor:
    """Return the mean square of features, shape ``()``."""
    mean: Tensor = at_least_float32(flatten_spatial(x)).square().mean()
    return mean


def channel_mean_squares(features: Tensor) -> Tensor:
    """Return the mean square of each channel's excitation, what a ReLU leaves of it, shape (C,)."""
    return at_least_float32(flatten_spatial(features)).clamp_min(0).square().mean(0)


def flatten_spatial(features: Tensor) -> Tensor:
    """Return features, shape (1, C, H, W), as (H * W, C): a view, where channels are last in memory.

    What is computed of it has a gradient in the same order of memory, which convolutions need not put in order first.
    """
    return features.permute(0, 2, 3, 1).flatten(0, 2)


def at_least_float32(x: Tensor) -> Tensor:
    """Return ``x`` in float32 where it is in less: a mean must not be rounded to three digits."""
    return x if x.element_size() >= 4 else x.float()
