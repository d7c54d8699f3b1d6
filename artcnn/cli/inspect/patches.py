"""``artcnn inspect patches``: what a unit is for."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out, hears, read_input, units_of
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.network import Network
    from artcnn.inspect.patches import Patch

_TILE = 84
_BATCH = 500
_PHOTO_SIDE = 320


def patches(
    units: Annotated[str, typer.Argument(metavar="LAYER[:UNIT]", help="Such as conv2, conv2:7 or conv2:0-11.")],
    images: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The collection [default: MNIST's 60,000 digits].")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="Patches of each unit.")] = 9,
    per_picture: Annotated[int, typer.Option(min=1, max=20, help="At most how many of one picture.")] = 1,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Find the patches of a collection that activate a unit most, and show each alone and in its picture.

    A * marks a patch that touches the picture's border.
    """
    look = Look("patches", model)
    network = look.network
    name, numbers = units_of(network, units, default=6)
    collection = _Collection(network, images)
    look.go_to(out, units.replace(":", "-"))
    import torch

    from artcnn.inspect.patches import top_patches
    from artcnn.media.sheet import Sheet

    found = top_patches(network, name, numbers, collection.batches(), count, per_picture)
    tiles, captions, rows = [], [], []
    for unit, best in found.items():
        pictures = [collection.picture(patch.picture) for patch in best]
        crops, wholes = zip(*map(_show, pictures, best), strict=True)
        spare = [torch.full_like(crops[0], 255)] * (count - len(best))
        tiles += [*crops, *spare, *wholes, *spare]
        stars = ["*" if touches else "" for touches in map(_touches, pictures, best)]
        empty = [""] * len(spare)
        captions += [f":{unit} {p.value:.4g}{star}" for p, star in zip(best, stars, strict=True)] + empty
        captions += [collection.name(patch.picture)[:12] for patch in best] + empty
        rows += [
            {"unit": f"{name}:{unit}", "value": p.value, "picture": collection.name(p.picture)}
            | dict(zip(("top", "left", "bottom", "right"), p.box, strict=True))
            | {"touches_border": bool(star)}
            for p, star in zip(best, stars, strict=True)
        ]
    every = [patch for best in found.values() for patch in best]
    arrays = {
        "boxes": torch.tensor([patch.box for patch in every]),
        "values": torch.tensor([patch.value for patch in every]),
    }
    title = f"{network.name}: what units of {name} answer to most; below each patch, where it is"
    settings = {"layer": name, "units": numbers, "images": str(images) if images else "mnist-train"}
    sheet = Sheet(torch.cat(tiles), count, captions, title, scale=1)
    path = look.write(sheet, arrays, rows, **settings, count=count, per_picture=per_picture)
    if not quiet:
        typer.echo(path)


class _Collection:
    """The pictures that are looked through, one or a batch in memory at a time."""

    def __init__(self, network: "Network", folder: Path | None) -> None:
        self._network, self._folder, self._files = network, folder, list[Path]()
        if folder is None and hears(network):
            raise ArtcnnError(f"{network.name} hears words: give it recordings with --images FOLDER")
        if folder is None and network.input_shape[0] != 1:
            raise ArtcnnError(f"{network.name} looks at photos: give it some with --images FOLDER, such as samples")
        if folder is None:
            from artcnn.datasets.mnist import load_mnist

            self._digits = load_mnist("train")
            return
        if not folder.is_dir():
            raise ArtcnnError(f"--images {folder}: there is no such folder")
        from artcnn.media.open import pictures_in
        from artcnn.media.sound import sounds_in

        self._files = sounds_in(folder) if hears(network) else pictures_in(folder)
        if not self._files:
            raise ArtcnnError(f"--images {folder}: there is no {'recording' if hears(network) else 'picture'} in it")

    def batches(self) -> "Iterator[Tensor]":
        import torch

        if self._folder is None:
            for indices in torch.split(torch.arange(len(self._digits)), _BATCH):
                yield self._digits.batch(indices)[0]
        else:
            for number in range(len(self._files)):
                yield self.picture(number)

    def picture(self, number: int) -> "Tensor":
        import torch

        if self._folder is None:
            return self._digits.batch(torch.tensor([number]))[0]
        return read_input(self._network, self._files[number], _PHOTO_SIDE)

    def name(self, number: int) -> str:
        return f"digit {number}" if self._folder is None else self._files[number].name


def _touches(picture: "Tensor", patch: "Patch") -> bool:
    top, left, bottom, right = patch.box
    return top < 0 or left < 0 or bottom > picture.shape[2] or right > picture.shape[3]


def _show(picture: "Tensor", patch: "Patch") -> "tuple[Tensor, Tensor]":
    """Return a patch, grey outside of the picture, and its whole picture with a box: (1, 3, 84, 84) bytes each."""
    import torch
    from torch.nn import functional as F

    from artcnn.image import fit_size, size_of
    from artcnn.media.tint import tile

    top, left, bottom, right = patch.box
    height, width = size_of(picture)
    around = max(0, -top, -left, bottom - height, right - width)
    padded = F.pad(picture, [around] * 4, value=0.5)
    crop = padded[..., top + around : bottom + around, left + around : right + around]
    size = fit_size((height, width), _TILE)
    scale = _TILE / max(height, width)
    whole = torch.full((1, 3, _TILE, _TILE), 255, dtype=torch.uint8)
    whole[..., : size[0], : size[1]] = tile(picture, size)
    box = [round(min(max(edge * scale, 0), limit - 1)) for edge, limit in zip(patch.box, size * 2, strict=True)]
    red = torch.tensor([255, 51, 26], dtype=torch.uint8).view(3, 1)
    for row in (box[0], box[2]):
        whole[0, :, row, box[1] : box[3] + 1] = red
    for column in (box[1], box[3]):
        whole[0, :, box[0] : box[2] + 1, column] = red
    return tile(crop, (_TILE, _TILE)), whole
