"""What every ``predict`` command prints: the answer to each file."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from artcnn.cli.bad_files import BadFiles
from artcnn.cli.bars import print_answer
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.jobs.prediction import Answer


def report_answers(
    names: Sequence[str],
    answers: "Sequence[Answer | ArtcnnError]",
    keys: tuple[str, str],
    doubtful: str,
    quiet: bool,
    as_json: bool,
) -> None:
    """Print the answer to each file; the exit code is 1 if one could not be read.

    Args:
        names: of the files.
        answers: the answers, or why a file cannot be read.
        keys: what the file and the answer are called in JSON.
        doubtful: what stands before a doubt.
        quiet: whether to leave out the probabilities.
        as_json: whether to print JSON.
    """
    bad, rows, (source, label) = BadFiles(), list[dict[str, object]](), keys
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, ArtcnnError):
            bad.add(answer)
            rows.append({source: name, "error": answer.to_json()})
            continue
        rows.append({source: name, label: answer.label, "probabilities": answer.probabilities, "doubt": answer.doubt})
        if not as_json:
            doubt = None if answer.doubt is None else f"{doubtful}: {answer.doubt}"
            print_answer(name, answer.label, doubt, answer.probabilities, quiet)
    if as_json:
        typer.echo(json.dumps(rows))
    bad.exit()
