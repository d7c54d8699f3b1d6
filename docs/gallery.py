"""Make the pictures of the documents, through the command line: every preset on a photo, and looks inside networks.

Run from the repository's root: python docs/gallery.py [NAME ...]. About half a minute a picture on two cores. With
--list it prints the names, and makes nothing.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw

from artcnn.presets import preset_files

SAMPLES, PICTURES = Path("samples"), Path("docs/pictures")

DREAMS = {
    "default": "castle.jpg",
    "animals": "machu_picchu.webp",
    "carved": "machu_picchu.webp",
    "class": "coffee.png",
    "eyes": "cat.webp",
    "gentle": "machu_picchu.webp",
    "library": "colosseum.jpg",
    "reef": "machu_picchu.webp",
    "serpents": "coffee.png",
    "spires": "castle.jpg",
    "swirls": "eiffel_tower.jpg",
    "wild": "red_panda.webp",
}
"""The photo on which each dream preset is shown."""

STYLES = {
    "default": ("castle.jpg", "church_at_auvers.jpg"),
    "bold": ("eiffel_tower.jpg", "cafe_terrace.jpg"),
    "brush": ("red_panda.webp", "night_cafe.jpg"),
    "fine": ("colosseum.jpg", "harvest.jpg"),
    "gatys": ("brandenburg_gate.jpg", "night_cafe.jpg"),
    "glaze": ("red_panda.webp", "church_at_auvers.jpg"),
    "painterly": ("machu_picchu.webp", "church_at_auvers.jpg"),
    "invention": ("castle.jpg", "harvest.jpg"),
    "reverie": ("astronaut.png", "church_at_auvers.jpg"),
}
"""The photo and the painting with which each style preset is shown."""


ZOOM = "--zoom 1.03 --rotate 0.7 --frames 80 --fps 16 --loop --size 240 --octaves 3"
"""The film, as ``artcnn dream`` is given it: some two minutes."""

CONTROL = {
    "gram": "style brandenburg_gate.jpg night_cafe.jpg --method gram",
    "moments": "style brandenburg_gate.jpg night_cafe.jpg",
    "neighbors": "style coffee.png church_at_auvers.jpg --method neighbors",
    "neighbors-face": "style astronaut.png church_at_auvers.jpg --method neighbors",
    "colors-content": "style castle.jpg church_at_auvers.jpg --colors content",
    "colors-match": "style castle.jpg church_at_auvers.jpg --colors match",
    "blend": "style castle.jpg church_at_auvers.jpg harvest.jpg --blend 1,1",
    "mask": "style castle.jpg church_at_auvers.jpg harvest.jpg --mask painting2={sky}",
    "crop": "style eiffel_tower.jpg church_at_auvers.jpg --style-crop 0,0,1,0.4 --size 320",
    "neighbors-mask": "style castle.jpg church_at_auvers.jpg harvest.jpg -p brush --mask painting2={sky} --size 320",
    "neighbors-colors": "style red_panda.webp church_at_auvers.jpg -p brush --colors content --size 320",
    "neighbors-blend": "style coffee.png church_at_auvers.jpg cafe_terrace.jpg -p brush --blend 1,1 --size 320",
    "protect": "style astronaut.png church_at_auvers.jpg --protect {face}",
}
"""What a style is steered by, each as ``artcnn`` is given it."""

MASKS = {"sky": ((750, 500), (0, 0, 750, 205)), "face": ((512, 512), (150, 10, 310, 240))}
"""Size of each mask, and what is white: of the sky a rectangle, of the face an ellipse."""

STEERED = {
    "guide": "samples/astronaut.png --guide samples/red_panda.webp --guide-mask docs/pictures/dream-guide-mask.png",
    "guide-palace": "samples/machu_picchu.webp --guide samples/hawa_mahal.webp",
    "guide-jaguars": "samples/castle.jpg --guide samples/jaguar.webp",
    "strong": "samples/castle.jpg --channels strong:8",
    "weak": "samples/castle.jpg --channels weak:8",
    "mask": "samples/cat.webp --mask docs/pictures/dream-mask-input.png",
    "content": "samples/castle.jpg --colors content",
}
"""What docs/control.md shows of steering a dream, each as ``artcnn dream`` is given it."""

BY_NAME = {
    "class-tabby": "samples/coffee.png --class tabby",
    "class-pug": "samples/red_panda.webp --class pug",
    "class-volcano": "samples/machu_picchu.webp --class volcano",
    "lite0": "samples/castle.jpg --backbone efficientnet-lite0",
}
"""Dreams by a classifier, each as ``artcnn dream`` is given it."""

INSPECT = {
    "convolution": "convolution {digit} --model mnist-lecture",
    "class": "maximize class all --model mnist-best",
    "kernels": "maximize conv conv1:0-5 --model mnist-lecture",
    "wanted": "maximize conv conv2:0-5 --model mnist-lecture",
    "patches": "patches conv2:4-6 --model mnist-lecture",
    "saliency": "saliency {digit} --model mnist-lecture",
    "masks": "saliency {digit} --model mnist-lecture --method masks",
    "fool": "fool {digit} --to 8 --model mnist-lecture",
    "invert": "invert {digit} conv1 conv2 pool2 fc1 logits --model mnist-lecture",
    "filters": "filters conv1 --model mnist-lecture",
    "textures": "maximize conv conv4_3:98-103 --model vgg16",
}
"""The looks inside networks, each as ``artcnn inspect`` is given it."""

FIVE = "gradient,smoothgrad,integrated,guided,gradcam"
"""Attribution methods of which a small sheet has room."""

OTHERS = {
    "go-saliency": f"saliency samples/game.sgf --model go-moves --method {FIVE}",
    "speech-saliency": f"saliency samples/word.wav --model speech-digits --method {FIVE}",
}
"""Those that docs/go.md and docs/speech.md show."""

PHOTOS = {
    "alexnet11": "filters --model alexnet11",
    "check": "check samples/coffee.png --model efficientnet-lite0",
    "patches-vgg": "patches relu4_3:98-101 --model vgg16",
    "photo": f"saliency samples/coffee.png --model efficientnet-lite0 --method {FIVE}",
    "inverse": "invert samples/cat.webp relu1_1 relu2_2 relu3_3 relu4_3 relu5_3 --model vgg16 --size 224 --steps 100",
    "volcano": "maximize class volcano --model efficientnet-lite0",
}
"""Those of many colors, which are kept as JPEG."""

SMALL = {"grid": "grid samples/red_panda.webp block5_3 --model efficientnet-lite0"}
"""Those that are kept small, as WebP."""

NOT_MADE_HERE = {
    "dream-guide-mask": "drawn by hand: it goes into dream-guide",
    "dream-mask-input": "drawn by hand: it goes into dream-mask",
    "film-dream": "artcnn dream, of a clip that is not here: docs/video.md has the command; 320 pixels wide",
    "film-instant": "artcnn instant, of the same clip",
    "film-sheet": "benchmarks/video.py --engines instant --measure film --frames 72 --sheet, smaller",
    "film-style": "artcnn style, of the same clip",
    "instant-peer": "benchmarks/instant_grain.py --sheet, beside a package that is not needed otherwise",
    "inspect-report": "a browser's window with the page of artcnn inspect report",
    "inspect-sums": "a browser's window with the page of artcnn inspect convolution --html",
    "mnist-compare": "artcnn mnist compare: many trainings",
    "speech-compare": "artcnn speech compare, of recordings that are not here",
    "speech-predict": "artcnn speech predict, of such recordings",
    "go-compare": "artcnn go compare: many trainings",
    "go-curve": "artcnn go train, of games that are not here",
    "go-suggest": "artcnn go suggest, in such a game",
    **dict.fromkeys(
        ("studio-workshop", "studio-mask", "studio-digits", "studio-photo", "studio-go", "studio-speech"),
        "docs/studio_screens.py: a browser's window with a page of artcnn studio",
    ),
}
"""The other pictures of the documents, and what they are."""


def look(command: str, name: str, suffix: str = ".png") -> None:
    """Run artcnn inspect and keep its sheet as docs/pictures/NAME, as a PNG in 256 colors, a JPEG or a small WebP."""
    from artcnn.datasets.mnist import load_mnist

    with tempfile.TemporaryDirectory() as folder:
        digit, out = Path(folder) / "digit.png", Path(folder) / "found"
        Image.fromarray(load_mnist("test").inputs[32, 0].numpy()).save(digit)
        arguments = command.format(digit=digit).split()
        subprocess.run(["artcnn", "inspect", *arguments, "--out", str(out)], check=True)
        with Image.open(
            next(path for path in (out / "sheet.png", out / "picture" / "sheet.png") if path.exists())
        ) as sheet:
            path = PICTURES / f"{name}{suffix}"
            if suffix == ".png":
                sheet.quantize(256).save(path, optimize=True)
            elif suffix == ".webp":
                sheet.convert("RGB").reduce(2).save(path, quality=60, method=6)
            else:
                sheet.convert("RGB").save(path, quality=88)


def make(arguments: list[str | Path], name: str, width: int, quality: int = 88) -> None:
    """Run artcnn and keep its picture, ``width`` pixels wide, as docs/pictures/NAME.jpg."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "picture.png"
        subprocess.run(["artcnn", *map(str, arguments), "--out", str(out)], check=True)
        with Image.open(out) as image:
            small = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
            small.save(PICTURES / f"{name}.jpg", quality=quality)


def strengths() -> None:
    """Keep a photo and its dream at four strengths, side by side, as docs/pictures/dream-strength.jpg."""
    with Image.open(SAMPLES / "cat.webp") as photo:
        steps = [photo.convert("RGB").resize((192, 144), Image.Resampling.LANCZOS)]
    with tempfile.TemporaryDirectory() as folder:
        for strength in (0.25, 0.5, 0.75, 1):
            out = Path(folder) / f"{strength}.png"
            options = ["--size", "384", "--strength", str(strength), "--out", str(out)]
            subprocess.run(["artcnn", "dream", str(SAMPLES / "cat.webp"), *options], check=True)
            with Image.open(out) as image:
                steps.append(image.resize((192, 144), Image.Resampling.LANCZOS))
    row = Image.new("RGB", (192 * len(steps), 144))
    for number, image in enumerate(steps):
        row.paste(image, (192 * number, 0))
    row.save(PICTURES / "dream-strength.jpg", quality=88)


def control(command: str, name: str) -> None:
    """Run a style with its masks and keep its picture as docs/pictures/style-NAME.jpg."""
    with tempfile.TemporaryDirectory() as folder:
        masks = {}
        for mask, (size, box) in MASKS.items():
            drawn = Image.new("L", size, 0)
            draw = ImageDraw.Draw(drawn)
            (draw.rectangle if mask == "sky" else draw.ellipse)(box, fill=255)
            masks[mask] = f"{folder}/{mask}.png"
            drawn.save(masks[mask])
        words = command.format(**masks).split()
        make([SAMPLES / word if (SAMPLES / word).is_file() else word for word in words], f"style-{name}", 320)


def tile(name: str) -> None:
    """Make a texture that tiles and keep it, laid 2 x 2, as docs/pictures/NAME.jpg."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tile.png"
        texture = ["artcnn", "texture", str(SAMPLES / "church_at_auvers.jpg"), "--size", "256", "--tileable"]
        subprocess.run([*texture, "--out", str(out)], check=True)
        with Image.open(out) as one:
            laid = Image.new("RGB", (2 * one.width, 2 * one.height))
            for number in range(4):
                laid.paste(one, (number % 2 * one.width, number // 2 * one.height))
            laid.save(PICTURES / f"{name}.jpg", quality=88)


def hero() -> None:
    """Keep what stands at the top of the README: a photo, its dream, its painting."""
    with Image.open(SAMPLES / "castle.jpg") as photo:
        photo.resize((512, 342), Image.Resampling.LANCZOS).save(PICTURES / "photo-castle.jpg", quality=90)
    make(["dream", SAMPLES / "castle.jpg"], "hero-dream", 512)
    make(["style", SAMPLES / "castle.jpg", SAMPLES / "church_at_auvers.jpg"], "hero-style", 512)


def film() -> None:
    """Keep the zoom film as docs/pictures/dream-zoom.webp."""
    words = ["artcnn", "dream", str(SAMPLES / "castle.jpg"), *ZOOM.split()]
    subprocess.run([*words, "--out", str(PICTURES / "dream-zoom.webp")], check=True)


def sheet() -> None:
    """Keep a contact sheet as docs/pictures/sheet.jpg."""
    varied = ["--vary", "strength=0.3,0.6,1", "--vary", "preset=default,painterly,bold"]
    make(["sheet", "style", SAMPLES / "castle.jpg", SAMPLES / "church_at_auvers.jpg", *varied], "sheet", 900, 72)


def makers() -> dict[str, Callable[[], None]]:
    """Return what makes each picture, by its name; the three at the top of the README are one, ``hero``."""
    found: dict[str, Callable[[], None]] = {"hero": hero, "dream-zoom": film}
    found |= {f"inspect-{name}": partial(look, command, f"inspect-{name}") for name, command in INSPECT.items()}
    found |= {f"inspect-{name}": partial(look, command, f"inspect-{name}", ".jpg") for name, command in PHOTOS.items()}
    found |= {f"inspect-{name}": partial(look, command, f"inspect-{name}", ".webp") for name, command in SMALL.items()}
    found |= {name: partial(look, command, name) for name, command in OTHERS.items()}
    found |= {f"style-{name}": partial(control, command, name) for name, command in CONTROL.items()}
    styles = ["instant", "styles", SAMPLES / "castle.jpg", "--size", "192"]
    found |= {"instant-styles": partial(make, styles, "instant-styles", 800, 72)}
    found |= {"sheet": sheet, "texture": partial(tile, "texture"), "dream-strength": strengths}
    for name, command in STEERED.items():
        found[f"dream-{name}"] = partial(make, ["dream", *command.split(), "--size", "384"], f"dream-{name}", 320)
    for name, command in BY_NAME.items():
        found[f"dream-{name}"] = partial(make, ["dream", *command.split()], f"dream-{name}", 352)
    for preset in preset_files("dream"):
        arguments = ["dream", SAMPLES / DREAMS[preset], "--preset", preset]
        found[f"dream-{preset}"] = partial(make, arguments, f"dream-{preset}", 320)
    for preset in preset_files("style"):
        photo, painting = STYLES[preset]
        arguments = ["style", SAMPLES / photo, SAMPLES / painting, "--preset", preset]
        found[f"style-{preset}"] = partial(make, arguments, f"style-{preset}", 320)
    return found


def main() -> None:
    """Make those that are named, or all."""
    found, wanted = makers(), sys.argv[1:]
    if wanted == ["--list"]:
        sys.stdout.write("\n".join([*found, ""]))
        return
    unknown = [name for name in wanted if name not in found]
    if unknown:
        sys.exit(f"there is no {', '.join(unknown)}: --list tells the names")
    for name in wanted or found:
        found[name]()


if __name__ == "__main__":
    main()
