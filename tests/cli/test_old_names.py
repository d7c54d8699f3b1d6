"""Old names that somebody types or calls: understood, with one warning, which never goes to the standard output."""

import json
import re
import warnings
from pathlib import Path

import pytest
from PIL import Image

import artcnn as library
from artcnn.deprecation import OldNameWarning
from artcnn.old_recipes import OLD_NAMES
from artcnn.presets import RECIPES
from artcnn.recipes import VideoRecipe

FADES = "the old name goes away in artcnn 2.0"
TINY = ["--size", "48", "--set", "octaves=1", "--set", "steps=1"]


def said(old, new, where=""):
    return f"warning: {where}'{old}' is called '{new}' now; {FADES}"


def warnings_of(result):
    return [line for line in result.stderr.splitlines() if line.startswith("warning: ")]


@pytest.mark.slow
def test_a_setting_and_a_preset_with_old_names_make_what_the_new_ones_make(artcnn, folder):
    (folder / "old.toml").write_text('colours = "content"\n')
    old = artcnn("dream", "photo.png", *TINY, "-p", "old.toml", "--set", "random_turn=7", "--json", "-o", "old.png")
    assert warnings_of(old) == [said("colours", "colors", "old.toml: "), said("random_turn", "max_rotation")]
    recipe = json.loads(old.stdout)["recipe"]
    assert (recipe["colors"], recipe["max_rotation"]) == ("content", 7)

    new = artcnn("dream", "photo.png", *TINY, "--colors", "content", "--set", "max_rotation=7", "-o", "new.png")
    assert warnings_of(new) == []
    assert (folder / "old.png").read_bytes() == (folder / "new.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "old", "new"),
    [
        (["style", "photo.png", "painting.png", "--set", "recolour=1"], "recolour", "init_color_match"),
        (["dream", "photo.png", "--set", "ascent=spectrum"], "ascent", "optimizer"),
        (["dream", "photo.png", "--zoom", "1.1", "--film", "colours=0"], "colours", "color_match"),
        (["sheet", "dream", "photo.png", "--vary", "random_turn=0,5"], "random_turn", "max_rotation"),
        (["mnist", "train", "--set", "per_epoch=8"], "per_epoch", "epoch_size"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_is_told_of_before_anything_is_made(artcnn, arguments, old, new):
    result = artcnn(*arguments, "--device", "nowhere", "--json")
    assert result.exit_code == 1
    assert warnings_of(result) == [said(old, new)]
    assert json.loads(result.stdout).keys() == {"error"}


def test_an_old_word_is_understood_as_well(artcnn):
    result = artcnn("inspect", "occlusion", "photo.png", "--model", "nothing", "--fill", "grey")
    assert warnings_of(result) == [said("grey", "gray")]
    assert "nothing" in result.stderr.splitlines()[-1], "the model is what is wrong"


def test_quiet_is_quiet(artcnn):
    result = artcnn("dream", "photo.png", "--set", "random_turn=0", "--set", "steps=0", "-q")
    assert result.stderr.startswith("error: steps: ")


def test_an_option_wins_over_the_old_name_in_a_preset(artcnn, folder):
    (folder / "old.toml").write_text("recolour = 2\n")
    result = artcnn("style", "photo.png", "painting.png", "-p", "old.toml", "--set", "init_color_match=1.5")
    assert "init_color_match: should be less than or equal to 1, not 1.5" in result.stderr
    assert warnings_of(result) == [said("recolour", "init_color_match", "old.toml: ")]


def test_the_upgrade_notes_have_every_old_name():
    rows = (Path(__file__).parents[2] / "docs" / "upgrade.md").read_text(encoding="utf-8").splitlines()
    settings = [
        (old, new)
        for old, new in OLD_NAMES
        if any(new in recipe.model_fields for recipe in (*RECIPES.values(), VideoRecipe))
    ]
    for old, new in [*settings, *library._OLD_NAMES.items()]:
        names = [re.compile(rf"`(artcnn\.)?{name}\b") for name in (old, new)]
        assert any(all(name.search(row) for name in names) for row in rows), f"{old} is {new}"


def test_both_names_of_a_setting_are_refused(refused):
    both = ["--set", "random_turn=0", "--set", "max_rotation=0"]
    refused("'random_turn' and 'max_rotation' are one setting: leave out 'random_turn'", "dream", "photo.png", *both)


def test_what_a_sheet_shows_has_the_new_names(artcnn, folder):
    vary = ["--vary", "random_turn=0,5", "--set", "colours=content"]
    result = artcnn("sheet", "dream", "photo.png", *vary, "--set", "octaves=0")
    assert "--set colors=content" not in result.stderr
    assert warnings_of(result) == [said("random_turn", "max_rotation"), said("colours", "colors")]


def test_python_warns_whoever_calls(tmp_path):
    Image.new("RGB", (40, 40)).save(tmp_path / "photo.png")

    def settings_of_a_function():
        with pytest.raises(library.ArtcnnError, match="steps"):
            library.deepdream(tmp_path / "photo.png", ascent="spectrum", steps=0)

    calls = [
        lambda: library.load_recipe("style", recolour=0.5),
        lambda: library.StyleRecipe(method="neighbors", detail=0.5),
        lambda: library.DigitsRecipe,
        lambda: library.FilmSettings,
        lambda: library.digits_training,
        lambda: library.film_writer,
        settings_of_a_function,
    ]
    for call in calls:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call()
        (warning,) = caught
        assert warning.category is OldNameWarning
        assert issubclass(warning.category, DeprecationWarning), "shown where a program's own lines cause it"
        assert warning.filename == __file__
        assert FADES in str(warning.message)


def test_an_old_name_in_python_is_the_new_thing():
    with pytest.warns(OldNameWarning, match=r"'artcnn\.DigitsRecipe' is called 'artcnn\.MnistRecipe' now"):
        assert library.DigitsRecipe is library.MnistRecipe
    with pytest.warns(OldNameWarning):
        assert library.load_recipe("style", "brush", detail=0.1).detail_transfer == 0.1
    assert "DigitsRecipe" not in dir(library)
