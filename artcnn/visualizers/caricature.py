"""Caricatures: a picture in which what a layer sees in another is exaggerated."""

from collections.abc import Iterator

import torch
from torch import Tensor

from artcnn.visualizers.combined_objectives import direction_objective
from artcnn.visualizers.maximize import (
    FourierImage,
    MaximizeConfig,
    MaximizeStep,
    ParametrizedImage,
    PixelImage,
    before_relu,
    maximize,
)
from artcnn.visualizers.network import Network

PHOTO = MaximizeConfig(steps=96, learning_rate=0.05, max_shift=4, max_rotation=2, max_scaling=0.05, fourier=True)
"""For photos: drawn as a spectrum, moved a little together with the original."""

INK = MaximizeConfig(steps=200, learning_rate=0.05, l1=0.2, tv=0.2)
"""For digits and spectrograms: ink that gains too little is not drawn."""


class _Beside:
    """A picture that is drawn, and one that stays: random transforms move both alike."""

    def __init__(self, drawn: ParametrizedImage, original: Tensor) -> None:
        self._drawn, self._original = drawn, original
        self.parameters = drawn.parameters

    def inputs(self) -> Tensor:
        return torch.cat([self._drawn.inputs(), self._original])


def draw_caricature(
    network: Network, image: Tensor, name: str, config: MaximizeConfig, seed: int = 0
) -> Iterator[MaximizeStep]:
    """Yield the start and each step of an ascent along what a layer gives for an image; inputs are then (2, C, H, W).

    The first of them is drawn, the second is the image. What is made large is a * w / |w|^2: how far the layer's output
    a goes in the direction of w, what it gives for the image at all of its places (the objective of lucid's caricatures
    with a cosine's power of 0). A feature inversion wants a = w; here a may go farther: the same, and more of it.

    Args:
        network: which stays as it is.
        image: shape (1, C, H, W), in [0, 1].
        name: of the layer; of a ReLU, what is drawn is compared before it, where it always has a gradient.
        config: of the ascent.
        seed: of the start and the random transforms.

    Raises:
        ArtcnnError: there is no such layer.
    """
    layer, source = network.layer(name).name, before_relu(network, name)
    shape = image.shape[0], image.shape[1], image.shape[2], image.shape[3]
    drawn = FourierImage(shape, seed, config.decay) if config.fourier else PixelImage(shape, seed)

    def values(inputs: Tensor) -> Tensor:
        outputs = network.run(inputs, {layer, source})
        wanted = outputs[layer][1:].detach()
        if outputs[source].shape != outputs[layer].shape:  # a pooling has fewer places than what it pools
            wanted = outputs[source][1:].detach()
        found = direction_objective(lambda _: outputs[source][:1], wanted, power=0)(inputs)
        return torch.cat([found, torch.zeros_like(found)])

    return maximize(_Beside(drawn, image), values, config, seed)
