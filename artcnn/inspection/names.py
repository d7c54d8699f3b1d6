"""Units and classes by the names that people write."""

from typing import TYPE_CHECKING

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
