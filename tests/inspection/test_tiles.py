"""Tests of the small pictures and what stands below them."""

import torch

from artcnn.inspection.maximize import _caption
from artcnn.inspection.patches import _show
from artcnn.reports.i18n import load_catalog
from artcnn.visualizers.patches import Patch


def test_a_patch_larger_than_the_picture_is_clipped_to_it():
    """Of 32 x 32 pixels that a unit sees, 28 are there: all of the picture, and nothing else."""
    picture = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    patch, _ = _show(picture, Patch(1.0, 0, (-10, -2, 22, 30)))
    assert torch.equal(patch[:, :1, 1::3, 1::3], picture.mul(255).round().byte())
    wide, _ = _show(picture[:, :, :14], Patch(1.0, 0, (-10, -2, 22, 30)))
    assert torch.equal(wide[:, :1, 1:42:3, 1::3], picture[:, :, :14].mul(255).round().byte())
    assert bool((wide[:, :, 42:] == 255).all())


def test_captions_of_wishes_are_said_in_both_languages():
    """Their templates are put together, so that no one finds them by reading the code."""
    base = {"unit": "conv2:3", "way": "map", "value_after": 1.5, "dead": False, "uniform": "", "best_known": True}
    kinds = [{}, {"dead": True}, {"uniform": "black"}, {"uniform": "gray", "best_known": False}]
    kinds += [{"probability_after": 0.5, "ink_percent": 3.0}]
    for words in map(load_catalog, ("en", "zh")):
        for by_way in (True, False):
            for brightness in ("light", "ink"):
                said = [words.translate(_caption(base | kind, by_way, brightness)) for kind in kinds]
                assert all("1.5" in text and "{" not in text for text in said)
                assert len(set(said)) == len(kinds)
