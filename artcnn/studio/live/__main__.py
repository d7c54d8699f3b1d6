"""``python -m artcnn.studio.live FOLDER``: the child process that answers quick questions, one after the other."""

import sys
from pathlib import Path

from artcnn.studio.lines import Answers, answer_questions


def _make() -> Answers:
    from artcnn.studio.live.answers import Answers as LiveAnswers  # loads torch

    return LiveAnswers(Path(sys.argv[1]) / "files")


if __name__ == "__main__":
    answer_questions(_make)
