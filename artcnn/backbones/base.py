"""Any frozen network whose layers are asked for by name: a VGG, or a classifier of photographs."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.classifier_backbone import load_classifier_backbone
from artcnn.backbones.convolution import Padding, Pooling
from artcnn.backbones.layers import BLOCKS
from artcnn.backbones.precision import Precision
from artcnn.backbones.vgg import load_vgg
from artcnn.backbones.weights import find
from artcnn.errors import ArtcnnError


class Backbone(Protocol):
    """What engines need of a network."""

    @property
    def name(self) -> str:
        """What its weights are called."""

    @property
    def channels(self) -> Mapping[str, int]:
        """Every layer's name in order, with its number of channels."""

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in, and its features are of."""

    def features(self, image: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the named layers' outputs, (1, C, h, w), for an image (1, 3, H, W), sRGB in [0, 1]."""

    def size_at(self, layer: str, size: tuple[int, int]) -> tuple[int, int]:
        """Return the (height, width) of a layer's maps of a picture of (height, width) pixels."""


def check_vgg_options(name: str, pooling: Pooling, padding: Padding) -> None:
    """Raise an ArtcnnError where a network that is no VGG, of that name, is to be what only a VGG can be."""
    if pooling != "max":
        raise ArtcnnError(f"pooling: only a VGG's can be changed, and {name} is none")
    if padding == "circular":
        raise ArtcnnError(f"padding: only a VGG's pictures close to a ring, and {name} is none")


def load_backbone(
    name: str = "vgg16",
    *,
    pooling: Pooling = "max",
    padding: Padding = "zeros",
    precision: Precision = "float32",
    device: torch.device | str = "cpu",
) -> Backbone:
    """Return the network with the pretrained weights of that name, downloading them where they are not there yet.

    Raises:
        WeightsError: the name is unknown, or its file missing, damaged or not to be had.
        ArtcnnError: its poolings cannot be changed, or it takes pictures of a single size.
    """
    if find(name).architecture in BLOCKS:
        return load_vgg(name, pooling=pooling, padding=padding, precision=precision, device=device)
    check_vgg_options(name, pooling, padding)
    return load_classifier_backbone(name, padding=padding, precision=precision, device=device)
