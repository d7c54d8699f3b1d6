"""Activation grids: for each place of a picture, what the activations there want to see."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.errors import ArtcnnError
from artcnn.visualizers.class_activation import OnBatch, ignore
from artcnn.visualizers.combined_objectives import alignment, direction_objective
from artcnn.visualizers.maximize import FourierImage, MaximizeConfig, PixelImage, before_relu, maximize
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import receptive_fields

PHOTO = MaximizeConfig(steps=64, learning_rate=0.05, max_shift=4, max_rotation=5, max_scaling=0.1, fourier=True)
"""For photos."""

INK = MaximizeConfig(steps=60, learning_rate=0.1, l1=0.1, tv=0.3)
"""For digits and spectrograms."""

_STRIDES = 4
"""A place of a photo is drawn on so many strides of its layer each way: more of its receptive field says little."""

_PIXELS_AT_ONCE = 1 << 18
"""Pixels of all pictures that are drawn together."""


@dataclass(frozen=True, eq=False)
class ActivationGrid:
    """What the places of a picture want to see.

    Attributes:
        vectors: the layer's activations at each place, or their mean over several, shape (rows, columns, units).
        pictures: for each place, shape (rows, columns, C, side, side), in [0, 1].
        cosine: between what the layer gives for each of them and the vector, shape (rows, columns).
    """

    vectors: Tensor
    pictures: Tensor
    cosine: Tensor


def place_vectors(maps: Tensor, cells: int) -> Tensor:
    """Return the units' values at each place of maps (1, C, h, w), at most so many each way: (rows, columns, C).

    Where there are more places, those that lie together are one, by their mean.
    """
    size = min(cells, maps.shape[2]), min(cells, maps.shape[3])
    return F.adaptive_avg_pool2d(maps, size)[0].permute(1, 2, 0)


def cell_side(network: Network, name: str) -> int:
    """Return height and width of the pictures for a layer's places: what one sees, or a few strides of it.

    Raises:
        ArtcnnError: each place of the layer sees all, or the network takes no small pictures.
    """
    field = receptive_fields(network)[network.layer(name).name]
    if field is None or len(network.shapes()[name]) != 3:
        raise ArtcnnError(f"{name} has no places that see a part of the picture", hint="choose an earlier layer")
    side = min(max(field.size), max(32, _STRIDES * max(field.stride)))
    try:
        with torch.no_grad():
            network.run(torch.zeros(1, network.input_shape[0], side, side), [name])
    except (RuntimeError, AssertionError, ValueError) as error:  # of a module of any kind
        raise ArtcnnError(f"{network.name} takes pictures of one size only, and not of {side} pixels") from error
    return side


def draw_grid(
    network: Network,
    image: Tensor,
    name: str,
    cells: int,
    config: MaximizeConfig,
    seed: int = 0,
    on_batch: OnBatch = ignore,
) -> ActivationGrid:
    """Return what each place of a layer's maps of an image wants to see.

    For each place, whose units give the vector v, a small picture is drawn for which the units in the middle go as far
    as they can along v: a * v / |v|^2 cos(a, v)  (Olah et al. 2018, "The Building Blocks of Interpretability", section
    "What Does the Network See?"). All units count together, as strongly as they do in the image.

    Args:
        network: which stays as it is.
        image: shape (1, C, H, W), in [0, 1].
        name: of the layer; of a ReLU, what is drawn is compared before it, where it always has a gradient.
        cells: at most so many places each way.
        config: of the ascents.
        seed: of the start and the random transforms.
        on_batch: is told how many of the places are done.

    Raises:
        ArtcnnError: there is no such layer, it has no places, or the network takes no small pictures.
    """
    side, source = cell_side(network, name), before_relu(network, name)
    with torch.no_grad():
        vectors = place_vectors(network.run(image, [name])[name], cells)
    wanted = vectors.flatten(0, 1)
    drawn, cosines = list[Tensor](), list[Tensor]()
    for some in torch.split(wanted, max(1, _PIXELS_AT_ONCE // side**2)):
        shape = len(some), image.shape[1], side, side
        picture = FourierImage(shape, seed, config.decay) if config.fourier else PixelImage(shape, seed)
        objective = direction_objective(lambda inputs: _middle(network, source, inputs), some)
        *_, last = maximize(picture, objective, config, seed)
        with torch.no_grad():
            cosines.append(alignment(_middle(network, name, last.inputs), some)[1])
        drawn.append(last.inputs)
        on_batch(sum(map(len, drawn)), len(wanted))
    rows, columns = vectors.shape[:2]
    pictures = torch.cat(drawn)
    return ActivationGrid(
        vectors, pictures.view(rows, columns, *pictures.shape[1:]), torch.cat(cosines).view(rows, columns)
    )


def _middle(network: Network, name: str, inputs: Tensor) -> Tensor:
    """Return the units of a layer in the middle of its maps: shape (N, units)."""
    maps = network.run(inputs, [name])[name]
    return maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2]
