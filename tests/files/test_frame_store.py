"""The store of a film's frames, as the history that a film goes on from."""

import pytest
import torch

from artcnn.engines.film import History
from artcnn.errors import ArtcnnError
from artcnn.files.frame_store import open_frame_store
from artcnn.files.write import quantize

SIZE = 6, 9


def pictures(count):
    generator = torch.Generator().manual_seed(7)
    return [torch.rand(1, 3, *SIZE, generator=generator) for _ in range(count)]


def test_each_frame_is_read_as_it_was_rounded_in_any_order(tmp_path):
    made = pictures(4)
    with open_frame_store(tmp_path / "frames", SIZE) as store:
        history: History = store
        for number, picture in enumerate(made):
            history.add(picture)
            assert len(history) == number + 1
            assert torch.equal(history[number], quantize(picture))
        assert torch.equal(history[1], quantize(made[1]))
        assert all(torch.equal(a, quantize(b)) for a, b in zip(store, made, strict=True))
        history.add(made[0])
        assert torch.equal(history[4], quantize(made[0])), "reading in between does not move the end"
        for number in (5, -1):
            with pytest.raises(IndexError):
                history[number]


def test_a_store_goes_on_behind_the_frames_that_are_kept(tmp_path):
    made = pictures(3)
    with open_frame_store(tmp_path / "frames", SIZE) as store:
        for picture in made:
            store.add(picture)
    with open_frame_store(tmp_path / "frames", SIZE, count=2) as store:
        assert len(store) == 2
        store.add(made[0])
        assert [torch.equal(store[n], quantize(made[n % 2])) for n in range(3)] == [True] * 3
    with pytest.raises(ArtcnnError, match="the frames of the video are gone"):
        list(store)
