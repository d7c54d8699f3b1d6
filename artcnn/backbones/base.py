"""Backbones: frozen networks that return the features of named layers, a VGG or an ImageNet classifier."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from artcnn.backbones.classifier_backbone import load_classifier_backbone
from artcnn.backbones.convolution import Padding, Pooling
from artcnn.backbones.layers import BLOCKS
from artcnn.backbones.precision import Precision, fastest
from artcnn.backbones.vgg import load_vgg
from artcnn.backbones.weights import find
from artcnn.errors import ArtcnnError
from artcnn.recipes import BackboneRecipe

AnyRecipe = TypeVar("AnyRecipe", bound=BackboneRecipe)


class Backbone(Protocol):
    """What the engines need of a network."""

    @property
    def name(self) -> str:
        """Name of its weights."""

    @property
    def pooling(self) -> Pooling:
        """How it halves its maps."""

    @property
    def padding(self) -> Padding:
        """What its convolutions see beyond the picture's edge."""

    @property
    def channels(self) -> Mapping[str, int]:
        """The layers in order, with their numbers of channels."""

    @property
    def dtype(self) -> torch.dtype:
        """Type that it computes in, and of its features."""

    def features(self, image: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the features of the named layers, (1, C, h, w), of an image (1, 3, H, W), sRGB in [0, 1]."""

    def size_at(self, layer: str, size: tuple[int, int]) -> tuple[int, int]:
        """Return the (height, width) of a layer's maps for a picture of (height, width) pixels."""


def check_vgg_options(name: str, pooling: Pooling, padding: Padding) -> None:
    """Raise an ArtcnnError for options that only a VGG has."""
    if pooling != "max":
        raise ArtcnnError(f"pooling can be changed only for a VGG, and {name} is none")
    if padding == "circular":
        raise ArtcnnError(f"padding can be circular only for a VGG, and {name} is none")


def load_backbone(recipe: BackboneRecipe, device: torch.device | str = "cpu") -> Backbone:
    """Return the pretrained network that a recipe asks for, downloading its weights where they are not there yet.

    A precision of ``"auto"`` is the fastest on this machine, as on the command line.

    Args:
        recipe: its backbone, pooling, padding and precision count.
        device: where the pictures will be.

    Raises:
        WeightsError: the name is unknown, or its file missing, damaged or not to be had.
        ArtcnnError: the network cannot have that pooling or padding.
    """
    recipe = resolve_precision(recipe, torch.device(device))
    assert recipe.precision != "auto"  # noqa: S101 - it is resolved
    return load_pretrained(
        recipe.backbone, pooling=recipe.pooling, padding=recipe.padding, precision=recipe.precision, device=device
    )


def resolve_precision(recipe: AnyRecipe, device: torch.device) -> AnyRecipe:
    """Return the recipe with the fastest precision on this machine in place of ``"auto"``."""
    if recipe.precision != "auto":
        return recipe
    # In bfloat16 ResNet-50 takes three fifths of the time, GoogLeNet the same, and EfficientNet many times as long.
    precision = fastest(device) if find(recipe.backbone).architecture in BLOCKS else "float32"
    return recipe.model_copy(update={"precision": precision})


def check_backbone(backbone: Backbone, recipe: BackboneRecipe) -> None:
    """Check that a network is the one that a recipe asks for.

    Raises:
        ArtcnnError: it is another one, or it has another pooling, padding or precision.
    """
    pairs = {
        "backbone": (backbone.name, recipe.backbone),
        "pooling": (backbone.pooling, recipe.pooling),
        "padding": (backbone.padding, recipe.padding),
    }
    if recipe.precision != "auto":
        pairs["precision"] = (str(backbone.dtype).removeprefix("torch."), recipe.precision)
    for name, (found, wanted) in pairs.items():
        if found != wanted:
            raise ArtcnnError(
                f"the recipe asks for {name} {wanted!r} and the network has {found!r}: "
                "load it with artcnn.load_backbone(recipe)"
            )


def load_pretrained(
    name: str = "vgg16",
    *,
    pooling: Pooling = "max",
    padding: Padding = "zeros",
    precision: Precision = "float32",
    device: torch.device | str = "cpu",
) -> Backbone:
    """Return the network with pretrained weights of this name; download them if they are not cached.

    Raises:
        WeightsError: the name is unknown, or the file is missing, damaged or cannot be downloaded, or the network takes
            one input size only.
        ArtcnnError: only a VGG has such a pooling or padding.
    """
    if find(name).architecture in BLOCKS:
        return load_vgg(name, pooling=pooling, padding=padding, precision=precision, device=device)
    check_vgg_options(name, pooling, padding)
    return load_classifier_backbone(name, padding=padding, precision=precision, device=device)
