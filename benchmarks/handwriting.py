"""How well digits are read from photos of paper: right or wrong, doubted or not, for each kind of photo.

Run from the repository's root: python benchmarks/handwriting.py [--model mnist-lecture] [--count 40] [--first 0]
[--sheet FILE] [KIND ...]. Photos 0 to 14 of the kinds in ``paper_kinds.TUNED`` are those that the
reading was tuned on; photos from 1000 on and the kinds in ``HELD_OUT`` are not. With --sheet, what was read wrongly or
doubted is laid out beside what the network saw.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from paper_kinds import HELD_OUT, KINDS, UNREADABLE, photo
from paper_photos import Photo
from PIL import Image, ImageDraw

from artcnn.files.model import Model, read_model
from artcnn.jobs.prediction import Answer
from artcnn.jobs.tasks.mnist import predict_digits

TILE = 150


def main() -> None:
    """Read the photos and print a row for each kind."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="mnist-lecture")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("kinds", nargs="*", default=KINDS)
    options = parser.parse_args()
    model = read_model(options.model, "mnist")
    print("| kind | photos | right | of these doubted | wrong, doubted | wrong without doubt |")
    print("|---|---|---|---|---|---|")
    tiles = []
    for kind in options.kinds:
        counts = {(right, doubted): 0 for right in (True, False) for doubted in (True, False)}
        photos = [photo(kind, number) for number in range(options.first, options.first + options.count)]
        for one, answer in zip(photos, read(model, photos), strict=True):
            truth = "" if kind == "empty page" else one.truth
            right, doubted = (answer.label or "") == truth, answer.doubt is not None
            counts[right, doubted] += 1
            if not right or doubted:
                tiles.append(tile(one.image, answer.input, f"{kind}: {answer.label}, {answer.doubt}"))
        right = counts[True, True] + counts[True, False]
        mark = "; held out" if kind in HELD_OUT else "; to be doubted" if kind in UNREADABLE else ""
        cells = options.count, right, counts[True, True], counts[False, True], counts[False, False]
        print(f"| {kind}{mark} | {' | '.join(map(str, cells))} |", flush=True)
    if options.sheet is not None and tiles:
        sheet = Image.new("RGB", (4 * tiles[0].width, -(-len(tiles) // 4) * tiles[0].height), "white")
        for number, one in enumerate(tiles):
            sheet.paste(one, (number % 4 * one.width, number // 4 * one.height))
        sheet.save(options.sheet)


def read(model: Model, photos: list[Photo]) -> list[Answer]:
    """Return what ``mnist predict`` answers to each photo."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.png" for number in range(len(photos))]
        for path, one in zip(paths, photos, strict=True):
            one.image.save(path, compress_level=1)
        return [answer for answer in predict_digits(model, paths) if isinstance(answer, Answer)]


def tile(image: Image.Image, digit: torch.Tensor, text: str) -> Image.Image:
    """Return a photo beside what the network saw."""
    made = Image.new("RGB", (2 * TILE, TILE + 14), "white")
    small = image.convert("RGB")
    small.thumbnail((TILE - 4, TILE - 4))
    made.paste(small, (0, 14))
    seen = Image.fromarray(digit[0].mul(255).byte().numpy()).resize((TILE - 10, TILE - 10), Image.Resampling.NEAREST)
    made.paste(seen, (TILE, 14))
    ImageDraw.Draw(made).text((0, 0), text[:48], fill="black")
    return made


if __name__ == "__main__":
    main()
