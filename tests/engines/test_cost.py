"""What a run costs: the counts by hand, and that what is chosen fits."""

import pytest

from artcnn.backbones.tiles import UNTILED, TilePlan
from artcnn.engines.cost import _SCORE, count_multiplications, step_multiplications
from artcnn.engines.memory import bytes_needed, choose_tiles
from artcnn.engines.step import STEP_PIXELS
from artcnn.presets import load_recipe
from artcnn.recipes import VideoRecipe

BLOCK_1 = 9 * (3 * 64 + 64 * 64)
BLOCK_2 = 9 * (64 * 128 + 128 * 128) / 4


def recipe(kind="dream", **settings):
    return load_recipe(kind, None, precision="bfloat16", **settings)


def test_multiplications_of_a_step_are_those_of_the_convolutions_forward_and_back():
    until_conv2_1 = recipe(layers=["conv2_1"])
    each = 9 * (3 * 64 + 64 * 64) + 9 * 64 * 128 / 4
    assert step_multiplications(until_conv2_1, (100, 200)) == pytest.approx(2 * each * (20_000 + STEP_PIXELS))
    assert step_multiplications(recipe(layers=["relu2_2"]), (1, 1)) == 2 * (BLOCK_1 + BLOCK_2) * (1 + STEP_PIXELS)


def test_what_is_done_twice_counts_twice_and_more_steps_more():
    shallow = recipe(layers=["relu2_2"], octaves=1, steps=1000, size=200)
    whole, tiled = (count_multiplications(shallow, (100, 200), (), tiles) for tiles in (UNTILED, TilePlan(1)))
    assert tiled / whole == pytest.approx((2 * (BLOCK_1 + BLOCK_2) + BLOCK_1) / (2 * (BLOCK_1 + BLOCK_2)), rel=0.02)
    squares = count_multiplications(shallow, (100, 200), (), TilePlan(1, 64 * 20 * 20))
    seen_by_one = 9 * 3 * 64 * ((22 / 20) ** 2 - 1)  # of the first convolution the second sees a place around each
    assert (squares - tiled) / (tiled - whole) == pytest.approx(3 * seen_by_one / BLOCK_1, rel=0.01)
    half = count_multiplications(shallow.model_copy(update={"steps": 500}), (100, 200))
    assert whole / half == pytest.approx(2, rel=0.02)


def test_a_film_costs_its_frames_but_the_first():
    chosen = recipe(layers=["relu2_2"], octaves=1, steps=7, size=200)
    films = [VideoRecipe(frames=frames, steps=2) for frames in (101, 201)]
    short, long = (count_multiplications(chosen, (100, 200), (), UNTILED, film) for film in films)
    assert long - short == pytest.approx(200 * step_multiplications(chosen, (100, 200)))


@pytest.mark.parametrize("kind", ["dream", "style"])
def test_a_larger_painting_and_a_larger_picture_cost_more(kind):
    costs = [
        count_multiplications(recipe(kind, size=size), (400, 600), [(300, side)])
        for size, side in ((256, 300), (512, 300))
    ]
    assert costs[1] > 1.5 * costs[0]
    if kind == "style":
        narrow, wide = (count_multiplications(recipe(kind), (400, 600), [(300, side)]) for side in (200, 300))
        assert narrow < wide


@pytest.mark.parametrize("kind", ["dream", "style"])
@pytest.mark.parametrize("size", [512, 1024, 2048, 4096])
def test_the_fastest_way_that_fits_is_taken(kind, size):
    chosen, photo = recipe(kind, size=size), (size * 2 // 3, size)
    assert choose_tiles(chosen, photo, 10**12) == UNTILED
    least = bytes_needed(chosen, photo, choose_tiles(chosen, photo, 0))
    for memory in (least, (least + bytes_needed(chosen, photo)) // 2):
        assert bytes_needed(chosen, photo, choose_tiles(chosen, photo, memory)) <= memory
    if size >= 1024:
        assert least < 0.75 * bytes_needed(chosen, photo)
    assert bytes_needed(chosen.model_copy(update={"precision": "float32"}), photo) > bytes_needed(chosen, photo)


def test_a_style_fits_where_it_should():
    """2048 pixels in two gigabytes, 4096 in three: of a photo of three by two."""
    for size, memory in ((2048, 2 * 10**9), (4096, 3 * 10**9)):
        chosen, photo = recipe("style", size=size), (round(size / 1.5), size)
        assert bytes_needed(chosen, photo, choose_tiles(chosen, photo, memory)) <= memory


def test_a_guide_costs_its_passage_and_a_search_in_every_step():
    photo, guide, size = (100, 200), (300, 600), 192
    chosen = recipe(layers=["relu2_2"], octaves=1, steps=7, size=200, jitter=0, guide_size=size)
    places, theirs = 50 * 100, 48 * 96  # of the layer: more of the guide's than are compared
    more = count_multiplications(chosen, photo, guide=guide) - count_multiplications(chosen, photo)
    assert more == pytest.approx((BLOCK_1 + BLOCK_2) * size * size / 2 + 7 * places * 4096 * (128 + _SCORE))
    assert theirs > 4096
    for layer, channels in (("relu2_2:3", 1), ("relu2_2:3+4", 2), ("relu2_2:strong5", 5)):
        fewer = chosen.model_copy(update={"layers": recipe(layers=[layer]).layers})
        less = count_multiplications(chosen, photo, guide=guide) - count_multiplications(fewer, photo, guide=guide)
        assert less == pytest.approx(7 * places * 4096 * (128 - channels))
    tiles = TilePlan(2)
    twice = count_multiplications(chosen, photo, (), tiles, guide=guide) - count_multiplications(
        chosen, photo, (), tiles
    )
    assert twice - more == pytest.approx(7 * places * 4096 * (128 + _SCORE))


def test_a_guide_takes_memory_for_what_is_matched_and_for_its_own_passage():
    chosen, photo = recipe(layers=["relu1_2"], size=512), (341, 512)
    plain, small, large = (bytes_needed(chosen, photo, guide=guide) for guide in (None, (256, 384), (512, 768)))
    assert small - plain > 64 * 4 * photo[0] * photo[1]
    assert small == large, "each is seen at guide_size pixels"
    vast = chosen.model_copy(update={"guide_size": 4096})
    assert bytes_needed(vast, photo, guide=(256, 384)) > 2 * bytes_needed(vast, photo)
    least = choose_tiles(vast, photo, 0, (256, 384))
    assert bytes_needed(vast, photo, least, (256, 384)) < 0.8 * bytes_needed(vast, photo, UNTILED, (256, 384))


def test_neighbors_cost_their_searches_and_what_they_hold():
    gram = recipe("style", size=512)
    found = gram.model_copy(update={"method": "neighbors"})
    photo, painting = (341, 512), (500, 400)
    cells, theirs = 42 * 64, (512 // 8) * (410 // 8)
    last = 4 * cells * theirs * sum(2**n for n in (6, 7, 8, 9, 9)) * 3  # all numbers, in four turns, three times
    assert count_multiplications(found, photo, [painting]) > count_multiplications(gram, photo, [painting]) + last
    for tiles in (UNTILED, TilePlan(5, 2**21)):
        assert bytes_needed(found, photo, tiles) > bytes_needed(gram, photo, tiles)
    assert bytes_needed(found, photo) - bytes_needed(found, photo, TilePlan(5)) > 0
