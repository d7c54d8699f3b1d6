"""The picture that a style begins with where its paintings were learned: an instant style's."""

from collections.abc import Sequence
from pathlib import Path

import torch
from pydantic import ValidationError
from torch import Tensor

from artcnn.engines.guidance import Masks, partition
from artcnn.engines.instant import instant
from artcnn.engines.style import plan_scales
from artcnn.errors import ArtcnnError, ModelError
from artcnn.files.instant import load_styles
from artcnn.files.painting import Painting
from artcnn.files.style_names import read_card, shipped_network
from artcnn.image import fit, size_of
from artcnn.recipes import InstantRecipe, StyleRecipe


def recognize(paintings: Sequence[Tensor], files: Sequence[Path]) -> dict[str, Path]:
    """Return the style that was learned from each painting, in order, by its name, with the file that it is in.

    Args:
        paintings: pictures of them, shape (1, 3, H, W), sRGB in [0, 1].
        files: of styles beside those that ship.

    Raises:
        ArtcnnError: one was not learned, or two are the same.
        ModelError: a file is none of a style.
    """
    learned = [entry for path in [*files, shipped_network()] for entry in _learned_in(path)]
    found: dict[str, Path] = {}
    for number, picture in enumerate(paintings, start=1):
        what = "the painting" if len(paintings) == 1 else f"painting {number}"
        style = next(((name, path) for name, path, painting in learned if painting.is_of(picture)), None)
        if style is None:
            names = ", ".join(name for name, *_ in learned)
            hint = "let 'artcnn instant learn' learn it, and give --init its file"
            raise ArtcnnError(f"--init instant: {what} is none of those that were learned ({names})", hint=hint)
        if style[0] in found:
            raise ArtcnnError(f"--init instant: {what} is {style[0]} again", hint="give each painting once")
        found[style[0]] = style[1]
    return found


def paint_start(
    recipe: StyleRecipe, photo: Tensor, paintings: Sequence[Tensor], masks: Masks, files: Sequence[Path]
) -> Tensor:
    """Return the photo in the styles that were learned from the paintings, at the first scale of a run.

    Args:
        recipe: every setting, its precision decided.
        photo: shape (1, 3, H, W), sRGB in [0, 1].
        paintings: of the same kind.
        masks: where each applies, and what is protected.
        files: of styles beside those that ship.
    """
    network = load_styles(recognize(paintings, files))[0].to(photo.device)
    first = plan_scales(size_of(photo), [size_of(painting) for painting in paintings], recipe)[0]
    small = fit(photo, first.long_side)
    painter = InstantRecipe(size=first.long_side, precision=recipe.precision)
    start, rest = torch.zeros_like(small), torch.ones_like(small)
    for region in partition(len(paintings), recipe.blend, masks, first.size):
        (step,) = instant(small, network, torch.tensor([region.weights], device=photo.device), painter)
        share = torch.ones_like(small) if region.share is None else region.share
        start, rest = start + share * step.image, rest - share
    return start + rest * small


def _learned_in(path: Path) -> list[tuple[str, Path, Painting]]:
    """Return the styles in a file: of each its name, the file and the painting.

    Raises:
        ModelError: it has none.
    """
    card = read_card(path)
    try:
        if card.get("kind") == "style":
            return [(path.name, path, Painting.model_validate(card["painting"]))]
        names = card["classes"] if path == shipped_network() else [path.name]
        described = [Painting.model_validate(painting) for painting in card["paintings"]]
        return [(name, path, painting) for name, painting in zip(names, described, strict=True)]
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no file of a style, or a damaged one") from error
