"""Class activation maps: where the maps of a layer speak for an output."""

from collections.abc import Callable
from itertools import dropwhile, takewhile

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.errors import ArtcnnError
from artcnn.image import Size, size_of
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import padded_centers, receptive_fields, resample_centered

OnBatch = Callable[[int, int], None]
"""Is told how many of how many pictures have gone through the network."""

_PIXELS_AT_ONCE = 1 << 19
"""Pixels of all pictures together that are run at a time."""


def ignore(done: int, total: int) -> None:
    """Take notice of nothing."""


def activation_layer(network: Network) -> str:
    """Return the last layer with maps, or the ReLU that follows it and its normalization.

    Where each answer is a place of the board, the last layer would say only that: then it is one in the middle.

    Raises:
        ArtcnnError: there is none.
    """
    last, layers = last_map_layer(network), network.map_layers()
    if not network.is_chain:
        return last
    if network.layers[-1].kind == "answer":
        last = layers[len(layers) // 2]
    behind = [*dropwhile(lambda layer: layer.name != last, network.layers)][1:]
    follow = takewhile(lambda layer: layer.kind in ("normalization", "ReLU", "activation"), behind)
    return [last, *(layer.name for layer in follow)][-1]


def resample_maps(network: Network, name: str, found: Tensor, picture: Size, size: Size) -> Tensor:
    """Return maps of a layer, shape (N, C, h, w), over a picture that is drawn at a size: (N, C, *size)."""
    field = receptive_fields(network)[name]
    if field is None:  # a place of it may depend on everything, but it still is most about its own part
        return F.interpolate(found, size, mode="bilinear", align_corners=False)
    count = found.shape[2], found.shape[3]
    return resample_centered(found, padded_centers(count, field.stride, picture), picture, size)


def grad_cam(network: Network, image: Tensor, target: int, name: str | None = None) -> Tensor:
    """Return where the maps of a layer speak for an output: shape (h, w) of that layer, none below 0.

    Selvaraju et al. 2016, arXiv:1610.02391, equations 1 and 2. The layer is by default the last convolution, or block
    of convolutions.

    Raises:
        ArtcnnError: the layer has no maps.
    """
    maps, slope = _maps_and_slope(network, image, target, name or last_map_layer(network))
    return (slope.mean((2, 3), keepdim=True) * maps).sum(1)[0].clamp(min=0)


def layer_cam(network: Network, image: Tensor, target: int, name: str | None = None) -> Tensor:
    """Return where the maps of a layer speak for an output, each place weighted by itself: shape (h, w), none below 0.

    M = ReLU(sum_k ReLU(g_k) A_k), place by place, g_k = dy/dA_k (Jiang et al. 2021, "LayerCAM: Exploring Hierarchical
    Class Activation Maps for Localization", equations 5 to 7). Grad-CAM has one weight for each map, the mean of its
    g_k, which says little where maps are fine: here earlier layers can be asked, too.

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        target: number of the class.
        name: of the layer; :func:`activation_layer` by default.

    Raises:
        ArtcnnError: the layer has no maps.
    """
    maps, slope = _maps_and_slope(network, image, target, name or activation_layer(network))
    return (slope.clamp(min=0) * maps).sum(1)[0].clamp(min=0)


def score_cam(
    network: Network,
    image: Tensor,
    target: int,
    name: str | None = None,
    background: Tensor | None = None,
    on_batch: OnBatch = ignore,
) -> Tensor:
    """Return a layer's maps, each weighted by the answer to what it lets through: shape (h, w), none below 0.

    L = ReLU(sum_k a_k A_k), a_k = p(X * H_k) - p(X_b): the map A_k, scaled to [0, 1] and enlarged, is a mask H_k that
    is laid over the picture; p is the probability of the class (Wang et al. 2020, arXiv:1910.01279, definitions 2 and
    3). There is no gradient in it.

    Differs from the paper: what a mask hides shows ``background``, of which p(X_b) is the probability as well; a map is
    enlarged by what its places see, not stretched; and what is below 0 in a map that no ReLU follows counts as 0. A map
    that is the same everywhere lets nothing through.

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        target: number of the class.
        name: of the layer; :func:`activation_layer` by default.
        background: of the image's shape; black by default.
        on_batch: is told how many of the maps are done.

    Raises:
        ArtcnnError: the layer has no maps.
    """
    layer = name or activation_layer(network)
    hidden = torch.zeros_like(image) if background is None else background
    with torch.no_grad():
        maps = _maps_of(network.run(image, [layer])[layer], network, layer)[0].clamp(min=0)
        low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
        masks = ((maps - low) / torch.where(high > low, high - low, 1.0))[:, None]
        scores = []
        for some in torch.split(masks, max(1, _PIXELS_AT_ONCE // image[0, 0].numel())):
            seen = resample_maps(network, layer, some, size_of(image), size_of(image))
            scores.append(network.logits(hidden + seen * (image - hidden)).softmax(1)[:, target])
            on_batch(sum(map(len, scores)), len(masks))
        weights = torch.cat(scores) - network.logits(hidden).softmax(1)[0, target]
    return (weights.view(-1, 1, 1) * maps).sum(0).clamp(min=0)


def last_map_layer(network: Network) -> str:
    """Return the last convolution, or the last block of them.

    Raises:
        ArtcnnError: there is none.
    """
    layers = network.map_layers()
    if not layers:
        raise ArtcnnError(f"{network.name} has no convolution, so no maps for class activation")
    return layers[-1]


def _maps_and_slope(network: Network, image: Tensor, target: int, name: str) -> tuple[Tensor, Tensor]:
    """Return a layer's maps and the slope of an output along them, each of shape (1, C, h, w)."""
    chosen, last = network.layer(name).name, network.layers[-1].name
    with torch.enable_grad():
        outputs = network.run(image.detach().clone().requires_grad_(), [chosen, last])
        maps = _maps_of(outputs[chosen], network, chosen)
        (slope,) = torch.autograd.grad(outputs[last][:, target].sum(), maps)
    return maps.detach(), slope


def _maps_of(output: Tensor, network: Network, name: str) -> Tensor:
    if output.ndim != 4:
        raise ArtcnnError(f"{name} has no maps", hint=f"choose from {', '.join(network.map_layers())}")
    return output
