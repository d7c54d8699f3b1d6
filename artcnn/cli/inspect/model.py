"""``--model``: which network a command looks into, and what it is shown."""

from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli.doubts import doubt_of_digit, doubt_of_word
from artcnn.errors import ModelError, nearest

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.backbones.weights import Weights
    from artcnn.cli.inspect.board import Board
    from artcnn.datasets.handwriting import Handwriting
    from artcnn.datasets.spoken import Word
    from artcnn.reports.messages import Phrase
    from artcnn.visualizers.network import Network

ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FILE",
        help="mnist-lecture, mnist-best, speech-digits, go-moves, a file of any 'train', vgg16, alexnet11, "
        "efficientnet-lite0, or a classifier that torchvision has, such as resnet50.",
    ),
]
AnyPicture = Annotated[
    Path,
    typer.Argument(
        metavar="IMAGE",
        help="A photo; a picture of a digit for mnist-...; a recording for speech-...; a game for go-...",
    ),
]
Answer = Annotated[
    str | None,
    typer.Option("--class", metavar="NAME|NUMBER", help="The answer in question [default: the network's]."),
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
    from artcnn.backbones.weights import WEIGHTS, classifiers, location, of_torchvision
    from artcnn.files.model_registry import bundled_models, find_model

    if name in WEIGHTS:
        return location(WEIGHTS[name])
    own = _SHORT.get(name, name)
    if own in bundled_models() or Path(name).is_file():
        return find_model(own)
    if (weights := of_torchvision(name)) is not None:
        return location(weights)
    shorter = [known for known in (*bundled_models(), *WEIGHTS) if known.startswith(name.casefold())]
    names = [*bundled_models(), *WEIGHTS, *classifiers()]
    if near := shorter[:1] or nearest(name, names, 2, 0.8) or nearest(name, names, 1, 0.6):
        meant = " or ".join(f"'{known}'" for known in near)
        raise ModelError(f"no network and no model file {name}", hint=f"did you mean {meant}?")
    return find_model(own, WEIGHTS)


def _pretrained(name: str) -> "Weights | None":
    """Return the pretrained weights of that name; None for what was trained here."""
    from artcnn.backbones.weights import WEIGHTS, of_torchvision
    from artcnn.files.model_registry import bundled_models

    if name in WEIGHTS:
        return WEIGHTS[name]
    if _SHORT.get(name, name) in bundled_models() or Path(name).is_file():
        return None
    return of_torchvision(name)


def open_model(name: str, side: int = 224) -> "Network":
    """Return the network of that name, or in that file.

    Args:
        name: as ``--model`` takes it.
        side: height and width of the picture that a network without answers is thought to see.
    """
    from artcnn.backbones.layers import BLOCKS
    from artcnn.visualizers.network import open_backbone, open_classifier, open_sequential

    weights = _pretrained(name)
    if weights is not None and weights.architecture in BLOCKS:
        from artcnn.backbones.vgg import load_vgg

        return open_backbone(load_vgg(name), side)
    if weights is not None:
        from artcnn.backbones.classifier import load_classifier

        return open_classifier(load_classifier(name))
    from artcnn.files.model import read_model
    from artcnn.nets.kinds import input_shape
    from artcnn.training_recipes import FirstLayerRecipe, GoRecipe

    model = read_model(_SHORT.get(name, name))
    recipe, classes = model.card.train_recipe(), model.card.classes
    network = open_sequential(model.path.stem, model.network, input_shape(recipe), classes)
    network = replace(network, data=model.card.data)
    if isinstance(recipe, FirstLayerRecipe):
        return replace(network, input_shape=(3, side, side), teacher=recipe.teacher)
    if not isinstance(recipe, GoRecipe):
        return network
    from artcnn.datasets.go.planes import NAMES

    return replace(network, planes=NAMES[recipe.planes])


def check_input(image: Path) -> None:
    """Check, before the slow work, that a file is a picture, a game or a recording.

    Raises:
        ArtcnnError: it cannot be read.
    """
    from artcnn.files.games import find_games, is_game
    from artcnn.files.open import SMALLEST_DIGIT, check_picture
    from artcnn.files.sound import check_sound, is_sound

    if is_game(image):
        find_games([image])
    elif is_sound(image):
        check_sound(image)
    else:
        check_picture(image, SMALLEST_DIGIT)


def hears(network: "Network") -> bool:
    """Return whether what a network takes is a spectrogram."""
    from artcnn.nets.kinds import input_shape
    from artcnn.training_recipes import SpeechRecipe

    return network.input_shape == input_shape(SpeechRecipe())


def plays(network: "Network") -> bool:
    """Return whether what a network takes is a board of Go."""
    return bool(network.planes)


def sample(network: "Network") -> Path:
    """Return a file of the package that a network can be shown."""
    from artcnn.locations import bundled_samples_dir

    digits = network.input_shape[0] == 1
    name = "game.sgf" if plays(network) else "word.wav" if hears(network) else "digit.png" if digits else "coffee.png"
    return bundled_samples_dir() / name


def example(network: "Network") -> str:
    """Return that file as it is typed here."""
    path, here = sample(network), Path.cwd()
    return quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def read_input(network: "Network", image: Path, size: int) -> "Tensor":
    """Return a file as a network takes it, as ``read_doubtful`` does, without the doubt."""
    return _read(network, image, size)[0]


def read_doubtful(network: "Network", image: Path, size: int) -> "tuple[Tensor, Phrase | None]":
    """Return a file as a network takes it, and why it may not be what the network knows.

    A word's spectrogram; a digit cut out and centered; of a photo a classifier gets the middle, other networks all, its
    longer side ``size`` pixels.
    """
    from artcnn.datasets.handwriting import Handwriting
    from artcnn.datasets.spoken import Word
    from artcnn.reports.messages import phrase

    picture, found = _read(network, image, size)
    if isinstance(found, Handwriting):
        doubt = doubt_of_digit(network.logits, network.classes, network.data, found)
        says = "perhaps not a digit: {doubt}. For a photo: -m efficientnet-lite0"
        return picture, doubt and phrase(says, doubt=doubt)
    if isinstance(found, Word):
        doubt = doubt_of_word(network.logits, network.classes, found)
        return picture, doubt and phrase("perhaps none of its words: {doubt}", doubt=doubt)
    return picture, None


def _read(network: "Network", image: Path, size: int) -> "tuple[Tensor, Handwriting | Word | None]":
    """Return a file as a network takes it, and the digit or the word that was found in it."""
    if hears(network):
        from artcnn.files.sound import read_word

        word = read_word(image)
        return word.spectrogram, word
    if network.input_shape[0] == 1:
        from artcnn.files.handwriting import read_digit

        writing = read_digit(image)
        return writing.digit, writing
    from artcnn.files.read import read_picture
    from artcnn.image import center, fit

    photo = read_picture(image).pixels
    return (center(photo, network.input_shape[1]) if network.classes else fit(photo, size)), None


def beside(network: "Network", picture: "Tensor") -> "Tensor | None":
    """Return what stands beside a finding on a page: the picture; none of a board, whose points are no pixels."""
    return None if plays(network) else picture


def read_board(network: "Network", game: Path) -> "tuple[Tensor, Board]":
    """Return the position at the end of a game, as a network takes it and as people see it."""
    from artcnn.cli.inspect.board import Board
    from artcnn.datasets.go.game_state import GameState
    from artcnn.datasets.go.planes import NAMES
    from artcnn.files.games import read_position

    position = read_position(game)
    for note in position.notes:
        typer.echo(f"note: {game}: {note}", err=True)
    record = GameState(position.moves, position.size)
    planes = next(name for name, planes in NAMES.items() if planes == network.planes)
    return record.planes(position.color, planes), Board(record, position.color)


def units_of(network: "Network", text: str, default: int | None = None) -> tuple[str, list[int]]:
    """Return the layer and the units that ``LAYER``, ``LAYER:3`` or ``LAYER:0-11`` names; of a layer the first, or all.

    Raises:
        ArtcnnError: it names none.
    """
    from artcnn.cli.inspect.outline import parse_units

    name, low, high = parse_units(text)
    count = network.shapes()[network.layer(name).name][0]
    if low is None or high is None:
        return name, list(range(count))[:default]
    network.check_units(name, (low, high))
    return name, list(range(low, high + 1))


def class_of(network: "Network", text: str) -> int:
    """Return the number of a class by its name, a part of it, or that number.

    Raises:
        ArtcnnError: there is none of that name, or several, or the network has no classes.
    """
    from artcnn.backbones.class_names import find_class

    network.check_classes()
    return find_class(network.classes, text, network.name)
