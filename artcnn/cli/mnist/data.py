"""Arguments that several commands for digits have."""

from typing import Annotated

import typer

from artcnn.cli import options

Data = Annotated[
    str | None,
    options.make(
        "--data",
        metavar="FOLDER|torchvision",
        help="Your own digits, a subfolder for each label; or MNIST by torchvision's downloader. [default: MNIST]",
    ),
]
ModelName = Annotated[
    str, typer.Argument(metavar="MODEL", help="A file of 'mnist train', or mnist-lecture, mnist-best as shipped.")
]
