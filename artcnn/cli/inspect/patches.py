"""``artcnn inspect patches``: what a unit is for."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.model import ModelName, Out, check_model, model_sha256, open_model, read_input, units_of
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.network import Network
    from artcnn.inspect.patches import Patch

_TILE = 84
_BATCH = 500
_PHOTO_SIDE = 320
_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic"}


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
    check_model(model)
    from artcnn.media.findings import check_new, new_folder, write_findings

    network = open_model(model)
    name, numbers = units_of(network, units, default=6)
    collection = _Collection(network, images)
    path = out or new_folder(f"inspect-patches-{network.name}-{units.replace(':', '-')}")
    check_new(path)
    import torch

    from artcnn.inspect.patches import top_patches
    from artcnn.media.sheet import Sheet

    found = top_patches(network, name, numbers, collection.batches(), count, per_picture)
    tiles, captions, rows = [], [], []
    for unit, best in found.items():
        crops, wholes = zip(*(_show(collection.picture(patch.picture), patch) for patch in best), strict=True)
        spare = [torch.full_like(crops[0], 255)] * (count - len(best))
        tiles += [*crops, *spare, *wholes, *spare]
        stars = ["*" if _touches(collection.picture(patch.picture), patch) else "" for patch in best]
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
    run: dict[str, Any] = {"command": "patches", "model": network.name, "model_sha256": model_sha256(model)}
    run |= {"layer": name, "units": numbers, "images": str(images) if images else "mnist-train"}
    run |= {"count": count, "per_picture": per_picture}
    write_findings(path, Sheet(torch.stack(tiles), count, captions, title, scale=1), arrays, rows, run)
    if not quiet:
        typer.echo(path / "sheet.png")


class _Collection:
    """The pictures that are looked through, one or a batch in memory at a time."""

    def __init__(self, network: "Network", folder: Path | None) -> None:
        self._network, self._folder, self._files = network, folder, list[Path]()
        if folder is None and network.input_shape[0] != 1:
            raise ArtcnnError(f"{network.name} looks at photos: give it some with --images FOLDER, such as samples")
        if folder is None:
            from artcnn.datasets.mnist import load_mnist

            self._digits = load_mnist("train")
            return
        if not folder.is_dir():
            raise ArtcnnError(f"--images {folder}: there is no such folder")
        self._files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
        if not self._files:
            raise ArtcnnError(f"--images {folder}: there is no picture in it")

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
    """Return a patch, what is outside of the picture grey, and its whole picture with a box: (3, 84, 84) bytes each."""
    import torch
    from torch.nn import functional as F

    top, left, bottom, right = patch.box
    height, width = picture.shape[2:]
    around = max(0, -top, -left, bottom - height, right - width)
    colour = F.pad(picture.expand(-1, 3, -1, -1), [around] * 4, value=0.5)
    crop = colour[..., top + around : bottom + around, left + around : right + around]
    mode = "nearest" if max(crop.shape[2:]) < _TILE else "area"
    scale = _TILE / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    whole = torch.ones(1, 3, _TILE, _TILE)
    whole[..., : size[0], : size[1]] = F.interpolate(
        picture.expand(-1, 3, -1, -1), size, mode="nearest" if scale > 1 else "area"
    )
    box = [round(min(max(edge * scale, 0), limit - 1)) for edge, limit in zip(patch.box, size * 2, strict=True)]
    red = torch.tensor([1.0, 0.2, 0.1]).view(3, 1)
    for row in (box[0], box[2]):
        whole[0, :, row, box[1] : box[3] + 1] = red
    for column in (box[1], box[3]):
        whole[0, :, box[0] : box[2] + 1, column] = red
    tiles = F.interpolate(crop, (_TILE, _TILE), mode=mode), whole
    shown, inside = (tile[0].clamp(0, 1).mul(255).round().byte() for tile in tiles)
    return shown, inside
