"""Presets: recipes in TOML files, shipped or the user's own, that hold only what differs from the defaults."""

import codecs
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, overload

from artcnn.backbones.layers import BLOCKS, DREAM_LAYERS, layer_channels
from artcnn.backbones.weights import find
from artcnn.errors import ArtcnnError, RecipeError, WeightsError, did_you_mean, reason
from artcnn.locations import bundled_presets_dir, user_presets_dir
from artcnn.old_recipes import accept_old_names, upgrade
from artcnn.recipes import BackboneRecipe, DreamRecipe, InstantRecipe, Recipe, StyleRecipe, TextureRecipe
from artcnn.settings import FrozenSettings, parse
from artcnn.training_recipes import GoRecipe, MnistRecipe, SpeechRecipe

PictureKind = Literal["dream", "style", "texture", "instant"]
Kind = PictureKind | Literal["mnist", "speech", "go"]

RECIPES: dict[Kind, type[FrozenSettings]] = {
    "dream": DreamRecipe,
    "style": StyleRecipe,
    "texture": TextureRecipe,
    "instant": InstantRecipe,
    "mnist": MnistRecipe,
    "speech": SpeechRecipe,
    "go": GoRecipe,
}

_LARGEST_FILE = 1 << 16  # bytes; a preset has some hundred


@dataclass(frozen=True)
class Preset:
    """A named set of settings.

    Attributes:
        kind: the command it is for.
        name: what the user calls it.
        path: the file it stands in.
        description: what one sees, in a line.
        settings: those that differ from the recipe's defaults.
    """

    kind: Kind
    name: str
    path: Path
    description: str
    settings: dict[str, Any]


def preset_files(kind: Kind) -> dict[str, Path]:
    """Return every preset's file by name, ``default`` first; the user's own hide shipped ones of the same name."""
    files = {path.stem: path for path in (bundled_presets_dir() / kind).glob("*.toml")}
    with suppress(OSError):  # another's home may not be looked into
        own = (user_presets_dir() / kind).iterdir()
        files |= {path.stem: path for path in own if path.suffix.lower() == ".toml"}
    return {name: files[name] for name in sorted(files, key=lambda name: (name != "default", name))}


def load_preset(kind: Kind, name: str) -> Preset:
    """Return the preset of that name, or in that file: whatever ends in ``.toml`` or has a slash is a path.

    Raises:
        RecipeError: there is no such preset, or its file is not TOML with a description.
    """
    if name.lower().endswith(".toml") or "/" in name:
        return read_preset(Path(name), kind)
    files = preset_files(kind)
    if name not in files:
        raise RecipeError(f"no {kind} preset '{name}'", hint=did_you_mean(name, files))
    return read_preset(files[name], kind)


def find_preset(name: str) -> Preset:
    """Return the preset that is called ``NAME`` or ``KIND/NAME``, or that is in the file ``NAME.toml``.

    Raises:
        RecipeError: there is none, or several kinds have one.
    """
    if name.lower().endswith(".toml"):
        return read_preset(Path(name))
    before, _, after = name.partition("/")
    if named := next((kind for kind in RECIPES if kind == before), None):
        return load_preset(named, after)
    kinds = [kind for kind in RECIPES if name in preset_files(kind)]
    if len(kinds) > 1:
        hint = f"say {' or '.join(f'{kind}/{name}' for kind in kinds)}"
        raise RecipeError(f"several presets are called '{name}'", hint=hint)
    if not kinds:
        known = dict.fromkeys(preset for kind in RECIPES for preset in preset_files(kind))
        raise RecipeError(f"no preset '{name}'", hint=did_you_mean(name, known))
    return load_preset(kinds[0], name)


def read_preset(path: Path, kind: Kind | None = None) -> Preset:
    """Return the preset in a file; its settings are checked only when they become a recipe.

    Args:
        path: the file.
        kind: the kind that is wanted, and that is meant if the file does not name one; None if any will do.

    Raises:
        RecipeError: it is not TOML with a description, is of another kind, or names none and none is wanted; or a
            setting is in it under an old and a new name.
    """
    try:
        with path.open("rb") as file:
            text = _text(file.read(_LARGEST_FILE))
        data = tomllib.loads(text)
    except OSError as error:
        raise RecipeError(f"cannot read the preset {path}: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not a preset: it is not text in UTF-8", hint="save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError(f"{path} is not a preset: {error}") from error
    description = data.pop("description", "")
    if not isinstance(description, str):
        raise RecipeError(f"{path}: description must be text")
    kind = _kind(path, data.pop("kind", None), kind)
    if made := re.match(r"# made by artcnn (\S+), ", text):  # 'artcnn show' printed it
        data = upgrade(RECIPES[kind], data, made[1])
    return Preset(kind, path.stem, path, description, accept_old_names(RECIPES[kind], data, f"{path}: "))


def _kind(path: Path, named: object, wanted: Kind | None) -> Kind:
    """Return the kind of a preset whose file says ``kind = named``."""
    found = wanted if named is None else next((kind for kind in RECIPES if kind == named), None)
    if found is None:
        kinds = ", ".join(f'kind = "{kind}"' for kind in RECIPES)
        wrong = "it does not say which command it is for" if named is None else f"there is no kind {named!r}"
        raise RecipeError(f"{path}: {wrong}", hint=f"add one of these lines: {kinds}")
    if wanted not in (None, found):
        raise RecipeError(f"{path} is a preset for {found}, not for {wanted}", hint="use that command")
    return found


def _text(content: bytes) -> str:
    """Return the text of a file, in UTF-8, or as its byte order mark says: editors on Windows write one.

    Raises:
        UnicodeDecodeError: it is in none of them.
    """
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return content.decode("utf-32")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


@overload
def load_recipe(kind: Literal["dream"], preset: str | None = None, /, **settings: Any) -> DreamRecipe: ...  # noqa: ANN401
@overload
def load_recipe(kind: Literal["style"], preset: str | None = None, /, **settings: Any) -> StyleRecipe: ...  # noqa: ANN401
@overload
def load_recipe(kind: Literal["texture"], preset: str | None = None, /, **settings: Any) -> TextureRecipe: ...  # noqa: ANN401
@overload
def load_recipe(kind: Literal["instant"], preset: str | None = None, /, **settings: Any) -> InstantRecipe: ...  # noqa: ANN401
@overload
def load_recipe(kind: PictureKind, preset: str | None = None, /, **settings: Any) -> Recipe: ...  # noqa: ANN401
@overload
def load_recipe(kind: Literal["mnist"], preset: str | None = None, /, **settings: Any) -> MnistRecipe: ...  # noqa: ANN401
@overload
def load_recipe(kind: Literal["speech"], preset: str | None = None, /, **settings: Any) -> SpeechRecipe: ...  # noqa: ANN401
@overload
def load_recipe(kind: Literal["go"], preset: str | None = None, /, **settings: Any) -> GoRecipe: ...  # noqa: ANN401
def load_recipe(kind: Kind, preset: str | None = None, /, **settings: Any) -> FrozenSettings:
    """Return the recipe of a preset with some settings of one's own.

    Raises:
        RecipeError: the preset does not exist, or settings are wrong (a line for each).
    """
    return make_recipe(kind, (load_preset(kind, preset).settings if preset else {}) | settings)


def parse_setting(text: str, option: str = "--set") -> tuple[str, Any]:
    """Return the setting and the value in ``KEY=VALUE``: the value in TOML's spelling, or bare text.

    Raises:
        RecipeError: the text has another form; the message names the ``option`` that it was given to.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        example = "seed=3" if option == "--set" else "steps=2"
        raise RecipeError(f"invalid {option} {text}", hint=f"write it as KEY=VALUE, such as {option} {example}")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


@overload
def make_recipe(kind: PictureKind, settings: Mapping[str, Any]) -> Recipe: ...
@overload
def make_recipe(kind: Kind, settings: Mapping[str, Any]) -> FrozenSettings: ...
def make_recipe(kind: Kind, settings: Mapping[str, Any]) -> FrozenSettings:
    """Return the recipe that settings describe, layers checked against the backbone that they name."""
    model = RECIPES[kind]
    if not issubclass(model, BackboneRecipe):  # without layers
        return parse(model, settings)
    name = str(settings.get("backbone", model.model_fields["backbone"].default))
    try:
        architecture = find(name).architecture
        if architecture in BLOCKS:
            return parse(model, settings, layer_channels(architecture))
        return _make_for_classifier(model, settings, name, architecture)
    except WeightsError as error:
        raise RecipeError(*(f"backbone: {message}" for message in error.messages), hint=error.hint) from None


def _make_for_classifier(
    model: type[BackboneRecipe], settings: Mapping[str, Any], name: str, architecture: str
) -> BackboneRecipe:
    """Return a recipe for a network that is no VGG: the defaults of layers are not of this one."""
    from artcnn.backbones.base import check_vgg_options  # which load torch
    from artcnn.backbones.classifier_backbone import classifier_channels

    channels, listed = classifier_channels(architecture), f"'artcnn weights layers {name}' lists them"
    chosen = {"layers": DREAM_LAYERS[architecture]} if architecture in DREAM_LAYERS else {}
    needed = {"layers"} if issubclass(model, DreamRecipe) else {"content_layers", "style_layers"}
    lacking = sorted(needed - chosen.keys() - settings.keys())
    if lacking:
        raise RecipeError(f"{', '.join(lacking)}: {name} has no default", hint=f"name some of its layers, {listed}")
    recipe = parse(model, chosen | dict(settings) if needed == {"layers"} else settings, channels)
    check_vgg_options(name, recipe.pooling, recipe.padding)
    return recipe


def with_channels(recipe: DreamRecipe, channels: str) -> DreamRecipe:
    """Return the recipe with only some channels of each of its layers, as ``--channels`` names them.

    Raises:
        ArtcnnError: ``channels`` names none, or some that a layer does not have.
    """
    if not re.fullmatch(r"\d+(,\d+)*|(strong|weak):?\d+", channels):
        raise ArtcnnError(f"invalid --channels {channels}", hint="write numbers, such as 12,45, or strong:8 or weak:8")
    layers = {objective.layer: objective.weight for objective in recipe.layers}
    named = [f"{layer}:{channels.replace(',', '+')}={weight}" for layer, weight in layers.items()]
    return load_recipe("dream", **recipe.model_dump() | {"layers": named})
