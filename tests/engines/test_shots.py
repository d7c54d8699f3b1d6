"""Shots: made one by one they are the film, to the bit, whatever the flow says in the other direction."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from artcnn.engines.film import MemoryHistory, film
from artcnn.engines.film_carry import carry
from artcnn.engines.motion import Motion
from artcnn.engines.shots import find_cuts, shots_between
from artcnn.recipes import FilmRecipe

SIZE = 40, 52


class Cuts:
    """A flow without motion that knows its cuts: (before, after), by the frames' shade in tenths of 8 bits."""

    def __init__(self, *cuts):
        self.cuts, self.asked = cuts, []

    def estimate(self, before, after):
        pair = tuple(round(frame.mean().item() * 25.5) for frame in (before, after))
        self.asked.append(pair)
        reliable = torch.zeros(1, 1, *SIZE) if pair in self.cuts else torch.ones(1, 1, *SIZE)
        return Motion(torch.zeros(1, 2, *SIZE), reliable)


class Mixing:
    """A painter that mixes each frame with all that came before."""

    reach = 4

    def carries(self, frame, picture):
        return picture

    def carry(self, frame, past, motion, flow):
        return carry(frame, past, motion, flow)

    def paint_alone(self, frame):
        return 1 - frame, 0.0

    def paint_next(self, frame, carried, coherence):
        return torch.lerp(1 - frame, carried.content, 0.7 * coherence).clamp(0, 1), 0.0


def shades(count):
    return [torch.full((1, 3, *SIZE), number * 10 / 255) for number in range(count)]


def make(frames, flow, recipe):
    """Return the frames of a film of the last pass."""
    histories = [MemoryHistory() for _ in range(recipe.passes)]
    steps = list(film(lambda first: iter(frames[first:]), len(frames), Mixing(), flow, recipe, histories))
    assert len(steps) == recipe.passes * len(frames)
    return [histories[-1][number] for number in range(len(frames))]


@pytest.mark.parametrize(
    ("passes", "coherence", "cuts"), [(1, 1, [3, 4, 7]), (2, 1, [3, 7]), (3, 0.5, [3, 7]), (2, 0, [])]
)
def test_shots_made_one_by_one_are_the_film(passes, coherence, cuts):
    """Frame 4 begins a shot forwards only, frame 6 backwards only; the shot from 3 to 4 has one frame."""
    frames, recipe = shades(10), FilmRecipe(passes=passes, coherence=coherence)
    flow = Cuts((2, 3), (3, 2), (3, 4), (6, 5), (6, 7), (7, 6))
    found = find_cuts(lambda first: iter(frames[first:]), 0, 10, flow, recipe)
    assert found == cuts
    whole = make(frames, flow, recipe)
    shots = [frame for shot in shots_between(found, 10) for frame in make(frames[shot.start : shot.stop], flow, recipe)]
    assert all(torch.equal(a, b) for a, b in zip(shots, whole, strict=True))
    if not cuts:
        wrong = make(frames[:4], flow, recipe) + make(frames[4:], flow, recipe)
    else:
        wrong = make(frames[:5], flow, recipe) + make(frames[5:], flow, recipe)
    assert all(torch.equal(a, b) for a, b in zip(wrong, whole, strict=True)) == (coherence == 0)


@pytest.mark.parametrize("passes", [1, 2])
def test_ranges_are_searched_separately(passes):
    frames, recipe = shades(10), FilmRecipe(passes=passes)
    cuts = [(n - 1, n) for n in (1, 4, 5, 9)] + [(n, n - 1) for n in (1, 4, 5, 9)]
    for bounds in ([0, 10], [0, 1, 4, 10], [0, 5, 6, 9, 10], [*range(11)]):
        found = []
        for first, last in pairwise(bounds):
            flow = Cuts(*cuts)
            found += find_cuts(lambda begin: iter(frames[begin:]), first, last, flow, recipe)
            assert {after for before, after in flow.asked if before < after} == {*range(max(1, first), last)}
        assert found == [1, 4, 5, 9]


def test_where_each_frame_is_alone_nothing_is_searched():
    flow = Cuts()
    assert find_cuts(None, 0, 350, flow, FilmRecipe(coherence=0)) == [100, 200, 300]
    assert find_cuts(None, 100, 200, flow, FilmRecipe(coherence=0)) == [100]
    assert flow.asked == []


@given(st.integers(1, 60).flatmap(lambda total: st.tuples(st.just(total), st.sets(st.integers(0, total - 1)))))
def test_shots_cover_the_film_and_begin_at_cuts(drawn):
    total, cuts = drawn
    whole = shots_between(sorted(cuts), total)
    assert [number for shot in whole for number in shot] == [*range(total)]
    assert {shot.start for shot in whole} == cuts | {0}
    longer = shots_between(sorted(cuts), total, least=5)
    assert [number for shot in longer for number in shot] == [*range(total)]
    assert {shot.start for shot in longer} <= cuts | {0}
    assert len(longer) == 1 or min(map(len, longer)) >= 5
