"""Every picture of the documents, with what is typed for it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from artcnn.files.style_names import shipped_styles
from artcnn.presets import preset_files
from making import keep
from making.picture import Picture

DREAMS = {
    "default": "samples/castle.jpg",
    "animals": "samples/machu_picchu.webp",
    "carved": "samples/machu_picchu.webp",
    "class": "samples/machu_picchu.webp",
    "eyes": "samples/cat.webp",
    "gentle": "samples/machu_picchu.webp",
    "library": "samples/colosseum.jpg",
    "reef": "samples/machu_picchu.webp",
    "serpents": "samples/coffee.png",
    "spires": "samples/castle.jpg",
    "swirls": "samples/eiffel_tower.jpg",
    "wild": "samples/red_panda.webp",
}
"""The photo on which each preset of dreams is shown."""

STYLES = {
    "default": "samples/castle.jpg samples/church_at_auvers.jpg",
    "bold": "samples/eiffel_tower.jpg samples/cafe_terrace.jpg",
    "brush": "samples/red_panda.webp samples/night_cafe.jpg",
    "fine": "samples/colosseum.jpg samples/harvest.jpg",
    "gatys": "samples/brandenburg_gate.jpg samples/night_cafe.jpg",
    "glaze": "samples/red_panda.webp samples/church_at_auvers.jpg",
    "painterly": "samples/machu_picchu.webp samples/church_at_auvers.jpg",
    "invention": "samples/castle.jpg samples/harvest.jpg",
    "reverie": "samples/astronaut.png samples/church_at_auvers.jpg",
}
"""The photo and the painting with which each preset of styles is shown."""

DREAMT = {
    "guide": "samples/astronaut.png --guide samples/red_panda.webp --guide-mask docs/pictures/dream-guide-mask.png",
    "guide-palace": "samples/machu_picchu.webp --guide samples/hawa_mahal.webp",
    "guide-jaguars": "samples/castle.jpg --guide samples/jaguar.webp",
    "strong": "samples/castle.jpg --channels strong:8",
    "weak": "samples/castle.jpg --channels weak:8",
    "mask": "samples/cat.webp --mask docs/pictures/dream-mask-input.png",
    "content": "samples/castle.jpg --colors content",
}
"""Dreams that are steered, each with --size 384."""

BY_NAME = {
    "class-tabby": "samples/coffee.png --class 'tabby cat'",
    "class-volcano": "samples/machu_picchu.webp --class volcano",
    "lite0": "samples/castle.jpg --backbone efficientnet-lite0",
}
"""Dreams by a classifier."""

STYLED = {
    "gram": "samples/brandenburg_gate.jpg samples/night_cafe.jpg --method gram",
    "moments": "samples/brandenburg_gate.jpg samples/night_cafe.jpg --method moments",
    "neighbors": "samples/coffee.png samples/church_at_auvers.jpg --method neighbors",
    "neighbors-face": "samples/astronaut.png samples/church_at_auvers.jpg --method neighbors",
    "colors-content": "samples/castle.jpg samples/church_at_auvers.jpg --colors content",
    "colors-match": "samples/castle.jpg samples/church_at_auvers.jpg --colors match",
    "blend": "samples/castle.jpg samples/church_at_auvers.jpg samples/harvest.jpg --blend 1,1",
    "mask": "samples/castle.jpg samples/church_at_auvers.jpg samples/harvest.jpg --mask painting2={sky}",
    "crop": "samples/eiffel_tower.jpg samples/church_at_auvers.jpg --style-crop 0,0,1,0.4 --size 320",
    "neighbors-mask": "samples/castle.jpg samples/church_at_auvers.jpg samples/harvest.jpg --preset brush "
    "--mask painting2={sky} --size 320",
    "neighbors-colors": "samples/red_panda.webp samples/church_at_auvers.jpg --preset brush --colors content "
    "--size 320",
    "neighbors-blend": "samples/coffee.png samples/church_at_auvers.jpg samples/cafe_terrace.jpg --preset brush "
    "--blend 1,1 --size 320",
    "protect": "samples/astronaut.png samples/church_at_auvers.jpg --protect {face}",
}
"""Styles that are steered."""

ZOOM = "--zoom 1.03 --rotate 0.7 --frames 80 --fps 16 --loop --size 240 --octaves 3"
CLIP = "--to 3 --fps 12 --size 384"
FIVE = "gradient,smoothgrad,integrated,guided,gradcam"
"""Attribution methods of which a small sheet has room."""

FEW_COLORS = {
    "inspect-convolution": "convolution samples/digit.png",
    "inspect-class": "maximize class all --model mnist-best",
    "inspect-kernels": "maximize conv conv1:0-5",
    "inspect-wanted": "maximize conv conv2:0-5",
    "inspect-patches": "patches conv2:4-6",
    "inspect-saliency": "saliency samples/digit.png",
    "inspect-masks": "saliency samples/digit.png --method masks",
    "inspect-fool": "fool samples/digit.png --to 8",
    "inspect-invert": "invert samples/digit.png conv1 conv2 pool2 fc1 logits",
    "inspect-filters": "filters conv1",
    "inspect-textures": "maximize conv conv4_3:98-103 --model vgg16",
    "go-saliency": f"saliency samples/game.sgf --model go-moves --method {FIVE}",
    "speech-saliency": f"saliency samples/word.wav --model speech-digits --method {FIVE}",
}
"""Looks into networks that are kept as PNG."""

MANY_COLORS = {
    "inspect-alexnet11": "filters --model alexnet11",
    "inspect-check": "check samples/coffee.png --model efficientnet-lite0",
    "inspect-patches-vgg": "patches relu4_3:98-101 --model vgg16",
    "inspect-photo": f"saliency samples/coffee.png --model efficientnet-lite0 --method {FIVE}",
    "inspect-inverse": "invert samples/cat.webp relu1_1 relu2_2 relu3_3 relu4_3 relu5_3 --model vgg16 --size 224 "
    "--steps 100",
    "inspect-volcano": "maximize class volcano --model efficientnet-lite0",
}
"""Those that are kept as JPEG."""

CHARTS = {
    "go-suggest": "artcnn go suggest go-moves samples/game.sgf --move 71",
    "go-compare": "artcnn go compare --positions 20000 --rates 0.003",
    "mnist-compare": "artcnn mnist compare --sizes 100,1000",
    "speech-predict": "artcnn speech predict speech-digits samples/word.wav artcnn/data/spoken/en-gb+f5.ogg",
}
"""What other commands draw."""

SCREENS = ("workshop", "mask", "digits", "photo", "go", "speech")
"""Pages of the studio."""


def all_pictures() -> dict[str, Picture]:
    """Return the pictures by their files, in the order in which they can be made."""
    return {picture.file: picture for picture in (*_results(), *_looks(), *_others(), *_films(), *_shelves())}


def _picture(name: str, command: str | tuple[str, ...], how: Callable[..., None], **settings: Any) -> Picture:  # noqa: ANN401
    """Return a picture in ``docs/pictures``."""
    commands = (command,) if isinstance(command, str) else command
    return Picture(f"docs/pictures/{name}", commands, partial(how, **settings))


def _results() -> Iterable[Picture]:
    """Yield what dream and style make."""
    castle, church = "samples/castle.jpg", "samples/church_at_auvers.jpg"
    yield _picture("photo-castle.jpg", castle, keep.shrunk, width=512, quality=90)
    yield _picture("hero-dream.jpg", f"artcnn dream {castle}", keep.shrunk, width=512)
    yield _picture("hero-style.jpg", f"artcnn style {castle} {church}", keep.shrunk, width=512)
    for preset in preset_files("dream"):
        yield _picture(f"dream-{preset}.jpg", f"artcnn dream {DREAMS[preset]}{_preset(preset)}", keep.shrunk, width=320)
    for preset in preset_files("style"):
        yield _picture(f"style-{preset}.jpg", f"artcnn style {STYLES[preset]}{_preset(preset)}", keep.shrunk, width=320)
    yield _picture("dream-guide-mask.png", (), keep.as_mask, size=(320, 180), box=(96, 14, 229, 157), soft=1.5)
    yield _picture("dream-mask-input.png", (), keep.as_mask, size=(320, 240), box=(146, 77, 223, 155), soft=4)
    for name, words in DREAMT.items():
        yield _picture(f"dream-{name}.jpg", f"artcnn dream {words} --size 384", keep.shrunk, width=320)
    for name, words in BY_NAME.items():
        yield _picture(f"dream-{name}.jpg", f"artcnn dream {words}", keep.shrunk, width=352)
    for name, words in STYLED.items():
        yield _picture(f"style-{name}.jpg", f"artcnn style {words}", keep.shrunk, width=320)
    steps = [f"artcnn dream samples/cat.webp --size 384 --strength {strength}" for strength in (0.25, 0.5, 0.75, 1)]
    yield _picture("dream-strength.jpg", ("samples/cat.webp", *steps), keep.in_a_row)
    varied = f"artcnn sheet style {castle} {church} --vary strength=0.3,0.6,1 --vary preset=default,painterly,bold"
    yield _picture("sheet.jpg", varied, keep.shrunk, width=900, quality=72)
    yield _picture("texture.jpg", f"artcnn texture {church} --tileable --size 256", keep.laid_out)
    yield _picture(
        "instant-styles.jpg", f"artcnn instant styles {castle} --size 192", keep.shrunk, width=800, quality=72
    )


def _preset(name: str) -> str:
    """Return the options that say a preset: the usual one is not named, and that of classes follows from the class."""
    return {"default": "", "class": " --class castle"}.get(name, f" --preset {name}")


def _looks() -> Iterable[Picture]:
    """Yield what inspect makes."""
    for name, words in FEW_COLORS.items():
        yield _picture(f"{name}.png", f"artcnn inspect {words}", keep.as_png)
    for name, words in MANY_COLORS.items():
        yield _picture(f"{name}.jpg", f"artcnn inspect {words}", keep.as_jpeg)
    grid = "artcnn inspect grid samples/red_panda.webp block5_3 --model efficientnet-lite0"
    yield _picture("inspect-grid.webp", grid, keep.halved)


def _others() -> Iterable[Picture]:
    """Yield charts, pages in a browser's window, and what benchmarks draw."""
    for name, command in CHARTS.items():
        yield _picture(f"{name}.png", command, keep.as_png)
    yield _picture("go-curve.png", "artcnn/data/models/go-moves.safetensors", keep.as_curve)
    for name in ("inspect-report", "inspect-sums"):
        yield _picture(f"{name}.png", f"python docs/screens.py {name} --out {{out}}", keep.as_png)
    for name in SCREENS:
        yield _picture(f"studio-{name}.webp", f"python docs/screens.py {name} --out {{out}}", keep.as_it_is)
    grain = "python benchmarks/instant_grain.py --peer {peer} --sheet {out}"
    yield _picture("instant-peer.jpg", grain, keep.as_jpeg, quality=80)
    frames = "python benchmarks/video.py --engines instant --measure film --frames 72 --sheet {folder}"
    yield _picture("film-sheet.jpg", frames, keep.shrunk, width=960, quality=80)


def _films() -> Iterable[Picture]:
    """Yield films."""
    yield _picture("dream-zoom.webp", f"artcnn dream samples/castle.jpg {ZOOM}", keep.as_it_is)
    yield _picture("film-instant.webp", f"artcnn instant {{clip}} --style wave {CLIP}", keep.as_film, width=320)
    yield _picture(
        "film-style.webp", f"artcnn style {{clip}} samples/church_at_auvers.jpg {CLIP}", keep.as_film, width=320
    )
    yield _picture("film-dream.webp", f"artcnn dream {{clip}} {CLIP}", keep.as_film, width=320)


def _shelves() -> Iterable[Picture]:
    """Yield the small pictures on the studio's shelves: presets as the documents have them, and styles."""
    folder = "artcnn/data/studio/looks"
    for kind in ("dream", "style"):
        for name in preset_files(kind):
            of = f"docs/pictures/{kind}-{name}.jpg"
            yield Picture(f"{folder}/{kind}-{name}.webp", (of,), partial(keep.on_a_shelf))
    for name in shipped_styles():
        command = f"artcnn instant samples/castle.jpg --style {name} --size 480"
        yield Picture(f"{folder}/instant-{name}.webp", (command,), partial(keep.on_a_shelf))
