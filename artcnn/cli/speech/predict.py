"""``artcnn speech predict``: which word a recording says."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bars import print_answer
from artcnn.cli.speech.data import ModelName
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.spoken import Word
    from artcnn.media.model import Model

_SECONDS = 2.0


def predict(
    model: ModelName,
    sounds: Annotated[
        list[Path] | None, typer.Argument(metavar="[SOUND]...", help="A recording of one word each.")
    ] = None,
    microphone: Annotated[
        bool, typer.Option("--microphone", help="Listen to the microphone for two seconds (needs sounddevice).")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Also write what the network heard, a .png.")
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Say which word is spoken in each recording: WAV, FLAC, OGG or MP3, of any sample rate, loud or quiet."""
    from artcnn.media.atomic import check_png
    from artcnn.media.sound import check_sound
    from artcnn.media.trained import find_model

    find_model(model)
    if not sounds and not microphone:
        raise ArtcnnError("there is nothing to listen to: give a recording, or --microphone")
    for path in sounds or []:
        check_sound(path)
    if out is not None:
        check_png(out, "picture")
    names = [str(path) for path in sounds or []]
    import torch

    from artcnn.media.model import read_model
    from artcnn.media.sound import read_word

    opened = read_model(model, "speech")
    words = [read_word(path) for path in sounds or []]
    if microphone:
        from artcnn.datasets.spoken import find_word
        from artcnn.media.microphone import listen

        names.append("microphone")
        words.append(find_word(listen(_SECONDS, lambda: typer.echo("speak now", err=True))))
    with torch.no_grad():
        probabilities = opened.network(torch.cat([word.spectrogram for word in words])).softmax(1)
    answers = [_judge(opened, word, row) for word, row in zip(words, probabilities, strict=True)]
    if out is not None:
        from artcnn.media.hearing import Heard, write_hearing

        heard = [
            Heard(Path(name).name, word.spectrogram[0, 0], answer.says(), answer.probabilities)
            for name, word, answer in zip(names, words, answers, strict=True)
        ]
        write_hearing(out, heard)
    if as_json:
        typer.echo(json.dumps([{"sound": name} | vars(answer) for name, answer in zip(names, answers, strict=True)]))
        return
    for name, answer in zip(names, answers, strict=True):
        print_answer(name, answer.word, answer.doubt and f"unsure: {answer.doubt}", answer.probabilities, quiet)


@dataclass(frozen=True)
class Answer:
    """What a recording was heard as.

    Attributes:
        word: the most probable label; None where there is nothing to hear.
        probabilities: of each label; none where there is nothing to hear.
        doubt: why it may be none of them, or None.
    """

    word: str | None
    probabilities: dict[str, float]
    doubt: str | None

    def says(self) -> str:
        """Return the answer in a few words."""
        return (self.word or "nothing") + (", unsure" if self.doubt else "")


def _judge(model: "Model", word: "Word", probabilities: "Tensor") -> Answer:
    """Return the answer of a model to a word."""
    from artcnn.datasets.said import words_of
    from artcnn.datasets.spoken import SURE

    if not word.spectrogram.any():
        return Answer(None, {}, word.doubt)
    by_label = dict(zip(model.card.classes, (round(p, 6) for p in probabilities.tolist()), strict=True))
    best = max(words_of(model.card.classes), key=by_label.__getitem__)
    doubt = word.doubt
    if doubt is None and by_label[best] < SURE:
        doubt = "it sounds like none of the words that the network knows"
    return Answer(best, by_label, doubt)
