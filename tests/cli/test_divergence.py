"""Engines whose loss is no number any more: the last good picture is kept, and one line says what to lower."""

import math

import pytest
from PIL import Image

from artcnn.backbones.tiled_autograd import value_and_gradient

STEPS = {
    "dream": ["dream", "photo.png", "--octaves", "1", "--steps", "6"],
    "film": ["dream", "photo.png", "--octaves", "1", "--frames", "6"],
    "style": ["style", "photo.png", "painting.png", "--set", "min_size=48", "--set", "fine_steps=8"],
}
ENGINE = {"dream": "dream", "film": "dream", "style": "style_loss"}


@pytest.fixture
def diverge(artcnn, monkeypatch):
    """Return what runs an engine whose loss is not a number from some step on."""

    def run(kind: str, good: int, *arguments: str):
        taken = 0

        def broken(*args):
            nonlocal taken
            taken += 1
            value, gradient = value_and_gradient(*args)
            return (value, gradient) if taken <= good else (value * math.nan, gradient * math.nan)

        monkeypatch.setattr(f"artcnn.engines.{ENGINE[kind]}.value_and_gradient", broken)
        return artcnn(*STEPS[kind], "--size", "48", *arguments)

    return run


@pytest.mark.slow
@pytest.mark.parametrize("kind", STEPS)
def test_the_last_good_picture_is_kept(diverge, folder, kind):
    made = diverge(kind, 3, "-o", "x.webp")
    assert made.exit_code == 1, made.output
    assert made.stdout == "x.webp\n"
    (error,) = (line for line in made.stderr.splitlines() if line.startswith("error: "))
    assert "diverged" in error
    assert "lower the" in error
    with Image.open(folder / "x.webp") as kept:
        assert kept.n_frames == (4 if kind == "film" else 1)
        assert len(kept.convert("RGB").getcolors(10_000)) > 20
    assert not list(folder.glob(".x*"))


@pytest.mark.slow
def test_where_there_is_none_nothing_is_written(diverge, folder):
    before = sorted(folder.iterdir())
    made = diverge("style", 0, "-o", "x.png")
    assert (made.exit_code, made.stdout) == (1, "")
    assert sorted(folder.iterdir()) == before


@pytest.mark.slow
def test_weights_that_are_too_large_are_told(artcnn, folder):
    made = artcnn(*STEPS["dream"], "--size", "48", "--layer", "relu1_1=3e38", "--layer", "relu1_2=3e38", "-o", "x.png")
    assert (made.exit_code, (folder / "x.png").exists()) == (1, False)
    assert "lower the layers' weights" in made.stderr
