"""Where the examples of a task come from, and the checks of it that need no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from artcnn.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from artcnn.datasets.utterance import Utterance
    from artcnn.training_recipes import ModelKind


class _Source:
    """Checks that need no torch."""

    def check(self) -> None:
        """Raise a DataError where files are missing, as far as that is quickly found."""

    def check_training(self) -> None:
        """Do the same, and raise a DataError where the examples are too few to train with."""
        self.check()


@dataclass(frozen=True)
class MnistSource(_Source):
    """Digits to train or test on.

    Attributes:
        data: a folder with a subfolder for each label, or ``train`` and ``test`` with such subfolders in it;
            ``torchvision`` to download MNIST; None for the MNIST that ships in the package.
    """

    kind: ClassVar["ModelKind"] = "mnist"
    data: str | None = None


@dataclass(frozen=True)
class SpeechSource(_Source):
    """Recordings to train or test on.

    Attributes:
        folder: recordings called LABEL_SPEAKER_TAKE, or in a subfolder for each label.
        leave_out: of a training, a speaker to test on, who has no part in it.
        held_out: of a test, whether to take only the recordings that the training held out.
    """

    kind: ClassVar["ModelKind"] = "speech"
    folder: Path
    leave_out: str | None = None
    held_out: bool = False

    def check(self) -> None:
        """Raise a DataError where files are missing or have other names."""
        from artcnn.files.sound import find_recordings

        find_recordings(self.folder)

    def check_training(self) -> None:
        """Do the same, and raise a DataError where the recordings are too few to train with."""
        from artcnn.files.sound import find_recordings

        utterances = list(find_recordings(self.folder).values())
        if self.leave_out is not None:
            self._check_speaker(sorted({utterance.speaker for utterance in utterances} - {""}), self.leave_out)
        self.check_enough(utterances)

    def check_enough(self, utterances: "Iterable[Utterance]") -> None:
        """Raise a DataError where these recordings, without the speaker who is left out, are too few to train with."""
        from artcnn.files.sound import check_enough

        check_enough(self.folder, [u for u in utterances if self.leave_out is None or u.speaker != self.leave_out])

    def _check_speaker(self, speakers: list[str], speaker: str) -> None:
        if not speakers:
            raise DataError(
                f"{self.folder}: the names do not tell who speaks", hint="call the files LABEL_SPEAKER_TAKE.wav"
            )
        if speaker not in speakers:
            raise DataError(
                f"{self.folder}: nobody called '{speaker}' speaks in it", hint=did_you_mean(speaker, speakers)
            )


@dataclass(frozen=True)
class GoSource(_Source):
    """Games to train or test on.

    Attributes:
        paths: files of games, or folders of them.
        initial: of a training, the model whose weights it starts from, by name or file.
        held_out: of a test, whether to take only the games that the training held out.
        sample: of a test, how many positions to take, evenly spread over the games; all by default.
        symmetric: of a test, whether the network answers by the mean over the symmetries of the board.
    """

    kind: ClassVar["ModelKind"] = "go"
    paths: tuple[Path, ...]
    initial: str | None = None
    held_out: bool = False
    sample: int | None = None
    symmetric: bool = False

    def check(self) -> None:
        """Raise a DataError where files are missing."""
        from artcnn.files.games import find_games

        find_games(self.paths)


@dataclass(frozen=True)
class PaintingFile:
    """A painting to learn a style from.

    Attributes:
        name: of the style.
        path: of the picture.
        title: of the painting; the file's name by default.
        artist: who painted it; may be empty, as what follows.
        year: when.
        license: of the file.
        source: where the file is from.
    """

    name: str
    path: Path
    title: str = ""
    artist: str = ""
    year: str = ""
    license: str = ""
    source: str = ""


@dataclass(frozen=True)
class InstantSource(_Source):
    """Paintings to learn styles from, and photos to paint meanwhile.

    Attributes:
        paintings: a style each.
        photos: folders of photos; those that ship in the package by default.
        held_out: names of the photos' files, without endings, that are only validated on; a tenth by default.
        initial: the model whose weights the training starts from, by name or file.
    """

    kind: ClassVar["ModelKind"] = "instant"
    paintings: tuple[PaintingFile, ...]
    photos: tuple[Path, ...] = ()
    held_out: tuple[str, ...] = ()
    initial: str | None = None

    def check(self) -> None:
        """Raise an ArtcnnError where a painting is missing or no picture, or the photos are too few."""
        from artcnn.files.open import check_picture
        from artcnn.files.photos import find_photos

        for painting in self.paintings:
            check_picture(painting.path)
        find_photos(self.photos)


Source = MnistSource | SpeechSource | GoSource | InstantSource


def check_speakers(folder: Path) -> None:
    """Raise a DataError where not each speaker of a folder's recordings can be left out in turn."""
    from artcnn.files.sound import check_enough, find_recordings

    utterances = list(find_recordings(folder).values())
    speakers = sorted({utterance.speaker for utterance in utterances} - {""})
    if len(speakers) < 2:
        raise DataError(
            f"{folder}: it needs two speakers or more", hint="name them in the files: LABEL_SPEAKER_TAKE.wav"
        )
    for speaker in speakers:
        check_enough(folder, [utterance for utterance in utterances if utterance.speaker != speaker])
