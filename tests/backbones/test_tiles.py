"""Maps cut into tiles: every place is in one of them, and is seen with all that the convolutions see around it."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from artcnn.backbones.tiles import cut


@given(length=st.integers(2, 200), places=st.integers(0, 4000), seen=st.integers(1, 4), ring=st.booleans())
@example(length=65, places=256, seen=2, ring=True)  # a last place that goes with those before it
def test_tiles_cover_a_map_and_see_around_what_they_hold(length, places, seen, ring):
    tiles = list(cut((length, 64), places, seen, ring=ring))
    rows = list(dict.fromkeys(tile.rows for tile in tiles))
    assert (rows[0].first, rows[-1].end) == (0, length)
    assert all(above.end == below.first for above, below in pairwise(rows))
    for span in rows:
        assert span.first % 2 == span.start % 2 == 0
        if len(rows) > 1:
            around = (span.first - seen, span.end + seen)
            start, stop = around if ring else (max(0, around[0]), min(length, around[1]))
            assert span.start <= start
            assert span.stop >= stop
        assert ring or 0 <= span.start < span.stop <= length
    assert len({span.stop - span.start for span in rows}) == 1
