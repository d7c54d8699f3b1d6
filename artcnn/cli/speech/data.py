"""Arguments that several commands for words have."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Recordings, LABEL_SPEAKER_TAKE.wav, or a subfolder for each label.")
]
ModelName = Annotated[
    str, typer.Argument(metavar="MODEL", help="A file of 'speech train', or speech-digits as shipped.")
]
