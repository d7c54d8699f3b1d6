"""``--model``: which network a command looks into, and what it is shown."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.network import Network

ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FILE",
        help="mnist-lecture, mnist-best, speech-digits, a file of 'mnist train' or 'speech train', or vgg16 ...",
    ),
]
DigitPicture = Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture of a digit, or a recording of a word.")]
AnyPicture = Annotated[
    Path,
    typer.Argument(metavar="IMAGE", help="A picture of a digit, a recording of a word, or a photo for a backbone."),
]
Answer = Annotated[
    str | None, typer.Option("--class", metavar="CLASS", help="The answer in question [default: the network's].")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="A new folder for sheet, numbers and settings."),
]

_SHORT = {"mnist": "mnist-lecture"}


def find(name: str) -> Path:
    """Return the file of the network of that name, before anything slow.

    Raises:
        ArtcnnError: there is no such network.
    """
    from artcnn.backbones.weights import WEIGHTS, location
    from artcnn.media.trained import find_model

    return location(WEIGHTS[name]) if name in WEIGHTS else find_model(_SHORT.get(name, name), WEIGHTS)


def open_model(name: str, side: int = 224) -> "Network":
    """Return the network of that name, or in that file.

    Args:
        name: as ``--model`` takes it.
        side: height and width of the picture that a pretrained backbone is thought to see.
    """
    from artcnn.backbones.weights import WEIGHTS
    from artcnn.inspect.network import open_backbone, open_sequential

    if name in WEIGHTS:
        from artcnn.backbones.vgg import load_backbone

        return open_backbone(load_backbone(name), side)
    from artcnn.media.model import read_model
    from artcnn.nets.kinds import INPUT_SHAPES

    model = read_model(_SHORT.get(name, name))
    return open_sequential(model.path.stem, model.network, INPUT_SHAPES[model.card.kind], model.card.classes)


def check_input(image: Path) -> None:
    """Check, before the slow work, that a file is a picture or, by the ending of its name, a recording.

    Raises:
        ArtcnnError: it cannot be read.
    """
    from artcnn.media.open import SMALLEST_DIGIT, check_picture
    from artcnn.media.sound import SUFFIXES, check_sound

    if image.suffix.lower() in SUFFIXES:
        check_sound(image)
    else:
        check_picture(image, SMALLEST_DIGIT)


def hears(network: "Network") -> bool:
    """Return whether what a network takes is a spectrogram."""
    from artcnn.nets.kinds import INPUT_SHAPES

    return network.input_shape == INPUT_SHAPES["speech"]


def example(network: "Network") -> str:
    """Return a name for what a network is shown."""
    return "word.wav" if hears(network) else "digit.jpg" if network.input_shape[0] == 1 else "photo.jpg"


def read_input(network: "Network", image: Path, size: int) -> "Tensor":
    """Return a file as a network takes it.

    A word's spectrogram, a digit cut out and centred, or a photo with its longer side ``size``.
    """
    if hears(network):
        from artcnn.media.sound import read_word

        return read_word(image).spectrogram
    if network.input_shape[0] == 1:
        from artcnn.media.handwriting import read_digit

        return read_digit(image).digit
    from artcnn.image import fit
    from artcnn.media.read import read_picture

    return fit(read_picture(image).pixels, size)


def units_of(network: "Network", text: str, default: int) -> tuple[str, list[int]]:
    """Return the layer and the units that ``LAYER``, ``LAYER:3`` or ``LAYER:0-11`` names; the first few of a layer.

    Raises:
        ArtcnnError: it names none.
    """
    name, colon, part = text.partition(":")
    count = network.shapes()[network.layer(name).name][0]
    if not colon:
        return name, list(range(min(default, count)))
    first, _, last = part.partition("-")
    if not (first.isascii() and first.isdigit() and (not last or (last.isascii() and last.isdigit()))):
        raise ArtcnnError(f"'{text}': write a unit as {name}:3, several as {name}:0-11")
    low, high = int(first), int(last or first)
    if not low <= high < count:
        raise ArtcnnError(f"{network.name} has no unit {name}:{part}: its units are 0 to {count - 1}")
    return name, list(range(low, high + 1))


def class_of(network: "Network", text: str) -> int:
    """Return the number of a class by its name.

    Raises:
        ArtcnnError: there is none of that name, or the network has no classes.
    """
    from artcnn.errors import did_you_mean

    if not network.classes:
        raise ArtcnnError(f"{network.name} has no output layer, so no classes: use --model mnist-lecture or mnist-best")
    if text not in network.classes:
        raise ArtcnnError(f"{network.name} has no class '{text}'{did_you_mean(text, network.classes)}")
    return network.classes.index(text)
