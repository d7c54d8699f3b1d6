"""What kind of input a network takes, and everything that depends on it.

A network takes a digit, a spoken word, a position of Go or a photo. This module knows it before torch is loaded.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.inspection.input_kind import REPORT_DIGIT, InputKind, Reading

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.handwriting import Handwriting
    from artcnn.datasets.spoken import Word
    from artcnn.files.read import Picture
    from artcnn.reports.axes import Axes
    from artcnn.visualizers.network import Network

_BLUR_SIGMA = 12  # pixels: of a photo of 224, this leaves the colors


class _Digit(InputKind):
    name = "mnist"
    side = 28
    sample = "digit.png"

    def check_file(self, path: Path) -> None:
        from artcnn.files.open import SMALLEST_DIGIT, check_picture

        check_picture(path, SMALLEST_DIGIT)

    def load(self, network: "Network", source: "Path | Picture", side: int) -> "Tensor":  # noqa: ARG002
        return _find_digit(source).digit

    def read(self, network: "Network", source: "Path | Picture", side: int) -> Reading:  # noqa: ARG002
        from artcnn.inspection.doubts import doubt_of_digit
        from artcnn.reports.messages import message

        writing = _find_digit(source)
        doubt = doubt_of_digit(network.logits, network.classes, network.data, writing)
        says = "perhaps not a digit: {doubt}. For a photo: -m efficientnet-lite0"
        return Reading(writing.digit, doubt and message(says, doubt=doubt))

    def example(self, network: "Network", side: int, digit: int = REPORT_DIGIT) -> "tuple[str, Tensor]":  # noqa: ARG002
        import torch

        from artcnn.datasets.mnist import load_mnist

        digits = load_mnist("test")
        return f"{digits.name} {digit}", digits.batch(torch.tensor([digit]))[0]


class _Sound(InputKind):
    name = "speech"
    noun = "a recording"
    plural = "recordings"
    models = "speech-digits"
    side = 40
    sample = "word.wav"
    overlay = True
    background = "silence"
    moves_down = False
    no_shrinking = "a word with fewer frequencies is another sound, not the same one smaller"

    def check_file(self, path: Path) -> None:
        from artcnn.files.sound import check_sound

        check_sound(path)

    def load(self, network: "Network", source: "Path | Picture", side: int) -> "Tensor":  # noqa: ARG002
        return self._read_word(network, source).spectrogram

    def read(self, network: "Network", source: "Path | Picture", side: int) -> Reading:  # noqa: ARG002
        from artcnn.inspection.doubts import doubt_of_word
        from artcnn.reports.messages import message

        word = self._read_word(network, source)
        doubt = doubt_of_word(network.logits, network.classes, word)
        return Reading(word.spectrogram, doubt and message("perhaps none of its words: {doubt}", doubt=doubt))

    def _read_word(self, network: "Network", source: "Path | Picture") -> "Word":
        from artcnn.files.sound import read_word

        return read_word(self._file(network, source))

    def list_files(self, folder: Path) -> list[Path]:
        from artcnn.files.sound import list_sounds

        return list_sounds(folder)

    def axes(self) -> "Axes | None":
        from artcnn.reports.axes import spectrogram_axes

        return spectrogram_axes()


class _Position(InputKind):
    name = "go"
    noun = "a game"
    plural = "games"
    models = "go-moves"
    side = 19
    sample = "game.sgf"
    methods = "layers", "filters", "activations", "saliency"
    overlay = True
    no_masks = "a board without some of its stones is another position"

    def check_file(self, path: Path) -> None:
        from artcnn.files.games import find_games

        find_games([path])

    def load(self, network: "Network", source: "Path | Picture", side: int) -> "Tensor":
        return self.read(network, source, side).picture

    def read(self, network: "Network", source: "Path | Picture", side: int) -> Reading:  # noqa: ARG002
        from artcnn.files.games import read_position
        from artcnn.inspection.board import Board

        position = read_position(self._file(network, source))
        board = Board.at(position)
        return Reading(board.encode(network), board=board, notes=position.notes)

    def page_picture(self, picture: "Tensor") -> "Tensor | None":  # noqa: ARG002
        return None


class _Photo(InputKind):
    name = "photo"
    sample = "coffee.png"
    colored = True
    square = (48, 16)
    cells = 7
    masks = 1000
    background = "blur"
    brightness = "light"

    def check_file(self, path: Path) -> None:
        DIGIT.check_file(path)  # a network of photos takes any picture

    def load(self, network: "Network", source: "Path | Picture", side: int) -> "Tensor":
        """Return a photo: of a network with classes its middle, else all of it."""
        from artcnn.files.read import read_picture
        from artcnn.image import center_crop, fit

        photo = (read_picture(source) if isinstance(source, Path) else source).pixels
        return center_crop(photo, network.input_shape[1]) if network.classes else fit(photo, side)

    def example(self, network: "Network", side: int, digit: int = REPORT_DIGIT) -> "tuple[str, Tensor]":  # noqa: ARG002
        from artcnn.locations import bundled_samples_dir

        path = bundled_samples_dir() / "cat.webp"
        return path.name, self.load(network, path, side)

    def fill_background(self, picture: "Tensor") -> "Tensor":
        from artcnn.image import blur

        return blur(picture, _BLUR_SIGMA)


def _find_digit(source: "Path | Picture") -> "Handwriting":
    """Return the digit in a picture."""
    from artcnn.datasets.handwriting import find_digit
    from artcnn.files.handwriting import to_gray
    from artcnn.files.open import SMALLEST_DIGIT
    from artcnn.files.read import read_picture

    return find_digit(to_gray(read_picture(source, SMALLEST_DIGIT) if isinstance(source, Path) else source))


DIGIT, SOUND, POSITION, PHOTO = _Digit(), _Sound(), _Position(), _Photo()

_KINDS: "dict[str, InputKind]" = {kind.name: kind for kind in (DIGIT, SOUND, POSITION, PHOTO)}


def input_kind(name: str) -> InputKind:
    """Return the kind of input of that name: ``mnist``, ``speech``, ``go`` or ``photo``."""
    return _KINDS[name]


def kind_of_file(path: Path) -> InputKind:
    """Return what a file is, by its name: a game, a recording, or else a picture."""
    from artcnn.files.games import is_game
    from artcnn.files.sound import is_sound

    return POSITION if is_game(path) else SOUND if is_sound(path) else PHOTO
