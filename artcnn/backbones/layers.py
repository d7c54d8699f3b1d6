"""VGG-16 and VGG-19 as data, with the paper's layer names (Simonyan and Zisserman 2014, arXiv:1409.1556).

Importing this module imports no torch, so a misspelled layer is reported at once.
"""

from collections.abc import Collection, Iterable

from artcnn.errors import ArtcnnError, did_you_mean

BLOCKS: dict[str, tuple[tuple[int, ...], ...]] = {
    "vgg16": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
    "vgg19": ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512, 512, 512, 512)),
}
"""Output channels of each 3 x 3 convolution, by block; every block ends in a 2 x 2 pooling."""


DREAM_LAYERS: dict[str, tuple[str, ...]] = {
    "googlenet": ("inception4c",),  # the layer of the first dreams: dogs and pagodas
    "inception_v3": ("Mixed_6a", "Mixed_6c"),
    "resnet50": ("layer3_5",),
    "alexnet": ("features_8", "features_10"),
    "efficientnet-lite0": ("block4_3", "block5_2"),  # waves, and eyes in them
}
"""Default layers of a dream for classifiers: they respond to things, not yet to whole scenes."""


def layer_channels(architecture: str) -> dict[str, int]:
    """Return the layers in order, ``conv1_1, relu1_1, ... pool5``, with their numbers of channels."""
    channels: dict[str, int] = {}
    for block, widths in enumerate(BLOCKS[architecture], start=1):
        for index, width in enumerate(widths, start=1):
            channels[f"conv{block}_{index}"] = width
            channels[f"relu{block}_{index}"] = width
        channels[f"pool{block}"] = widths[-1]
    return channels


def check_layers(network: str, layers: Collection[str], names: Iterable[str]) -> None:
    """Raise an ArtcnnError that names the nearest of a network's layers when one of ``names`` does not exist."""
    for name in names:
        if name not in layers:
            raise ArtcnnError(f"{network} has no layer '{name}'", hint=did_you_mean(name, layers))


def convolution_index(architecture: str) -> dict[str, int]:
    """Return each convolution's index in torchvision's ``features``, which counts every layer."""
    return {layer: index for index, layer in enumerate(layer_channels(architecture)) if layer.startswith("conv")}
