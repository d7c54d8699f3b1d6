"""Maps split into tiles: every position is in one of them, and comes with all that the convolutions see around it."""

from itertools import pairwise

import torch
from hypothesis import example, given
from hypothesis import strategies as st

from artcnn.backbones.tiles import split_into_tiles


@given(length=st.integers(2, 200), places=st.integers(0, 4000), halo=st.integers(0, 4), circular=st.booleans())
@example(length=65, places=256, halo=2, circular=True)  # a last place that goes with those before it
def test_tiles_cover_a_map_and_see_around_what_they_hold(length, places, halo, circular):
    rows = list(dict.fromkeys(tile.rows for tile in split_into_tiles((length, 64), places, circular=circular)))
    assert (rows[0].first, rows[-1].end) == (0, length)
    assert all(above.end == below.first for above, below in pairwise(rows))
    assert len({stop - start for start, stop in (span.with_halo(halo) for span in rows)}) == 1
    for span in rows:
        assert span.first % 2 == span.with_halo(0)[0] % 2 == 0
        start, stop = span.with_halo(halo)
        if circular and len(rows) > 1:
            assert start <= span.first - halo
            assert stop >= span.end + halo
        else:
            assert 0 <= start <= max(0, span.first - halo)
            assert min(length, span.end + halo) <= stop <= length


@given(length=st.integers(2, 60), places=st.integers(0, 900), halo=st.integers(1, 4), circular=st.booleans())
def test_what_enters_a_convolution_is_what_it_sees(length, places, halo, circular):
    axis = torch.arange(1.0, length + 1).view(1, 1, length, 1).expand(1, 1, length, 2)
    beyond = torch.cat([axis[:, :, -1:], axis, axis[:, :, :1]], 2) if circular else torch.zeros(1, 1, length + 2, 2)
    beyond[:, :, 1:-1] = axis
    for tile in split_into_tiles((length, 2), places, circular=circular):
        entering, (above, below, *_) = tile.conv_input(tile.with_halo(axis, halo), halo)
        start, stop = tile.rows.with_halo(halo - 1)
        expected = torch.stack([axis[:, :, at % length] for at in range(start - 1 + above, stop + 1 - below)], 2)
        assert torch.equal(entering[..., :1], expected[..., :1])
        pads = not circular or tile.rows.count == length  # else what wraps around is in the tile
        assert (above, below) == ((start == 0, stop == length) if pads else (False, False))
