"""Options are made of the recipes' fields, as the source states them: no list of options is written twice."""

from typing import Literal, get_args, get_origin

import pytest

from artcnn.presets import RECIPES
from artcnn.recipe_fields import recipe_fields
from artcnn.recipes import VideoRecipe

MODELS = [*RECIPES.values(), VideoRecipe]
WORDS = {"ge": "{:g} or more", "gt": "above {:g}", "le": "up to {:g}", "lt": "below {:g}"}


def limits_of(field) -> dict[str, float]:
    return {key: value for entry in field.metadata for key in WORDS if (value := getattr(entry, key, None)) is not None}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_fields_are_read_from_the_source_as_pydantic_reads_them(model):
    read = recipe_fields(model.__name__)
    assert [*read] == [*model.model_fields]
    for name, field in model.model_fields.items():
        assert read[name].meaning == " ".join(field.description.replace("``", "").split())
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        assert read[name].choices == choices
        if field.annotation in (int, float, bool):
            assert read[name].type is field.annotation, name
        if read[name].default is not None:
            assert read[name].default == (field.default if choices or field.annotation is str else f"{field.default:g}")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_ranges_are_those_that_pydantic_checks(model):
    for name, field in model.model_fields.items():
        if field.annotation not in (int, float):
            continue
        limits = {key: limit for key, limit in limits_of(field).items() if abs(limit) < 1e9}
        bounds = recipe_fields(model.__name__)[name].bounds
        if limits.keys() == {"ge", "le"}:
            assert bounds == f"{limits['ge']:g} to {limits['le']:g}"
        else:
            assert bounds == ", ".join(WORDS[key].format(limits[key]) for key in WORDS if key in limits)


def options_of(help_text: str) -> dict[str, str]:
    """Return the options that ``--help`` shows, with their sections."""
    found, section = {}, ""
    for line in help_text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            section = line[:-1]
        for word in line.split()[:2]:
            if section and line.startswith("  -") and word.startswith("--"):  # examples stand above the sections
                found[word] = section
    return found


def test_help_shows_what_a_field_says(artcnn):
    text = " ".join(artcnn("dream", "--help").stdout.split())
    for name in ("octaves", "palette", "smoothing"):
        assert recipe_fields("DreamRecipe")[name].help in text
    assert "--colors dream|content " in text
    assert "[1 to 20; default 4]" in text


def test_help_has_sections(artcnn):
    sections = options_of(artcnn("dream", "--help").stdout)
    films = ["Film: a zoom into the photo", "Film: of a clip"]
    assert [*dict.fromkeys(sections.values())] == ["What to make", "Control", *films, "Output", "Machine"]
    chosen = {
        "--layer": "What to make",
        "--steps": "Control",
        "--zoom": "Film: a zoom into the photo",
        "--from": "Film: of a clip",
        "--out": "Output",
        "--device": "Machine",
    }
    assert chosen.items() <= sections.items()


def test_options_keep_their_names(artcnn):
    assert {"--layer", "--class", "--channels", "--colors", "--set", "--film"} <= options_of(
        artcnn("dream", "--help").stdout
    ).keys()
    assert {"--content-layer", "--style-layer", "--style-crop", "--mask"} <= options_of(
        artcnn("style", "--help").stdout
    ).keys()
    assert "--keep-gps" not in options_of(artcnn("texture", "--help").stdout)


GIVEN = {
    "dream": {"colors": "content", "strength": 0.5, "palette": 0.25, "octaves": 3, "octave_scale": 1.5, "steps": 7}
    | {"step_size": 0.01, "jitter": 8, "smoothing": 1.5},
    "style": {"method": "gram", "strength": 0.5, "colors": "match", "style_scale": 2.0, "content_weight": 1.5}
    | {"style_weight": 3.0, "tv_weight": 0.1, "init": "noise", "optimizer": "adam", "pooling": "average"},
    "texture": {"method": "moments", "style_scale": 2.0},
}
ALL = {"backbone": "vgg19-torchvision", "size": 64, "seed": 5, "precision": "bfloat16"}


@pytest.mark.parametrize("command", GIVEN)
def test_every_option_of_a_field_reaches_the_recipe(artcnn, monkeypatch, command):
    from artcnn.cli import run

    made = []
    monkeypatch.setattr(run, "run", lambda jobs, options: made.extend(jobs))
    given = GIVEN[command] | ALL
    inputs = {"dream": ["photo.png"], "style": ["photo.png", "painting.png"], "texture": ["painting.png"]}[command]
    result = artcnn(command, *inputs, *(f"--{name.replace('_', '-')}={value}" for name, value in given.items()))
    assert result.exit_code == 0, result.output
    ((recipe,),) = [[job.recipe for job in made]]
    assert {name: getattr(recipe, name) for name in given} == given
    shown = {option[2:].replace("-", "_") for option in options_of(artcnn(command, "--help").stdout)}
    assert shown & recipe_fields(type(recipe).__name__).keys() - {"blend", "style_crop"} == given.keys(), "no other"
