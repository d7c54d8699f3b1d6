"""Options that several commands have, and how they become a recipe's settings."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, overload

import typer

from artcnn.errors import ArtcnnError, RecipeError

if TYPE_CHECKING:
    from artcnn import recipes
    from artcnn.presets import Kind, PictureKind
    from artcnn.recipes import Recipe, VideoRecipe
    from artcnn.training_recipes import GoRecipe, MnistRecipe, SpeechRecipe

PresetName = Annotated[
    str | None,
    typer.Option("--preset", "-p", metavar="NAME|FILE", help="A recipe by name ('artcnn presets') or a .toml file."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any setting of the recipe ('artcnn presets show'). Repeatable."),
]
Size = Annotated[int | None, typer.Option(metavar="PIXELS", help="Longer side of the result.")]
Seed = Annotated[int | None, typer.Option(metavar="NUMBER", help="Seed of everything random.")]
BackboneName = Annotated[
    str | None,
    typer.Option(
        "--backbone", metavar="NAME", help="Pretrained network: 'artcnn weights', or torchvision's classifiers."
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(metavar="auto|float32|bfloat16", help="What convolutions compute in; auto is the fastest here."),
]
StyleScale = Annotated[float | None, typer.Option(help="Above 1 larger brush strokes, below 1 finer.")]
StyleCrop = Annotated[
    str | None,
    typer.Option(metavar="L,T,R,B", help="Part of the painting: left, top, right, bottom, of 0 to 1."),
]
PaintingMasks = Annotated[
    list[str] | None,
    typer.Option(metavar="paintingN=FILE", help="Where painting N rules: white there, grey blends. Repeatable."),
]
Protect = Annotated[Path | None, typer.Option(metavar="FILE", help="Where the photo stays as it is: white there.")]
Guide = Annotated[
    Path | None, typer.Option(metavar="PICTURE", help="A picture whose forms the dream is drawn towards.")
]
GuideMask = Annotated[
    Path | None, typer.Option(metavar="PICTURE", help="White where the guide guides, black where not.")
]
DreamMask = Annotated[
    Path | None, typer.Option(metavar="PICTURE", help="White where to dream; where black, the photo stays.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE|FOLDER|-",
        help="Where to put the picture, - for the standard output [default: a new file beside the photo].",
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace the file that is there; of many pictures, make done ones again.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where a run of the same picture or film was killed.")]
MaxMemory = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Take no more memory than this, such as 2GB [default: what is free]."),
]
KeepGps = Annotated[bool, typer.Option("--keep-gps", help="Write into the picture where the photo was taken, too.")]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="What to compute on.")]
SaveEvery = Annotated[
    int | None, typer.Option(metavar="STEPS", min=1, help="Keep a picture of every so many steps, too.")
]
Preview = Annotated[bool, typer.Option("--preview", help="Show the picture growing in the terminal.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Html = Annotated[bool, typer.Option("--html", help="Write a page of it, too, that opens in any browser.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object about the result, for machines.")]
Zoom = Annotated[
    float | None, typer.Option(metavar="FACTOR", help="Make a film, each frame dreamt from the last, so much larger.")
]
Rotate = Annotated[float | None, typer.Option(metavar="DEGREES", help="Of a film: turn each frame by so much.")]
Frames = Annotated[int | None, typer.Option(metavar="NUMBER", help="Of a film: its frames.")]
Fps = Annotated[float | None, typer.Option(metavar="NUMBER", help="Of a film: frames a second.")]
Loop = Annotated[bool | None, typer.Option("--loop", help="Of a film: lead its end into its beginning.")]
Film = Annotated[
    list[str] | None,
    typer.Option("--film", metavar="KEY=VALUE", help="Any setting of a film: steps, color_match, ... Repeatable."),
]


@overload
def recipe_from(
    kind: "PictureKind",
    preset: str | None,
    pairs: list[str] | None,
    **options: Any,  # noqa: ANN401
) -> "Recipe": ...
@overload
def recipe_from(
    kind: Literal["mnist"],
    preset: str | None,
    pairs: list[str] | None,
    **options: Any,  # noqa: ANN401
) -> "MnistRecipe": ...
@overload
def recipe_from(
    kind: Literal["speech"],
    preset: str | None,
    pairs: list[str] | None,
    **options: Any,  # noqa: ANN401
) -> "SpeechRecipe": ...
@overload
def recipe_from(
    kind: Literal["go"],
    preset: str | None,
    pairs: list[str] | None,
    **options: Any,  # noqa: ANN401
) -> "GoRecipe": ...
def recipe_from(kind: "Kind", preset: str | None, pairs: list[str] | None, **options: Any) -> "recipes.Settings":
    """Return the recipe of the command line: an option wins over ``--set``, ``--set`` over the preset.

    Args:
        kind: the command.
        preset: ``--preset``.
        pairs: every ``--set``, as ``key=value``; the value in TOML's spelling, or bare text.
        options: the command's own options by setting; None for those not given.

    Raises:
        RecipeError: the preset does not exist, or settings are wrong (a line for each).
    """
    from artcnn.presets import load_recipe

    settings = dict(pair(text) for text in pairs or [])
    settings |= {name: value for name, value in options.items() if value is not None}
    return load_recipe(kind, preset, **settings)


def backbone_of(kind: "Kind", preset: str, pairs: list[str] | None, option: str | None) -> str | None:
    """Return the backbone that the option, ``--set`` or the preset chooses; None where none does."""
    from artcnn.presets import load_preset

    settings = load_preset(kind, preset).settings | dict(pair(text) for text in pairs or [])
    chosen = option or settings.get("backbone")
    return None if chosen is None else str(chosen)


def film_from(
    pairs: list[str] | None,
    steps: int | None,
    out: Path | None,
    **options: Any,  # noqa: ANN401
) -> "VideoRecipe | None":
    """Return the settings of a film, or None where nothing asks for one.

    Args:
        pairs: every ``--film``, as ``key=value``.
        steps: ``--steps``, which is a picture's.
        out: ``--out``.
        options: the command's own options by setting; None for those not given.

    Raises:
        RecipeError: settings are wrong (a line for each), or a film's file is asked for without a film.
    """
    given = dict(pair(text, "--film") for text in pairs or [])
    given |= {name: value for name, value in options.items() if value is not None}
    if not given:
        if out is not None and out.suffix.lower() in (".mp4", ".gif"):
            raise RecipeError(f"cannot write {out}: that is a film, add --zoom 1.02; a picture ends in .png, .jpg, ...")
        return None
    from artcnn.recipes import VideoRecipe, parse

    if steps is not None:
        raise RecipeError(f"--steps is a picture's: of a film, --film steps={steps} is what each frame is dreamt")
    return parse(VideoRecipe, given)


def dream_inputs(guide: Path | None, guide_mask: Path | None, mask: Path | None) -> dict[str, Path]:
    """Return a dream's inputs other than the photo, by name.

    Raises:
        ArtcnnError: there is a part of a guide, and no guide.
    """
    if guide_mask is not None and guide is None:
        raise ArtcnnError("--guide-mask is a part of a guide: give --guide, too")
    inputs = {"guide": guide, "guide_mask": guide_mask, "mask": mask}
    return {name: path for name, path in inputs.items() if path is not None}


def pair(text: str, option: str = "--set") -> tuple[str, Any]:
    """Return the setting and the value that one ``--set``, or another ``option``, gives.

    Raises:
        RecipeError: it gives none.
    """
    import tomllib

    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise RecipeError(
            f"{option} {text}: write it as KEY=VALUE, such as {option} {'seed=3' if option == '--set' else 'steps=2'}"
        )
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


def bytes_of(text: str | None) -> int | None:
    """Return the bytes that ``--max-memory`` says, such as ``2GB``, ``1.5 GB`` or ``800MB``.

    Raises:
        ArtcnnError: it says none.
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?) ?([KMGT])i?B?", text.strip(), re.IGNORECASE)
    if match is None:
        raise ArtcnnError(f"--max-memory {text}: write it as 2GB or 800MB")
    return round(float(match[1]) * 1000.0 ** (1 + "KMGT".index(match[2].upper())))
