"""``artcnn speech predict``: which word a recording says."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.prediction import Predict, report_answers
from artcnn.cli.speech.data import ModelName
from artcnn.errors import ArtcnnError
from artcnn.extras import require

_SECONDS = 2.0


def predict(
    model: ModelName,
    sounds: Annotated[
        list[Path] | None, typer.Argument(metavar="[SOUND]...", help="A recording of one word each.")
    ] = None,
    *,
    microphone: Annotated[bool, options.make("--microphone", help="Listen to the microphone for two seconds.")] = False,
    run: Predict,
) -> None:
    """Say which word is spoken in each recording: WAV, FLAC, OGG, Opus, MP3 or AIFF, of any sample rate and level."""
    from artcnn.files.model_registry import find_model
    from artcnn.files.read_each import read_each
    from artcnn.files.sound import check_sound

    paths = sounds or []
    find_model(model)
    if not paths and not microphone:
        raise ArtcnnError("there is nothing to listen to", hint="give a recording, or --microphone")
    read_each(paths, check_sound)
    run.check()
    require(*(["report"] if run.out else []), *(["microphone"] if microphone else []))
    from artcnn.files.model import read_model
    from artcnn.jobs.tasks.speech import predict_word, predict_words, write_words

    opened, names = read_model(model, "speech"), [str(path) for path in paths]
    answers = predict_words(opened, paths)
    if microphone:
        from artcnn.datasets.spoken import find_word
        from artcnn.files.microphone import record

        answers.append(predict_word(opened, find_word(record(_SECONDS, partial(typer.echo, "speak now", err=True)))))
        names.append("microphone")
    if run.out is not None:
        heard = [(name, one) for name, one in zip(names, answers, strict=True) if not isinstance(one, ArtcnnError)]
        write_words(run.out, heard, run.force)
    report_answers(names, answers, ("sound", "word"), "unsure", run)
