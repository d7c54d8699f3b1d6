"""Which styles an instant job is painted in: those that ship go by their names, files of one's own are its inputs."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.blend import format_blend, parse_blend
from artcnn.errors import ArtcnnError, ModelError
from artcnn.files.style_names import check_style, is_style_file, locate_styles, shipped_network, shipped_styles
from artcnn.hashes import sha256_of

if TYPE_CHECKING:
    from artcnn.recipes import InstantRecipe, Recipe


def instant_styles() -> dict[str, dict[str, str]]:
    """Return the styles that ship, by name: of each painting its title, artist, year, license and source."""
    facts = "title", "artist", "year", "license", "source"
    return {name: {fact: painting[fact] for fact in facts} for name, painting in shipped_styles().items()}


def find_styles(recipe: "InstantRecipe") -> "tuple[InstantRecipe, tuple[Path, ...]]":
    """Return the files of a recipe's styles, in order, and the recipe with their names without the folders.

    Raises:
        RecipeError: there is no such style.
        ModelError: there is no such file, or two have the same name.
    """
    located = locate_styles(recipe.style)
    blend: dict[str, float] = {}
    files = []
    for name, weight in parse_blend(recipe.style).items():
        path = located[name]
        own = path != shipped_network()
        if own and path.suffix != ".safetensors":
            raise ModelError(f"{path}: the file of a style ends in .safetensors", hint="rename it")
        if own:
            files.append(path)
        if path.name in blend:
            raise ModelError(f"two of the styles are files {path.name}", hint="rename one")
        blend[path.name if own else name] = weight
    return recipe.model_copy(update={"style": format_blend(blend)}), tuple(files)


def find_start(settings: dict[str, Any]) -> tuple[Path, ...]:
    """Return the files of styles that ``init`` names in a style's settings, and let it say instant instead.

    Raises:
        ModelError: there is no such file.
    """
    init = settings.get("init")
    if not isinstance(init, str) or not init.endswith(".safetensors"):
        return ()
    files = tuple(Path(name.strip()) for name in init.split(","))
    for file in files:
        check_style(file)
    settings["init"] = "instant"
    return files


def match_files(recipe: "InstantRecipe", files: Sequence[Path]) -> dict[str, Path]:
    """Return the file of each style of a recipe that is in one, by its name; a renamed one is known by its place.

    Raises:
        ArtcnnError: there are not as many as the recipe names.
    """
    names = [name for name in parse_blend(recipe.style) if is_style_file(name)]
    by_name = {path.name: path for path in files}
    if all(name in by_name for name in names):
        return {name: by_name[name] for name in names}
    if len(names) != len(files):
        raise ArtcnnError(f"style {recipe.style} is in {len(names)} files, and there are {len(files)}")
    return dict(zip(names, files, strict=True))


def network_sha256(recipe: "Recipe") -> str | None:
    """Return the sha256 of the network of instant styles that ships, for a recipe that uses it; None for another.

    Raises:
        ModelError: it is not there.
    """
    from artcnn.recipes import InstantRecipe, StyleRecipe

    begins = isinstance(recipe, StyleRecipe) and recipe.init == "instant"
    if not (begins or isinstance(recipe, InstantRecipe)):
        return None
    path = shipped_network()
    return _sha256(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _sha256(path: Path, version: int) -> str:  # noqa: ARG001 - another version, another hash
    return sha256_of(path)
