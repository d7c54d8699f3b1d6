"""``--data``: which digits a command works with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from artcnn.cli.bad_files import BadFiles
from artcnn.errors import DataError

if TYPE_CHECKING:
    from artcnn.datasets.examples import Examples

Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FOLDER|torchvision",
        help="Your own digits, a subfolder for each label; or MNIST by torchvision's downloader. [default: MNIST]",
    ),
]
ModelName = Annotated[
    str, typer.Argument(metavar="MODEL", help="A file of 'mnist train', or mnist-lecture, mnist-best as shipped.")
]


def load(data: str | None, bad: BadFiles) -> "tuple[Examples, Examples]":
    """Return the digits to learn from and those to test on.

    A folder may have ``train`` and ``test`` in it; else a sixth of it, chosen by a fixed seed, is to test on.
    Pictures that cannot be read go to ``bad``.

    Raises:
        ArtcnnError: they are missing, damaged or cannot be downloaded, or differ in their labels.
    """
    from artcnn.datasets.mnist import download_mnist, load_mnist

    if data is None:
        return load_mnist("train"), load_mnist("test")
    if data == "torchvision":
        return download_mnist("train"), download_mnist("test")
    from artcnn.files.handwriting import read_folder

    folder = Path(data)
    if not ((folder / "train").is_dir() and (folder / "test").is_dir()):
        every = read_folder(folder, bad.add)
        return every.split(max(1, len(every) // 6), seed=0)
    train, test = (read_folder(folder / part, bad.add) for part in ("train", "test"))
    if train.classes != test.classes:
        raise DataError(
            f"{folder}: train has the labels {', '.join(train.classes)}, test has {', '.join(test.classes)}: "
            "give both the same"
        )
    return train, test


def load_part(data: str | None, part: Literal["train", "test"], bad: BadFiles) -> "Examples":
    """Return the digits to learn from, or those to test on; of MNIST only these are read."""
    if data is None:
        from artcnn.datasets.mnist import load_mnist

        return load_mnist(part)
    return load(data, bad)[part == "test"]
