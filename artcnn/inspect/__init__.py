"""Look into networks. Each function finds what the command of its name finds, for any network.

>>> import artcnn
>>> artcnn.inspect.saliency("efficientnet-lite0", "cat.jpg")
>>> network = artcnn.inspect.open_module(resnet, size=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
>>> artcnn.inspect.activations(network, "cat.jpg", ["layer2.0.conv1"]).save("maps")

What they return, a ``Finding``, shows itself in a notebook, holds all numbers (``rows``, ``arrays``) and can be saved.

A network is a name or a file, as ``artcnn inspect --model`` takes it, a model that was read, or what
``open_network`` or ``open_module`` returned. A picture is a file, the bytes of one, a Pillow image, an array or
a tensor; networks of sounds and of games take a file of one. Layers have the names that ``layers`` lists. Units are
written ``conv2:7`` or ``conv2:0-11``. A class is its name, a part of it, or its number.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from artcnn.errors import ArtcnnError
from artcnn.inspect.finding import Class, find, find_one, text_of
from artcnn.inspect.inputs import caricature as caricature
from artcnn.inspect.inputs import grid as grid
from artcnn.inspect.inputs import invert as invert
from artcnn.inspect.inputs import maximize as maximize
from artcnn.inspection.answer_methods import Check, Fool, Occlusion, Saliency
from artcnn.inspection.layer_methods import Activations, Convolution, Filters, Layers, Patches
from artcnn.inspection.models import AnyNetwork
from artcnn.inspection.models import open_network as open_network
from artcnn.inspection.options import ADVERSARIAL_STEPS, BACKGROUND, CHECKED_METHODS, CONFIDENCE
from artcnn.inspection.own_networks import load_exported as load_exported
from artcnn.inspection.pictures import find_pictures
from artcnn.inspection.progress import Progress, silent
from artcnn.inspection.writing import annotate
from artcnn.pictures import AnyPicture, as_pixels
from artcnn.reports.results import Finding
from artcnn.visualizers.module_network import open_module as open_module


def layers(network: AnyNetwork) -> Finding:
    """Return a table of the layers: names, shapes, what their units see, and how many weights they have."""
    return find_one(Layers(), network)


def filters(network: AnyNetwork, layer: str | None = None, first: int = 24) -> Finding:
    """Return a layer's kernels as pictures; of a deeper layer their strongest slices.

    Args:
        network: to look into.
        layer: a convolution, or some of its units; the first convolution by default.
        first: of a deeper layer, so many filters where no units are named.
    """
    return find_one(Filters(layer, first), network)


def activations(
    network: AnyNetwork, picture: AnyPicture, layers: Sequence[str] = (), *, size: int | None = None
) -> Finding:
    """Return the maps that layers make of a picture, those with the largest maximum first.

    Args:
        network: to look into.
        picture: what it is shown.
        layers: or some of their units; all convolutions and poolings by default.
        size: longer side of a photo, in pixels, for a network of ours that takes any.
    """
    return find_one(Activations(list(layers), size), network, picture)


def patches(
    network: AnyNetwork, units: str, folder: str | Path | None = None, count: int = 9, per_picture: int = 1
) -> Finding:
    """Return the parts of many pictures that units answer to most: what a unit is for.

    Args:
        network: to look into.
        units: a layer, of which six are taken, or some of its units.
        folder: of pictures; by default those of the package that the network is for.
        count: patches of each unit.
        per_picture: at most so many of one picture.
    """
    return find_one(Patches(units, None if folder is None else Path(folder), count, per_picture), network)


def saliency(
    network: AnyNetwork,
    picture: AnyPicture,
    target: Class | None = None,
    method: str = "backward",
    *,
    layer: str | None = None,
    masks: int | None = None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return which pixels an answer depends on, by several methods.

    Args:
        network: to look into, with classes.
        picture: what it is shown.
        target: the class in question; the network's own answer by default.
        method: gradient, smoothgrad, integrated, guided, gradcam, layercam, lrp-epsilon, lrp-zplus, or all of these,
            which go ``backward``; scorecam, rise, or both, which are the ``masks``; or all.
            Several are written with commas.
        layer: whose maps gradcam, layercam and scorecam weigh; the last that has any by default.
        masks: of rise; 4000 by default, of a photo 1000.
        seed: of the masks.
        on_progress: takes a line every few seconds.
    """
    return find_one(Saliency(text_of(target), method, layer, masks, seed), network, picture, on_progress)


def occlusion(
    network: AnyNetwork,
    picture: AnyPicture,
    target: Class | None = None,
    *,
    window: int | None = None,
    stride: int | None = None,
    fill: str | float = BACKGROUND,
) -> Finding:
    """Return what an answer loses where a square hides the picture.

    Args:
        network: to look into, with classes.
        picture: what it is shown.
        target: the class in question; the network's own answer by default.
        window: side of the square, in pixels.
        stride: pixels from one place to the next.
        fill: what the square shows, as ``artcnn inspect occlusion`` names it, or a level from 0, black, to 1, white.
    """
    return find_one(Occlusion(text_of(target), window, stride, str(fill)), network, picture)


def fool(
    network: AnyNetwork,
    picture: AnyPicture,
    target: Class,
    *,
    confidence: float = CONFIDENCE,
    steps: int = ADVERSARIAL_STEPS,
) -> Finding:
    """Return a small change of a picture that makes a network sure that it is something else.

    Args:
        network: to look into, with classes.
        picture: what it is shown.
        target: the class that it is to be taken for.
        confidence: how probable that is to be, from 0.5 to below 1.
        steps: of the descent.
    """
    if not 0.5 <= confidence < 1:
        raise ArtcnnError(f"confidence {confidence:g}: give a probability from 0.5 to below 1")
    return find_one(Fool(str(target), confidence, steps), network, picture)


def check(
    network: AnyNetwork,
    picture: AnyPicture,
    target: Class | None = None,
    method: str = CHECKED_METHODS,
    *,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return whether the maps of saliency and occlusion depend on what was learned, and name what matters.

    Args:
        network: to look into, with classes.
        picture: what it is shown.
        target: the class in question; the network's own answer by default.
        method: which maps, as ``saliency`` has them; occlusion is always tested.
        seed: of the weights that are drawn anew.
        on_progress: takes a line for each stage of the work.
    """
    return find_one(Check(text_of(target), method, seed), network, picture, on_progress)


def convolution(
    network: AnyNetwork, picture: AnyPicture, unit: int | None = None, *, digits: int = 200
) -> Mapping[str, Finding]:
    """Return what a network's first convolution computes, in parts, by name.

    The parts: example, picture, matrix, moved, shrunken, pooling and shapes, as far as they make sense.

    Args:
        network: to look into.
        picture: what it is shown.
        unit: of the first layer; by default the one with the largest number in its map.
        digits: of MNIST's test set that are shrunk, too, by networks of digits.
    """
    subject, found = find(Convolution(text_of(unit), digits), network, picture)
    return {part: finding if part == "example" else annotate(finding, subject) for part, finding in found.items()}


def pictures(
    named: Mapping[str, AnyPicture], title: str = "", *, columns: int = 6, side: int = 140, shared: bool = True
) -> Finding:
    """Return pictures and maps of your own beside each other, in the colors that all findings have.

    Args:
        named: by caption. A tensor (H, W) is a map of any numbers, and gets a color scale; all else is a picture.
        title: of the sheet.
        columns: in a row.
        side: height of each on the sheet, in pixels.
        shared: whether one scale is for all maps, so that they can be compared.
    """
    return find_pictures(
        {name: as_pixels(one) for name, one in named.items()}, title, columns=columns, side=side, shared=shared
    )
