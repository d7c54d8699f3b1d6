"""VGG-16 and VGG-19 as data, with the paper's layer names (Simonyan and Zisserman 2014, arXiv:1409.1556).

Importing this module imports no torch: a misspelt layer is answered at once.
"""

from collections.abc import Collection, Iterable

from artcnn.errors import ArtcnnError, did_you_mean

BLOCKS: dict[str, tuple[tuple[int, ...], ...]] = {
    "vgg16": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
    "vgg19": ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512, 512, 512, 512)),
}
"""Output channels of each 3 x 3 convolution, block by block; every block ends in a 2 x 2 pooling."""


DREAM_LAYERS: dict[str, tuple[str, ...]] = {
    "googlenet": ("inception4c",),  # the one of the first dreams, with dogs and pagodas
    "inception_v3": ("Mixed_6a", "Mixed_6c"),
    "resnet50": ("layer3_5",),
    "alexnet": ("features_8", "features_10"),
    "efficientnet-lite0": ("block4_3", "block5_2"),  # waves, and eyes in them
}
"""What a dream excites in a network that is no VGG where nothing else is asked for: things, not yet whole scenes."""


def layer_channels(architecture: str) -> dict[str, int]:
    """Return every layer's name in order, ``conv1_1, relu1_1, ... pool5``, with its number of channels."""
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
    """Return each convolution's place in torchvision's ``features``, where every layer counts as one."""
    return {layer: index for index, layer in enumerate(layer_channels(architecture)) if layer.startswith("conv")}
