"""``artcnn inspect patches``: what a unit is for."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out, hears, read_input, units_of
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.datasets.examples import Examples
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network
    from artcnn.visualizers.patches import Patch

_TILE = 84
_BATCH = 500
_PHOTO_SIDE = 320


def patches(
    units: Annotated[str, typer.Argument(metavar="LAYER[:UNIT]", help="Such as conv2, conv2:7 or conv2:0-11.")],
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The collection [default: MNIST's digits, 480 spoken ones, or 150 small pictures]."
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="Patches of each unit.")] = 9,
    per_picture: Annotated[int, typer.Option(min=1, max=20, help="At most how many of one picture.")] = 1,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Find the patches of a collection that activate a unit most, and show each alone and in its picture.

    A * marks a patch that touches the picture's border.
    """
    if images is not None and not images.is_dir():
        what = "give a folder of pictures, not a file" if images.exists() else "there is no such folder"
        raise ArtcnnError(f"--images {images}: {what}")
    look = Look("patches", model, units=[units])
    name, numbers = units_of(look.network, units, default=6)
    collection = Collection(look.network, images)
    look.go_to(out, units.replace(":", "-"))
    path = look.write(find_patches(look.network, name, numbers, collection, count, per_picture), html)
    if not quiet:
        typer.echo(path)


def find_patches(
    network: "Network", name: str, units: list[int], collection: "Collection", count: int = 9, per_picture: int = 1
) -> "Finding":
    """Return the patches of a collection that activate each of a layer's units most, alone and in their pictures."""
    import torch

    from artcnn.reports.messages import phrase
    from artcnn.reports.results import Finding, Tile
    from artcnn.visualizers.patches import find_top_patches

    found = find_top_patches(network, name, units, collection.batches(), count, per_picture)
    pictures, tiles, rows = [], [], list[dict[str, Any]]()
    for unit, best in found.items():
        whole = [collection.picture(patch.picture) for patch in best]
        crops, boxes = zip(*map(_show, whole, best), strict=True)
        spare = [torch.full_like(crops[0], 255)] * (count - len(best))
        pictures += [*crops, *spare, *boxes, *spare]
        own, free, at = f"{name}:{unit}", [Tile()] * len(spare), range(len(rows), len(rows) + len(best))
        stars = ["*" if touches else "" for touches in map(_touches, whole, best)]
        values = [
            phrase(":{unit} {value:.4g}{star}", unit=unit, value=p.value, star=s)
            for p, s in zip(best, stars, strict=True)
        ]
        names = [phrase("{name}", name=Path(collection.name(p.picture)).stem[:12]) for p in best]
        alone = phrase("{unit}: what it answers to most", unit=own)
        tiles += [*(Tile(value, row, own, alone) for value, row in zip(values, at, strict=True)), *free]
        tiles += [*(Tile(where, row, own) for where, row in zip(names, at, strict=True)), *free]
        rows += [
            {"unit": own, "value": p.value, "picture": collection.name(p.picture)}
            | dict(zip(("top", "left", "bottom", "right"), p.box, strict=True))
            | {"touches_border": bool(star)}
            for p, star in zip(best, stars, strict=True)
        ]
    every = [patch for best in found.values() for patch in best]
    arrays = {
        "boxes": torch.tensor([patch.box for patch in every]),
        "values": torch.tensor([patch.value for patch in every]),
    }
    title = phrase(
        "{network}: largest values of {layer}'s units in {count:,} {kind} (others may hold larger ones), and where",
        network=network.name,
        layer=name,
        count=len(collection),
        kind=collection.kind,
    )
    settings = {"layer": name, "units": units, "images": collection.origin, "count": count, "per_picture": per_picture}
    return Finding("patches", title, rows, torch.cat(pictures), tiles, count, 1, arrays, settings)


class Collection:
    """The pictures that are looked through, one or a batch in memory at a time.

    Attributes:
        origin: where they are from.
        kind: what they are, "pictures" or "recordings".
    """

    def __init__(self, network: "Network", folder: Path | None) -> None:
        """Look through a folder; without one, through what ships: digits, spoken or written, or photos and paintings.

        Raises:
            ArtcnnError: there is no such folder, or no picture in it.
        """
        from artcnn.files.collection import bundled_photos
        from artcnn.files.folder import list_pictures
        from artcnn.files.sound import list_sounds

        self._network, self._files = network, list[Path]()
        self.kind = "recordings" if hears(network) else "pictures"
        self._examples: Examples | None = None
        self._names = tuple[str, ...]()
        if folder is None and hears(network):
            from artcnn.files.recordings import read_bundled_recordings

            recordings = read_bundled_recordings()
            self._examples, self.origin = recordings.examples, recordings.examples.name
            self._names = tuple(f"{utterance.label}, {utterance.speaker}" for utterance in recordings.utterances)
            return
        if folder is None and network.input_shape[0] == 1:
            from artcnn.datasets.mnist import load_mnist

            self._examples = load_mnist("train")
            self.origin = self._examples.name
            self._names = tuple(f"#{number}" for number in range(len(self._examples)))
            return
        if folder is None:
            self.origin, self._files = "shipped pictures", bundled_photos()
            return
        self.origin = str(folder)
        self._files = list_sounds(folder) if hears(network) else list_pictures(folder)
        if not self._files:
            raise ArtcnnError(f"--images {self.origin}: there are no {self.kind} in it")

    def __len__(self) -> int:
        return len(self._files if self._examples is None else self._examples)

    def batches(self) -> "Iterator[Tensor]":
        """Yield all pictures, some at a time: shape (N, C, H, W), in [0, 1]."""
        import torch

        if self._examples is not None:
            for indices in torch.split(torch.arange(len(self._examples)), _BATCH):
                yield self._examples.batch(indices)[0]
        else:
            for number in range(len(self._files)):
                yield self.picture(number)

    def picture(self, number: int) -> "Tensor":
        """Return one picture, shape (1, C, H, W), in [0, 1]."""
        import torch

        if self._examples is not None:
            return self._examples.batch(torch.tensor([number]))[0]
        return read_input(self._network, self._files[number], _PHOTO_SIDE)

    def name(self, number: int) -> str:
        """Return what a picture is called."""
        return self._names[number] if self._names else self._files[number].name


def _touches(picture: "Tensor", patch: "Patch") -> bool:
    top, left, bottom, right = patch.box
    return top < 0 or left < 0 or bottom > picture.shape[2] or right > picture.shape[3]


def _show(picture: "Tensor", patch: "Patch") -> "tuple[Tensor, Tensor]":
    """Return a patch, and its whole picture with a box: (1, 3, 84, 84) bytes each.

    Outside of the picture a patch is grey; one that is larger than the picture is clipped to it.
    """
    import torch
    from torch.nn import functional as F

    from artcnn.image import size_of

    top, left, bottom, right = patch.box
    height, width = size_of(picture)
    if bottom - top > height:
        top, bottom = 0, height
    if right - left > width:
        left, right = 0, width
    around = max(0, -top, -left, bottom - height, right - width)
    padded = F.pad(picture, [around] * 4, value=0.5)
    crop = padded[..., top + around : bottom + around, left + around : right + around]
    whole, size = _tile(picture)
    scale = _TILE / max(height, width)
    box = [round(min(max(edge * scale, 0), limit - 1)) for edge, limit in zip(patch.box, size * 2, strict=True)]
    red = torch.tensor([255, 51, 26], dtype=torch.uint8).view(3, 1)
    for row in (box[0], box[2]):
        whole[0, :, row, box[1] : box[3] + 1] = red
    for column in (box[1], box[3]):
        whole[0, :, box[0] : box[2] + 1, column] = red
    return _tile(crop)[0], whole


def _tile(picture: "Tensor") -> "tuple[Tensor, tuple[int, int]]":
    """Return a picture (1, C, H, W) as a tile, (1, 3, 84, 84) bytes, white beside what is not square, and its size."""
    import torch

    from artcnn.image import fit_size, size_of
    from artcnn.reports.colormaps import tile

    size = fit_size(size_of(picture), _TILE)
    whole = torch.full((1, 3, _TILE, _TILE), 255, dtype=torch.uint8)
    whole[..., : size[0], : size[1]] = tile(picture, size)
    return whole, size
