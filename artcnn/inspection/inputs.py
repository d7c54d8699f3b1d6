"""What a network is shown, and how it is read from a file."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.handwriting import Handwriting
    from artcnn.datasets.spoken import Word
    from artcnn.files.read import Picture
    from artcnn.inspection.board import Board
    from artcnn.reports.axes import Axes
    from artcnn.reports.messages import Message
    from artcnn.reports.results import Finding, Tile
    from artcnn.visualizers.network import Network


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


def read_input(network: "Network", image: "Path | Picture", size: int) -> "Tensor":
    """Return a file as a network takes it, as ``read_doubtful`` does, without the doubt."""
    return _read(network, image, size)[0]


def read_doubtful(network: "Network", image: "Path | Picture", size: int) -> "tuple[Tensor, Message | None]":
    """Return a file, or a picture that was read, as a network takes it, and why it may not be what the network knows.

    A word's spectrogram; a digit cut out and centered; of a photo a classifier gets the middle, other networks all, its
    longer side ``size`` pixels.
    """
    from artcnn.datasets.handwriting import Handwriting
    from artcnn.datasets.spoken import Word
    from artcnn.inspection.doubts import doubt_of_digit, doubt_of_word
    from artcnn.reports.messages import message

    picture, found = _read(network, image, size)
    if isinstance(found, Handwriting):
        doubt = doubt_of_digit(network.logits, network.classes, network.data, found)
        says = "perhaps not a digit: {doubt}. For a photo: -m efficientnet-lite0"
        return picture, doubt and message(says, doubt=doubt)
    if isinstance(found, Word):
        doubt = doubt_of_word(network.logits, network.classes, found)
        return picture, doubt and message("perhaps none of its words: {doubt}", doubt=doubt)
    return picture, None


def _read(network: "Network", image: "Path | Picture", size: int) -> "tuple[Tensor, Handwriting | Word | None]":
    """Return a file as a network takes it, and the digit or the word that was found in it."""
    from artcnn.datasets.handwriting import find_digit
    from artcnn.files.handwriting import gray_of
    from artcnn.files.open import SMALLEST_DIGIT
    from artcnn.files.read import read_picture
    from artcnn.image import center, fit

    if hears(network) and isinstance(image, Path):
        from artcnn.files.sound import read_word

        word = read_word(image)
        return word.spectrogram, word
    if network.input_shape[0] == 1:
        writing = find_digit(gray_of(read_picture(image, SMALLEST_DIGIT) if isinstance(image, Path) else image))
        return writing.digit, writing
    photo = (read_picture(image) if isinstance(image, Path) else image).pixels
    return (center(photo, network.input_shape[1]) if network.classes else fit(photo, size)), None


def annotate(finding: "Finding", network: "Network", doubt: "Message | None") -> "Finding":
    """Return a finding with what is doubtful about its picture, and with the axes of a spectrogram."""
    if doubt is not None:
        finding = replace(finding, note=doubt)
    axes = axes_of(network)
    if axes is None:
        return finding
    tiles = [
        replace(tile, axes=axes) if _is_spectrogram(finding.look, tile, number) else tile
        for number, tile in enumerate(finding.tiles)
    ]
    return replace(finding, tiles=tiles)


def axes_of(network: "Network") -> "Axes | None":
    """Return what the sides of a picture stand for, where the network takes sounds."""
    from artcnn.reports.axes import spectrogram_axes

    return spectrogram_axes() if hears(network) else None


def _is_spectrogram(look: str, tile: "Tile", number: int) -> bool:
    """Return whether a tile shows what a network heard or wants to hear, or a map of each of its pixels."""
    if look == "check":
        return tile.key is not None
    whole = "saliency", "occlusion", "fool", "invert", "maximize-fc", "maximize-class"
    return look in whole or (look == "activations" and number == 0)


def beside(network: "Network", picture: "Tensor") -> "Tensor | None":
    """Return what stands beside a finding on a page: the picture; none of a board, whose points are no pixels."""
    return None if plays(network) else picture


def read_board(network: "Network", game: Path) -> "tuple[Tensor, Board, tuple[str, ...]]":
    """Return the position at the end of a game, as a network takes it and as people see it, and notes on the file."""
    from artcnn.datasets.go.game_state import GameState
    from artcnn.datasets.go.planes import NAMES
    from artcnn.files.games import read_position
    from artcnn.inspection.board import Board

    position = read_position(game)
    record = GameState(position.moves, position.size)
    planes = next(name for name, planes in NAMES.items() if planes == network.planes)
    return record.planes(position.color, planes), Board(record, position.color), tuple(position.notes)
