import re

import pytest
import torch

from artcnn.backbones.base import load_backbone
from artcnn.engines.dream import dream
from artcnn.engines.style import style
from artcnn.errors import RecipeError
from artcnn.locations import bundled_presets_dir, user_presets_dir
from artcnn.presets import RECIPES, load_preset, load_recipe, make_recipe, preset_files, read_preset

PRESETS = [(kind, name) for kind in RECIPES for name in preset_files(kind)]
PICTURES = [(kind, name) for kind, name in PRESETS if kind in ("dream", "style")]


def test_there_are_as_many_as_promised():
    assert len(preset_files("dream")) >= 9
    assert len(preset_files("style")) >= 8
    assert {"default", "gatys"} <= preset_files("style").keys()


@pytest.mark.parametrize(("kind", "name"), PRESETS)
def test_a_preset_says_what_one_sees_and_holds_only_what_differs(kind, name):
    preset = load_preset(kind, name)
    assert 10 <= len(preset.description) <= 90
    recipe = make_recipe(kind, preset.settings)
    defaults = RECIPES[kind]()
    if name != "gatys":  # it states its whole objective, for whoever compares with it
        same = [setting for setting in preset.settings if getattr(recipe, setting) == getattr(defaults, setting)]
        assert same == []


@pytest.mark.parametrize(("kind", "name"), PRESETS)
def test_a_preset_gives_a_reason_for_each_setting(kind, name):
    preset = load_preset(kind, name)
    lines = preset.path.read_text().splitlines()
    for setting in preset.settings:
        (index,) = [i for i, line in enumerate(lines) if re.match(rf"{setting}\s*=", line)]
        assert "#" in lines[index] or lines[index - 1].startswith("#") or "#" in "".join(lines[index : index + 8]), (
            setting
        )


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), PICTURES)
def test_every_preset_runs(kind, name, photo, painting):
    recipe = load_recipe(kind, name, size=96, seed=1)
    network = load_backbone(recipe)
    steps = dream(photo, network, recipe) if kind == "dream" else style(photo, painting, network, recipe)
    first = next(steps)
    assert max(first.image.shape) <= 96
    assert first.image.isfinite().all()
    assert torch.tensor(first.value).isfinite()


def test_the_papers_objective_is_as_documented():
    recipe = load_recipe("style", "gatys")
    assert [str(layer) for layer in recipe.content_layers] == ["relu4_2"]
    assert [str(layer) for layer in recipe.style_layers] == [f"relu{block}_1" for block in range(1, 6)]
    assert (recipe.content_weight, recipe.style_weight, recipe.tv_weight) == (5, 100, 0)
    assert (recipe.normalize_terms, recipe.pooling, recipe.padding, recipe.style_scale) == (False, "max", "zeros", 1)


def test_ones_own_preset_hides_a_shipped_one():
    mine = user_presets_dir() / "dream" / "default.toml"
    assert load_preset("dream", "default").path == bundled_presets_dir() / "dream" / "default.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text('description = "Mine."\nsteps = 3\n')
    assert load_preset("dream", "default").path == mine
    assert load_recipe("dream", "default").steps == 3


def test_a_preset_may_be_a_path(tmp_path):
    (tmp_path / "x.toml").write_text('description = "x"\nsteps = 4\n')
    assert load_recipe("dream", str(tmp_path / "x.toml"), palette=1).steps == 4
    with pytest.raises(RecipeError, match="no such file"):
        load_preset("dream", str(tmp_path / "y.toml"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("name", ["mine.toml", "Mine.TOML"])
def test_a_preset_may_come_from_any_editor(tmp_path, encoding, name):
    text = 'description = "Größer"\nsteps = 3\n'
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / name).write_bytes((mark + text).encode(encoding))
    preset = load_preset("dream", str(tmp_path / name))
    assert (preset.description, preset.settings) == ("Größer", {"steps": 3})


def test_one_of_ones_own_is_found_in_capital_letters():
    (user_presets_dir() / "dream").mkdir(parents=True)
    (user_presets_dir() / "dream" / "Mine.TOML").write_text('description = "x"\n')
    assert load_preset("dream", "Mine").description == "x"


@pytest.mark.parametrize("content", ["steps = 3".encode("utf-16-le"), b'description = "Gr\xf6\xdfer"', b"\xff\xfe3"])
def test_another_encoding_is_told(tmp_path, content):
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(RecipeError, match="is not a preset"):
        load_preset("dream", str(tmp_path / "mine.toml"))


@pytest.mark.parametrize(("kind", "name"), PRESETS)
def test_a_shipped_preset_names_its_kind(kind, name):
    assert f'kind = "{kind}"' in load_preset(kind, name).path.read_text().splitlines()


def test_a_kind_is_named_and_not_guessed(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('description = "x"\nsteps = 4\n')
    assert read_preset(path, "dream").kind == "dream", "the command names it"
    with pytest.raises(RecipeError, match='does not say which command it is for: add one of .*kind = "style"'):
        read_preset(path)
    path.write_text('kind = "style"\nseed = 4\n')
    assert read_preset(path).settings == {"seed": 4}
    with pytest.raises(RecipeError, match=r"x\.toml is a preset for style, not for dream"):
        read_preset(path, "dream")
    for wrong in ('"styl"', "3", "[]"):
        path.write_text(f"kind = {wrong}\n")
        with pytest.raises(RecipeError, match="there is no kind"):
            read_preset(path, "dream")
