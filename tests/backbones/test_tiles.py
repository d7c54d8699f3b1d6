"""Maps cut into tiles: every place is in one of them, and is seen with all that the convolutions see around it."""

from itertools import pairwise

import torch
from hypothesis import example, given
from hypothesis import strategies as st

from artcnn.backbones.tiles import cut


@given(length=st.integers(2, 200), places=st.integers(0, 4000), behind=st.integers(0, 4), ring=st.booleans())
@example(length=65, places=256, behind=2, ring=True)  # a last place that goes with those before it
def test_tiles_cover_a_map_and_see_around_what_they_hold(length, places, behind, ring):
    rows = list(dict.fromkeys(tile.rows for tile in cut((length, 64), places, ring=ring)))
    assert (rows[0].first, rows[-1].end) == (0, length)
    assert all(above.end == below.first for above, below in pairwise(rows))
    assert len({stop - start for start, stop in (span.seen(behind) for span in rows)}) == 1
    for span in rows:
        assert span.first % 2 == span.seen(0)[0] % 2 == 0
        start, stop = span.seen(behind)
        if ring and len(rows) > 1:
            assert start <= span.first - behind
            assert stop >= span.end + behind
        else:
            assert 0 <= start <= max(0, span.first - behind)
            assert min(length, span.end + behind) <= stop <= length


@given(length=st.integers(2, 60), places=st.integers(0, 900), behind=st.integers(1, 4), ring=st.booleans())
def test_what_enters_a_convolution_is_what_it_sees(length, places, behind, ring):
    axis = torch.arange(1.0, length + 1).view(1, 1, length, 1).expand(1, 1, length, 2)
    beyond = torch.cat([axis[:, :, -1:], axis, axis[:, :, :1]], 2) if ring else torch.zeros(1, 1, length + 2, 2)
    beyond[:, :, 1:-1] = axis
    for tile in cut((length, 2), places, ring=ring):
        entering, (above, below, *_) = tile.entering(tile.seen(axis, behind), behind)
        start, stop = tile.rows.seen(behind - 1)
        expected = torch.stack([axis[:, :, at % length] for at in range(start - 1 + above, stop + 1 - below)], 2)
        assert torch.equal(entering[..., :1], expected[..., :1])
        assert (above, below) == (
            (start == 0, stop == length) if not ring or stop - start == length else (False, False)
        )
