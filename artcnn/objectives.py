"""What a picture is asked to excite, maximised: small frozen models that print, compare, and go to TOML and back.

An objective is a function of a mean over the places of a layer: ``measure`` gives the mean, ``value`` what it is worth.
It is written ``LAYER`` or ``LAYER:CHANNEL``, either with ``=WEIGHT`` behind it: ``relu4_3``, ``conv5_3:200=0.5``. A new
kind of objective is one more class here; no engine changes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationInfo, model_serializer, model_validator

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
        if not isinstance(data, str):
            return data
        match = re.fullmatch(cls.spelling, data.strip())
        if match is None:
            raise ValueError(f"'{data}' is not of the form {cls.form}")
        return {key: value for key, value in match.groupdict().items() if value is not None}

    @model_validator(mode="after")
    def _layer_exists(self, info: ValidationInfo) -> WeightedLayer:
        if info.context is not None and self.layer not in info.context:
            raise ValueError(f"unknown layer '{self.layer}'{did_you_mean(self.layer, info.context)}")
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

    def measure(self, features: Tensor) -> Tensor:
        """Return the mean square of all activations, shape ``()``."""
        return mean_square(features)

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, in the layer's own unit."""
        return (mean + 1e-30).sqrt()  # the gradient is finite at zero, too


class ChannelActivation(WeightedLayer):
    """Mean of one channel (Olah, Mordvintsev and Schubert 2017, "Feature Visualization", the channel objective).

    Before the ReLU (``conv5_3:200``) even a channel that sleeps everywhere has a gradient to follow.
    """

    spelling: ClassVar[str] = r"(?P<layer>\w+):(?P<channel>\d+)(=(?P<weight>[^=]+))?"
    form: ClassVar[str] = "LAYER:CHANNEL or LAYER:CHANNEL=WEIGHT, such as conv5_3:200=0.5"

    channel: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _channel_exists(self, info: ValidationInfo) -> ChannelActivation:
        if info.context is not None and self.channel >= info.context.get(self.layer, 0):
            last = info.context[self.layer] - 1
            raise ValueError(f"layer '{self.layer}' has no channel {self.channel}: choose from 0 to {last}")
        return self

    @property
    def unit(self) -> str:
        """What is looked at, without its weight: ``conv5_3:200``."""
        return f"{self.layer}:{self.channel}"

    def measure(self, features: Tensor) -> Tensor:
        """Return the mean of the channel over the root of the number of channels, shape ``()``."""
        # Differs from the channel objective by a factor: its gradient is as long as a whole layer's, so that a channel
        # and a layer of the same weight pull alike.
        mean: Tensor = at_least_float32(features[:, self.channel]).mean() / features.shape[1] ** 0.5
        return mean

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, in the layer's own unit."""
        return mean


def _kind(data: Any) -> str:  # noqa: ANN401 - pydantic hands over whatever was given
    """Return the tag of the class that an objective's text, table or instance belongs to."""
    if isinstance(data, str):
        return "channel" if ":" in data else "layer"
    return "channel" if "channel" in data or hasattr(data, "channel") else "layer"


Objective = Annotated[
    Annotated[LayerActivation, Tag("layer")] | Annotated[ChannelActivation, Tag("channel")],
    Discriminator(_kind),
]


def mean_square(x: Tensor) -> Tensor:
    """Return the mean square of features, shape ``()``."""
    mean: Tensor = at_least_float32(by_place(x)).square().mean()
    return mean


def by_place(features: Tensor) -> Tensor:
    """Return features, shape (1, C, H, W), as (H * W, C): a view, where channels are last in memory.

    What is computed of it has a gradient in the same order of memory, which convolutions need not put in order first.
    """
    return features.permute(0, 2, 3, 1).flatten(0, 2)


def at_least_float32(x: Tensor) -> Tensor:
    """Return ``x`` in float32 where it is in less: a mean must not be rounded to three digits."""
    return x if x.element_size() >= 4 else x.float()
