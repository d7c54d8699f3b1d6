"""Convolution: what a convolution computes, and why it is made that way."""

from collections.abc import Callable
from functools import partial

from torch import Tensor

from artcnn.image import fit
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.shapes import find_shapes
from artcnn.inspection.sharing import find_matrix, find_shifted
from artcnn.inspection.shrinking import find_pooling, find_shrunken
from artcnn.inspection.sums import find_example, find_sum
from artcnn.reports.messages import Message, message
from artcnn.reports.results import Finding
from artcnn.visualizers.convolution import run_first_convolution
from artcnn.visualizers.network import Network

_NEAR = 96  # longer side, in pixels, of a photo whose single pixels are to be seen


def find_parts(
    network: Network, picture: Tensor, name: str, unit: int | None = None, digits: int = 0
) -> dict[str, Callable[[], Finding] | Message]:
    """Return what makes each part, by the name of its folder, or why there is none.

    Args:
        network: whose first layer is a convolution.
        picture: shape (1, C, H, W), in [0, 1].
        name: the picture's.
        unit: of the first layer; by default that with the largest number in its map.
        digits: of MNIST's test set that are shrunk, too, where the network reads digits.

    Raises:
        ArtcnnError: the first layer is no convolution.
    """
    convolution = run_first_convolution(network, picture)
    kind = input_kind(network.kind)
    near = fit(picture, _NEAR) if kind.colored else picture
    seen = convolution if near is picture else run_first_convolution(network, near)
    chosen = seen.strongest()[0] if unit is None else unit
    parts: dict[str, Callable[[], Finding] | Message] = {
        "example": find_example,
        "picture": partial(find_sum, network, near, name, seen, chosen),
        "matrix": partial(find_matrix, network, convolution, chosen),
        "moved": partial(find_shifted, network, picture, convolution, chosen),
        "shrunken": partial(find_shrunken, network, picture, digits if reads_digits(network) else 0),
        "pooling": partial(find_pooling, network, convolution, chosen),
        "shapes": partial(find_shapes, network, picture),
    }
    if not network.classes:
        parts["shrunken"] = message("it has no output layer, so no answers to ask about")
    elif kind.no_shrinking:
        parts["shrunken"] = message(kind.no_shrinking)
    return parts


def reads_digits(network: Network) -> bool:
    """Return whether a network reads MNIST's digits."""
    return network.kind == "mnist" and network.input_shape == (1, 28, 28) and network.classes == tuple("0123456789")
