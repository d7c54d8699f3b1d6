"""What every ``predict`` command prints: the answer to each file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.bars import print_answer
from artcnn.cli.option_groups import DataclassOptions
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.jobs.prediction import Answer


@dataclass(frozen=True)
class PredictOptions:
    """What a prediction writes and prints."""

    out: Annotated[
        Path | None,
        options.output("--out", "-o", metavar="FILE", help="Also draw what the network was shown, to a .png."),
    ] = None
    force: options.Force = False
    quiet: options.Quiet = False
    as_json: options.AsJson = False

    def check(self) -> None:
        """Raise an ArtcnnError where the picture cannot be written."""
        from artcnn.files.atomic import check_png

        if self.out is not None:
            check_png(self.out, "picture", self.force)


Predict = Annotated[PredictOptions, DataclassOptions(PredictOptions)]


def report_answers(
    names: Sequence[str],
    answers: "Sequence[Answer | ArtcnnError]",
    keys: tuple[str, str],
    doubtful: str,
    run: PredictOptions,
) -> None:
    """Print the answer to each file; the exit code is 1 if one could not be read.

    Args:
        names: of the files.
        answers: the answers, or why a file cannot be read.
        keys: what the file and the answer are called in JSON.
        doubtful: what stands before a doubt.
        run: how they are printed.
    """
    bad, rows, (source, label) = BadFiles(), list[dict[str, object]](), keys
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, ArtcnnError):
            bad.add(answer)
            rows.append({source: name, "error": answer.to_json()})
            continue
        rows.append({source: name, label: answer.label, "probabilities": answer.probabilities, "doubt": answer.doubt})
        if not run.as_json:
            doubt = None if answer.doubt is None else f"{doubtful}: {answer.doubt}"
            print_answer(name, answer.label, doubt, answer.probabilities, run.quiet)
    if run.as_json:
        typer.echo(json.dumps(rows))
    bad.exit()
