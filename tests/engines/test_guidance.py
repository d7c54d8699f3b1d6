import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from artcnn.engines.guidance import Masks, feather, partition, protection_mask, resize_share
from artcnn.errors import ArtcnnError

SIZE = 48, 64


def half(left=1.0, right=0.0):
    mask = torch.full((1, 1, 48, 64), right)
    mask[..., :32] = left
    return mask


def noise(seed):
    return torch.rand(1, 1, 24, 32, generator=torch.Generator().manual_seed(seed))


def test_without_masks_there_is_one_region_blended_by_the_weights():
    (region,) = partition(3, (1, 2, 1), Masks(), SIZE)
    assert region.weights == (0.25, 0.5, 0.25)
    assert region.share is None
    (region,) = partition(2, (), Masks(), SIZE)
    assert region.weights == (0.5, 0.5)


def test_a_painting_has_what_its_mask_says_and_the_other_the_rest():
    first, rest = partition(2, (), Masks((None, half())), SIZE)
    assert (first.weights, rest.weights) == ((0, 1), (1, 0))
    assert first.share[..., 10].min() > 0.99
    assert rest.share[..., 10].max() < 0.01
    assert first.share[..., -10].max() < 0.01
    torch.testing.assert_close(first.share + rest.share, torch.ones(1, 1, *SIZE))
    # Gray blends, by how gray it is and by the weights.
    gray, rest = partition(2, (3, 1), Masks((None, torch.full((1, 1, 9, 9), 0.5))), SIZE)
    assert gray.share.mean().item() == pytest.approx(0.25, abs=1e-4)


@pytest.mark.slow
@given(st.integers(0, 1000), st.lists(st.floats(0.1, 10), min_size=3, max_size=3), st.booleans())
def test_shares_add_up_to_one_wherever_anything_rules(seed, weights, all_masked):
    masks = (noise(seed), noise(seed + 1), noise(seed + 2) + 0.1 if all_masked else None)
    regions = partition(3, weights, Masks(masks), SIZE)
    torch.testing.assert_close(sum(region.share for region in regions), torch.ones(1, 1, *SIZE), atol=1e-4, rtol=0)
    assert all(sum(region.weights) == pytest.approx(1) for region in regions)


def test_where_nothing_rules_and_what_is_protected_has_no_style():
    (alone,) = partition(1, (), Masks((half(),)), SIZE)
    assert alone.share[..., -10:].max() < 1e-3
    (free,) = partition(1, (), Masks(protect=half()), SIZE)
    assert free.share[..., :32].max() == 0
    assert free.share[..., -10:].min() > 0.99
    assert partition(1, (), Masks((torch.zeros(1, 1, 8, 8),)), SIZE) == []


def test_edges_are_soft_and_what_is_protected_stays_so():
    soft = feather(half(), (96, 128))[0, 0, 0]
    assert ((soft > 0.05) & (soft < 0.95)).sum() >= 3
    kept = protection_mask(half(), (96, 128))[0, 0, 0]
    assert kept[:64].min() == 1
    assert ((kept > 0.05) & (kept < 0.95)).sum() >= 2


def test_a_layers_share_is_the_mean_of_the_pixels_that_it_pools():
    share = noise(1)
    torch.testing.assert_close(resize_share(share, (12, 16)), torch.nn.functional.avg_pool2d(share, 2))


def test_what_does_not_go_together():
    with pytest.raises(ArtcnnError, match="3 paintings and 2 weights"):
        partition(3, (1, 1), Masks(), SIZE)
    with pytest.raises(ArtcnnError, match="mask of painting 2, and 1 paintings"):
        partition(1, (), Masks((None, half())), SIZE)
    with pytest.raises(ArtcnnError, match="above 0"):
        partition(2, (0, 0), Masks(), SIZE)
