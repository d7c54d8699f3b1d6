"""Units and classes by the names that people write."""

from math import isfinite
from typing import TYPE_CHECKING

from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.visualizers.network import Network


def resolve_units(network: "Network", text: str, default: int | None = None) -> tuple[str, list[int]]:
    """Return the layer and the units of ``LAYER``, ``LAYER:3`` or ``LAYER:0-11``.

    Args:
        network: whose layer it is.
        text: what was written.
        default: without units, return the first so many of the layer; None for all.


    Raises:
        ArtcnnError: it names none.
    """
    from artcnn.inspection.outline import parse_units

    name, low, high = parse_units(text)
    count = network.shapes()[network.layer(name).name][0]
    if low is None or high is None:
        return name, list(range(count))[:default]
    network.check_units(name, (low, high))
    return name, list(range(low, high + 1))


def resolve_class(network: "Network", text: str) -> int:
    """Return the number of a class by its name, a part of it, or that number.

    Raises:
        ArtcnnError: there is none of that name, or several, or the network has no classes.
    """
    from artcnn.backbones.class_names import find_class

    network.check_classes()
    return find_class(network.classes, text, network.name)


def split_terms(text: str) -> "list[tuple[str, float]]":
    """Return the parts of a sum, ``conv2:7+conv2:9=-0.5``, each with its weight, 1 where none is written.

    Raises:
        ArtcnnError: a weight is no number, or 0.
    """
    terms = []
    for part in text.split("+"):
        name, given, number = part.partition("=")
        try:
            weight = float(number) if given else 1.0
        except ValueError:
            weight = 0.0
        if not name or not isfinite(weight) or weight == 0:
            raise ArtcnnError(f"'{text}'", hint="write a sum as conv2:7+conv2:9, with weights as conv2:7+conv2:9=-0.5")
        terms.append((name, weight))
    return terms
