"""Find a class by the name that a user types."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from artcnn.errors import ArtcnnError, did_you_mean, nearest

if TYPE_CHECKING:
    from artcnn.backbones.weights import Weights

_NEAR, _LISTED = 5, 12  # names listed in a message: near ones, and those that match


def find_class(classes: Sequence[str], text: str, of: str) -> int:
    """Return the index of a class by its name, part of its name, its name with more words, or its index.

    ``tabby``, ``Tabby``, ``tabby cat`` and ``281`` are the same class of ImageNet. A match must be unique. Whole names
    take precedence over parts, and whole words over parts of words.

    Args:
        classes: in order.
        text: as typed by the user.
        of: the network's name, for messages.

    Raises:
        ArtcnnError: no class matches (it names the nearest), or several do (it lists them).
    """
    wanted, names = text.strip(), [name.casefold() for name in classes]
    low = wanted.casefold()
    exact = [number for number, name in enumerate(classes) if name == wanted]  # there are a Cardigan and a cardigan
    whole = exact or [number for number, name in enumerate(names) if name == low]
    if not whole and low.isascii() and low.isdigit() and int(low) < len(classes):
        return int(low)
    if not whole and low.lstrip("+-").isdigit():
        raise ArtcnnError(f"{of} has no class '{wanted}': {_all_of(classes)}")
    tries = (
        whole,
        [number for number, name in enumerate(names) if low and _has_words(name, low)],
        [number for number, name in enumerate(names) if _has_words(low, name)],
        [number for number, name in enumerate(names) if low and low in name],
    )
    found = next((numbers for numbers in tries if numbers), [])
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{classes[number]} ({number})" for number in found[:_LISTED])
        more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        raise ArtcnnError(f"'{text}' may be several classes of {of}: {listed}{more}; name one, or its number")
    if len(classes) <= _LISTED:
        raise ArtcnnError(f"{of} has no class '{text}'", hint=did_you_mean(text, classes))
    near = nearest(low, classes, _NEAR)
    raise ArtcnnError(
        f"{of} has no class '{text}'", hint=f"did you mean {' or '.join([', '.join(near[:-1]), near[-1]])}?"
    )


def _all_of(classes: Sequence[str]) -> str:
    if len(classes) <= _LISTED:
        return f"choose from {', '.join(classes)}"
    return f"their numbers are 0 to {len(classes) - 1}"


def class_layers(backbone: str, names: Sequence[str]) -> list[str]:
    """Return the dream layers for classes by name: channels of a classifier's last layer, ``class:281``.

    Raises:
        ArtcnnError: there is no such class, or the network is not a classifier.
    """
    from artcnn.backbones.weights import WEIGHTS, find, imagenet_classes, location

    if backbone in WEIGHTS:
        _check_classifier(WEIGHTS[backbone])
        location(WEIGHTS[backbone])  # raises early if its extra is missing
    layers = [f"class:{find_class(imagenet_classes(), name, backbone)}" for name in names]
    _check_classifier(find(backbone))  # last, because for torchvision's networks it imports torch
    return layers


def _check_classifier(weights: "Weights") -> None:
    from artcnn.backbones.layers import BLOCKS

    if weights.architecture in BLOCKS:
        raise ArtcnnError(f"{weights.name} has no classes", hint="use --backbone efficientnet-lite0, or leave it out")


def _has_words(text: str, words: str) -> bool:
    """Return whether a text contains the words, in sequence."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
