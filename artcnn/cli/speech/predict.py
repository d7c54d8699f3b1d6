"""``artcnn speech predict``: which word a recording says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles, read_each
from artcnn.cli.bars import print_answer
from artcnn.cli.speech.data import ModelName
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.spoken import Word
    from artcnn.files.model import Model
    from artcnn.reports.prediction_chart import Prediction

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
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Say which word is spoken in each recording: WAV, FLAC, OGG, Opus, MP3 or AIFF, of any sample rate and level."""
    from artcnn.files.atomic import check_png
    from artcnn.files.model_registry import find_model
    from artcnn.files.sound import check_sound

    paths = sounds or []
    find_model(model)
    if not paths and not microphone:
        raise ArtcnnError("there is nothing to listen to: give a recording, or --microphone")
    read_each(paths, check_sound)
    if out is not None:
        check_png(out, "picture", force)
    from artcnn.files.model import read_model
    from artcnn.files.sound import read_word

    opened = read_model(model, "speech")
    words: list[tuple[str, Word | ArtcnnError]] = [
        (str(path), word) for path, word in zip(paths, read_each(paths, read_word), strict=True)
    ]
    if microphone:
        from artcnn.datasets.spoken import find_word
        from artcnn.files.microphone import record

        speak_now = partial(typer.echo, "speak now", err=True)
        words.append(("microphone", find_word(record(_SECONDS, speak_now))))
    answers = [(name, word if isinstance(word, ArtcnnError) else _answer(opened, word)) for name, word in words]
    if out is not None:
        from artcnn.reports.prediction_chart import write_prediction_chart

        write_prediction_chart(
            out, [answer.heard(name) for name, answer in answers if isinstance(answer, Answer)], force
        )
    _report(answers, quiet, as_json)


@dataclass(frozen=True)
class Answer:
    """What a recording was heard as.

    Attributes:
        word: the most probable word; None where there is nothing to hear, or it is most probably none of the words.
        probabilities: of each answer of the network; none where there is nothing to hear.
        doubt: why it may be none of the words, or not a single one, or None.
        spectrogram: what the network heard, shape (BANDS, FRAMES), in [0, 1].
    """

    word: str | None
    probabilities: dict[str, float]
    doubt: str | None
    spectrogram: "Tensor"

    def row(self) -> dict[str, object]:
        """Return what ``--json`` prints of it."""
        return {"word": self.word, "probabilities": self.probabilities, "doubt": self.doubt}

    def heard(self, name: str) -> "Prediction":
        """Return what a picture shows of it, where the recording is called ``name``."""
        from artcnn.reports.prediction_chart import Prediction

        says = (self.word or ("none of its words" if self.probabilities else "nothing")) + ", unsure" * bool(self.doubt)
        return Prediction(Path(name).name, self.spectrogram, says, self.probabilities)


def _report(answers: "Sequence[tuple[str, Answer | ArtcnnError]]", quiet: bool, as_json: bool) -> None:
    """Print the answer to each recording; the exit code is 1 if one could not be read."""
    bad = BadFiles()
    rows: list[dict[str, object]] = []
    for name, answer in answers:
        if isinstance(answer, ArtcnnError):
            bad.add(answer)
            rows.append({"sound": name, "error": str(answer)})
            continue
        rows.append({"sound": name} | answer.row())
        if not as_json:
            print_answer(name, answer.word, answer.doubt and f"unsure: {answer.doubt}", answer.probabilities, quiet)
    if as_json:
        typer.echo(json.dumps(rows))
    bad.exit()


def _answer(model: "Model", word: "Word") -> Answer:
    """Return the answer of a model to a word."""
    import torch

    from artcnn.datasets.utterance import OTHER
    from artcnn.inspection.doubts import doubt_of_word

    spectrogram = word.spectrogram[0, 0]
    if not spectrogram.any():
        return Answer(None, {}, word.doubt, spectrogram)
    with torch.no_grad():
        probabilities = model.network(word.spectrogram).softmax(1)[0].tolist()
    by_label = dict(zip(model.card.classes, (round(p, 6) for p in probabilities), strict=True))
    best = max(by_label, key=by_label.__getitem__)
    doubt = doubt_of_word(model.network, model.card.classes, word)
    return Answer(None if best == OTHER else best, by_label, None if doubt is None else str(doubt), spectrogram)
