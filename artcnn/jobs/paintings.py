"""Which of the pictures on the command line are paintings, and the mask of each."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.jobs.inputs import StyleInputs, StyleSource
    from artcnn.recipes import Recipe


def split(
    pictures: Sequence[Path], blend: Sequence[float], masks: Sequence[str]
) -> "tuple[list[Path], tuple[StyleSource[Path], ...]]":
    """Return the photos, and the paintings with their masks.

    The last picture is a painting; the last n are, if ``--blend`` has n weights or ``--mask`` names painting n. A
    folder in the last place stands for all of its pictures.

    Args:
        pictures: the arguments, photos first.
        blend: ``--blend``.
        masks: every ``--mask``, as ``paintingN=FILE``.

    Raises:
        ArtcnnError: a mask is misspelt or given twice, there are too few pictures, or the weights do not fit them.
    """
    from artcnn.files.folder import list_pictures
    from artcnn.jobs.inputs import StyleSource
    from artcnn.recipes import check_blend

    found: dict[int, Path] = {}
    for text in masks:
        match = re.fullmatch(r"painting(\d*)=(.+)", text.strip())
        number = int(match[1] or 1) if match is not None else 0
        if match is None or number == 0:
            raise ArtcnnError(f"invalid --mask {text}", hint="write it as painting2=mask.png")
        if number in found:
            raise ArtcnnError(f"--mask: painting {number} has two masks")
        found[number] = Path(match[2])
    if pictures[-1].is_dir():
        photos, paintings = list(pictures[:-1]), list_pictures(pictures[-1])
        if not paintings:
            raise ArtcnnError(f"{pictures[-1]}: there is no painting in it")
    else:
        count = max([1, len(blend), *found])
        if count >= len(pictures):
            raise ArtcnnError(
                f"{count} paintings and a photo are needed", hint="give the photo first, then the paintings"
            )
        photos, paintings = list(pictures[:-count]), list(pictures[-count:])
    check_blend(len(paintings), blend)
    if max(found, default=0) > len(paintings):
        raise ArtcnnError(f"--mask: there is no painting {max(found)}, only {len(paintings)}")
    return photos, tuple(StyleSource(path, found.get(number)) for number, path in enumerate(paintings, start=1))


def style_inputs(
    photo: Path,
    paintings: Sequence[Path],
    masks: Sequence[str],
    protect: Path | None,
    recipes: "Sequence[Recipe]",
) -> "StyleInputs[Path]":
    """Return the inputs of a style in all of the ways that recipes say.

    Raises:
        ArtcnnError: paintings and masks do not fit each other, or the blend of any of the recipes.
    """
    from artcnn.jobs.inputs import StyleInputs

    for recipe in recipes:
        photos, styles = split([photo, *paintings], getattr(recipe, "blend", ()), masks)
        if len(photos) > 1:
            ones = ",".join("1" * len(paintings))
            hint = f"give a weight for each, such as --set blend={ones}"
            raise ArtcnnError(f"there are {len(paintings)} paintings", hint=hint)
    return StyleInputs(photo, styles, protect)
