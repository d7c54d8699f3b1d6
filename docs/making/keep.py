"""How what a command made becomes a picture of the documents: each function takes the results and writes the file."""

from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageOps, ImageSequence

LANCZOS = Image.Resampling.LANCZOS


def as_it_is(made: list[Path], out: Path) -> None:
    """Keep the file."""
    out.write_bytes(made[0].read_bytes())


def as_jpeg(made: list[Path], out: Path, quality: int = 88) -> None:
    """Keep a picture of many colors."""
    Image.open(made[0]).convert("RGB").save(out, quality=quality)


def as_png(made: list[Path], out: Path) -> None:
    """Keep a picture of few colors: 256 of them."""
    Image.open(made[0]).convert("RGB").quantize(256).save(out, optimize=True)


def shrunk(made: list[Path], out: Path, width: int, quality: int = 88) -> None:
    """Keep a picture, ``width`` pixels wide."""
    image = Image.open(made[0]).convert("RGB")
    image.resize((width, round(image.height * width / image.width)), LANCZOS).save(out, quality=quality)


def halved(made: list[Path], out: Path) -> None:
    """Keep a picture at half its size, as WebP."""
    Image.open(made[0]).convert("RGB").reduce(2).save(out, quality=60, method=6)


def as_film(made: list[Path], out: Path, width: int) -> None:
    """Keep a film, ``width`` pixels wide."""
    with Image.open(made[0]) as film:
        height, duration = round(film.height * width / film.width), []
        frames = []
        for frame in ImageSequence.Iterator(film):
            frames.append(frame.convert("RGB").resize((width, height), LANCZOS))
            duration.append(frame.info["duration"])
    frames[0].save(out, save_all=True, append_images=frames[1:], duration=duration, loop=0, quality=50, method=6)


def laid_out(made: list[Path], out: Path) -> None:
    """Keep a tile, laid 2 x 2."""
    one = Image.open(made[0]).convert("RGB")
    laid = Image.new("RGB", (2 * one.width, 2 * one.height))
    for number in range(4):
        laid.paste(one, (number % 2 * one.width, number // 2 * one.height))
    laid.save(out, quality=88)


def in_a_row(made: list[Path], out: Path, size: tuple[int, int] = (192, 144)) -> None:
    """Keep pictures side by side."""
    row = Image.new("RGB", (size[0] * len(made), size[1]))
    for number, path in enumerate(made):
        row.paste(Image.open(path).convert("RGB").resize(size, LANCZOS), (size[0] * number, 0))
    row.save(out, quality=88)


def on_a_shelf(made: list[Path], out: Path) -> None:
    """Keep the middle of a picture, twice as large as the studio's shelves show it, for fine screens."""
    ImageOps.fit(Image.open(made[0]).convert("RGB"), (288, 192), LANCZOS).save(out, quality=72, method=6)


def as_curve(made: list[Path], out: Path) -> None:
    """Keep the learning curve of a model, which its card has."""
    from artcnn.files.model import read_model
    from artcnn.jobs.tasks.table import find_task
    from artcnn.reports.chart import write_learning_curve

    card = read_model(made[0]).card
    title = find_task(card.kind).describe(card.train_recipe())
    write_learning_curve(out, card.epochs(), int(card.metrics["best_epoch"]), title)
    as_png([out], out)


def as_mask(made: list[Path], out: Path, size: tuple[int, int], box: tuple[int, int, int, int], soft: float) -> None:  # noqa: ARG001
    """Draw a mask with a soft white spot; it is made of nothing."""
    draw("ellipse", size, box, out, soft)


def draw(shape: str, size: tuple[int, int], box: tuple[int, int, int, int], out: Path, soft: float = 0) -> None:
    """Draw a mask: black, and white in a ``rectangle`` or an ``ellipse``, whose edge may be soft."""
    mask = Image.new("L", size, 0)
    getattr(ImageDraw.Draw(mask), shape)(box, fill=255)
    mask.filter(ImageFilter.GaussianBlur(soft)).save(out)


MASKS = {
    "sky": partial(draw, "rectangle", (750, 500), (0, 0, 750, 205)),
    "face": partial(draw, "ellipse", (512, 512), (150, 10, 310, 240)),
}
"""Masks that commands name in braces."""
