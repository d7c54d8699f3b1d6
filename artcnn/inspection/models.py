"""Find a network by its name or its file, and open it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Union

from artcnn.errors import ArtcnnError, ModelError, nearest
from artcnn.inspection.own_networks import OwnSettings, is_own, open_own

if TYPE_CHECKING:
    from artcnn.backbones.weights import Weights
    from artcnn.files.model import Model
    from artcnn.visualizers.network import Network

AnyNetwork = Union[str, Path, "Model", "Network"]
"""A name or a file, as ``artcnn inspect --model`` takes it; a model that was read; or a network that was opened."""

_ALIASES = {"mnist": "mnist-lecture"}


def locate_model(name: str) -> Path:
    """Return the file of the network of that name, before anything slow.

    Raises:
        ArtcnnError: there is no such network.
    """
    from artcnn.backbones.weights import WEIGHTS, classifiers, find_torchvision, location
    from artcnn.files.model_registry import bundled_models, find_model

    if name in WEIGHTS:
        return location(WEIGHTS[name])
    own = _ALIASES.get(name, name)
    if own in bundled_models() or Path(name).is_file():
        return find_model(own)
    if (weights := find_torchvision(name)) is not None:
        return location(weights)
    shorter = [known for known in (*bundled_models(), *WEIGHTS) if known.startswith(name.casefold())]
    names = [*bundled_models(), *WEIGHTS, *classifiers()]
    if near := shorter[:1] or nearest(name, names, 2, 0.8) or nearest(name, names, 1, 0.6):
        meant = " or ".join(f"'{known}'" for known in near)
        raise ModelError(f"no network and no model file {name}", hint=f"did you mean {meant}?")
    return find_model(own, WEIGHTS)


def _pretrained(name: str) -> "Weights | None":
    """Return the pretrained weights of that name; None for what was trained here."""
    from artcnn.backbones.weights import WEIGHTS, find_torchvision
    from artcnn.files.model_registry import bundled_models

    if name in WEIGHTS:
        return WEIGHTS[name]
    if _ALIASES.get(name, name) in bundled_models() or Path(name).is_file():
        return None
    return find_torchvision(name)


def open_network(network: AnyNetwork, size: int = 224) -> "Network":
    """Return a network to look into; opened once, it need not be opened for every look.

    Args:
        network: what it is called, where it is, or what it is.
        size: height and width of the picture that a network without classes is thought to see.

    Raises:
        ArtcnnError: there is no such network.
    """
    from torch.nn import Module

    from artcnn.files.model import Model
    from artcnn.visualizers.network import Network

    if isinstance(network, Network):
        return network
    if isinstance(network, Model):
        return open_trained(network, size)
    if isinstance(network, Module):
        example = "artcnn.inspect.open_module(module, 224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))"
        raise ArtcnnError(
            f"{type(network).__name__}: say how it takes pictures, as torchvision's networks", hint=example
        )
    return open_model(str(network), size)


def open_model(name: str, side: int = 224, settings: OwnSettings | None = None) -> "Network":
    """Return the network of that name, or in that file.

    Args:
        name: as ``--model`` takes it.
        side: height and width of the picture that a network without answers is thought to see.
        settings: what is said of a network of the user's own.
    """
    if is_own(name):
        return open_own(name, settings or OwnSettings())
    from artcnn.backbones.layers import BLOCKS
    from artcnn.visualizers.network import open_backbone

    weights = _pretrained(name)
    if weights is not None and weights.architecture in BLOCKS:
        from artcnn.backbones.vgg import load_vgg

        return open_backbone(load_vgg(name), side)
    if weights is not None:
        return _open_pretrained(weights)
    from artcnn.files.model import read_model

    return open_trained(read_model(_ALIASES.get(name, name)), side)


def _open_pretrained(weights: "Weights") -> "Network":
    """Return a pretrained classifier: as a chain of layers where it is one, else by its own forward."""
    from artcnn.backbones.classifier import Classifier, load_model, to_sequential
    from artcnn.backbones.weights import imagenet_classes
    from artcnn.visualizers.module_network import open_module
    from artcnn.visualizers.network import open_classifier

    model, classes = load_model(weights), imagenet_classes()
    chain = to_sequential(model, weights)
    if chain is not None:
        return open_classifier(Classifier(chain, weights, classes))
    return open_module(model, weights.side, mean=weights.mean, std=weights.std, classes=classes, name=weights.name)


def open_trained(model: "Model", side: int = 224) -> "Network":
    """Return the network of a model that artcnn trained.

    Args:
        model: from its file.
        side: height and width of the picture that a network without answers is thought to see.

    Raises:
        ModelError: the network is no chain of layers.
    """
    from torch.nn import Sequential

    from artcnn.nets.kinds import input_shape
    from artcnn.training_recipes import FirstLayerRecipe, GoRecipe
    from artcnn.visualizers.network import open_sequential

    recipe, classes, kind = model.card.train_recipe(), model.card.classes, model.card.kind
    if kind == "instant" or not isinstance(model.network, Sequential):
        raise ModelError(f"{model.path} paints pictures: inspect looks into networks whose layers are a chain")
    shape, data = input_shape(recipe), model.card.data
    if isinstance(recipe, FirstLayerRecipe):
        network = open_sequential(model.path.stem, model.network, (3, side, side), classes)
        return replace(network, data=data, teacher=recipe.teacher)
    network = open_sequential(model.path.stem, model.network, shape, classes, None if kind == "features" else kind)
    if not isinstance(recipe, GoRecipe):
        return replace(network, data=data)
    from artcnn.datasets.go.planes import NAMES

    return replace(network, data=data, planes=NAMES[recipe.planes])
