"""Functions that draw inputs: what units want to see, what a layer knows of a picture, and what it sees in it."""

from collections.abc import Sequence

from artcnn.errors import ArtcnnError
from artcnn.inspect.finding import Class, find_one
from artcnn.inspection.input_methods import Caricature, Grid, Invert
from artcnn.inspection.maximize_method import Maximize
from artcnn.inspection.models import AnyNetwork, open_network
from artcnn.inspection.progress import Progress, silent
from artcnn.pictures import AnyPicture
from artcnn.reports.results import Finding


def maximize(
    network: AnyNetwork,
    units: str | None = None,
    *,
    target: Class | None = None,
    diversity: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return the pictures that units, or a class, want to see: gradient ascent on the picture.

    Args:
        network: to look into.
        units: a layer, of which twelve are taken, or some of its units; or a sum, such as ``conv2:7+conv2:9=-0.5``.
        target: the class, where its answer is to be made large; or a sum of classes.
        diversity: so many pictures of each, as different as can be.
        steps: of the ascent.
        seed: of the start and the random moves.
        on_progress: takes a line for each stage of the work.
    """
    if (units is None) == (target is None):
        raise ArtcnnError("maximize: give units, such as 'conv2:7', or the target, such as 'cat'")
    if units is None:
        return find_one(Maximize("class", str(target), diversity, steps, seed), network, on_progress=on_progress)
    opened = open_network(network, Maximize.side)
    layer = opened.layer(units.partition(":")[0]).name
    what = "conv" if len(opened.shapes()[layer]) == 3 else "fc"
    return find_one(Maximize(what, units, diversity, steps, seed), opened, on_progress=on_progress)


def invert(
    network: AnyNetwork,
    picture: AnyPicture,
    layers: str | Sequence[str],
    *,
    size: int | None = None,
    steps: int = 300,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return a picture rebuilt from what each of some layers alone knows of it.

    Args:
        network: to look into.
        picture: what it is shown.
        layers: one or more.
        size: longer side of a photo, in pixels, for a network of ours that takes any.
        steps: of the descent.
        seed: of the start.
        on_progress: takes a line for each stage of the work.
    """
    names = [layers] if isinstance(layers, str) else list(layers)
    return find_one(Invert(names, size, steps, seed), network, picture, on_progress)


def caricature(
    network: AnyNetwork,
    picture: AnyPicture,
    layers: str | Sequence[str],
    *,
    size: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return a picture, and for each of some layers one that exaggerates what the layer sees in it.

    Args:
        network: to look into.
        picture: what it is shown.
        layers: one or more.
        size: longer side of a photo, in pixels, for a network of ours that takes any.
        steps: of the ascent.
        seed: of the start and the random moves.
        on_progress: takes a line for each stage of the work.
    """
    names = [layers] if isinstance(layers, str) else list(layers)
    return find_one(Caricature(names, size, steps, seed), network, picture, on_progress)


def grid(
    network: AnyNetwork,
    picture: AnyPicture,
    layer: str,
    *,
    cells: int | None = None,
    size: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return a picture, and what a layer's activations at each of its places want to see.

    Args:
        network: to look into.
        picture: what it is shown.
        layer: whose activations.
        cells: at most so many places each way; 12 by default, of a photo 7.
        size: longer side of a photo, in pixels, for a network of ours that takes any.
        steps: of the ascents.
        seed: of the start and the random moves.
        on_progress: takes a line every few seconds.
    """
    return find_one(Grid(layer, cells, size, steps, seed), network, picture, on_progress)
