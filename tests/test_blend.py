"""Blends of styles, as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artcnn.blend import format_blend, parse_blend
from artcnn.errors import RecipeError
from artcnn.recipes import InstantRecipe
from artcnn.settings import parse


def test_a_blend_adds_up_to_one():
    assert parse_blend("wave") == {"wave": 1.0}
    assert parse_blend(" wave = 3 , my=own.safetensors,cafe=4") == {
        "wave": 3 / 8,
        "my=own.safetensors": 1 / 8,
        "cafe": 0.5,
    }


def test_a_recipe_has_one_way_to_write_a_blend():
    assert InstantRecipe(style="wave=2") == InstantRecipe(style="wave")
    assert InstantRecipe(style="wave=7, cafe=3").style == "wave=0.7,cafe=0.3"


names = st.sampled_from(["wave", "night-cafe", "my=own.safetensors", "a b/c.safetensors", "é"])


@given(st.dictionaries(names, st.integers(1, 9), min_size=1, max_size=4))
def test_a_blend_is_read_as_it_is_written(blend):
    total = sum(blend.values())
    again = parse_blend(format_blend({name: weight / total for name, weight in blend.items()}))
    assert again == pytest.approx({name: weight / total for name, weight in blend.items()}, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "style: write it as NAME, or as NAME=0.7,NAME=0.3, not ''"),
        ("wave,,cafe", "style: write it as NAME"),
        ("wave,wave=2", "style: 'wave' is there twice"),
        ("wave=0", "style: the weight of 'wave' is a number above 0, not 0"),
        ("wave=nan", "style: the weight of 'wave' is a number above 0, not nan"),
        ("wave=inf", "style: the weight of 'wave' is a number above 0, not inf"),
        ("wave=much", "style: the weight of 'wave' is a number above 0, not 'much'"),
        ("=1", "style: write it as NAME"),
    ],
)
def test_a_wrong_blend_is_one_line(text, says):
    with pytest.raises(RecipeError) as caught:
        parse(InstantRecipe, {"style": text})
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)
