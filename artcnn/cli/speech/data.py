"""Which recordings a command works with, and which of them a network learns from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from artcnn.datasets.utterance import Utterance

Folder = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="Recordings, LABEL_SPEAKER_TAKE.wav, or a subfolder for each label."),
]
ModelName = Annotated[
    str, typer.Argument(metavar="MODEL", help="A file of 'speech train', or speech-digits as shipped.")
]
Speaker = Annotated[
    str | None, typer.Option("--leave-out", metavar="SPEAKER", help="Learn from everyone else and test on this one.")
]


def check_speaker(folder: Path, speaker: str, utterances: "Iterable[Utterance]") -> None:
    """Raise a DataError where nobody of that name speaks in the recordings."""
    speakers = sorted({one.speaker for one in utterances} - {""})
    if not speakers:
        raise DataError(f"{folder}: the names do not tell who speaks: call the files LABEL_SPEAKER_TAKE.wav")
    if speaker not in speakers:
        raise DataError(f"{folder}: nobody called '{speaker}' speaks in it", hint=did_you_mean(speaker, speakers))
