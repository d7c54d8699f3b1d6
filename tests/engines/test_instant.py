"""A photo in one pass: strips give what the whole network gives, at any size, and the settings do what they say."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from artcnn.colors import to_oklab
from artcnn.engines import instant as engine
from artcnn.engines import strips
from artcnn.engines.instant import instant, paint
from artcnn.errors import ArtcnnError
from artcnn.image import fit, size_of
from artcnn.nets.instant import UNIT, InstantNetwork, is_table
from artcnn.recipes import InstantRecipe

WEIGHTS = torch.tensor([[0.25, 0.75]])


def make_network(dtype=torch.float32):
    """Return a small network of two styles."""
    torch.manual_seed(0)
    network = InstantNetwork(2, (4, 6, 8), (1, 2, 1), 4)
    for name, table in network.state_dict().items():
        if is_table(name):
            table += 0.3 * torch.randn(table.shape)
    return network.eval().to(dtype)


NETWORK, PRECISE = make_network(), make_network(torch.float64)


def picture(height, width, dtype=torch.float64):
    noise = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(height * width), dtype=dtype)
    return 0.5 * noise + 0.5 * torch.linspace(0, 1, width, dtype=dtype)


@torch.no_grad()
def whole(image, network, weights=WEIGHTS, dtype=None):
    """Return what the network paints of a whole image, mirrored up to a multiple of 8 and cropped."""
    height, width = size_of(image)
    padded = F.pad(image, (0, -width % UNIT, 0, -height % UNIT), mode="reflect")
    return network(padded, weights.to(image.dtype), dtype)[..., :height, :width]


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(height=st.integers(32, 60), width=st.integers(32, 60), values=st.integers(200, 9000), kept=st.booleans())
def test_strips_give_the_whole_picture_at_any_size(height, width, values, kept):
    image = picture(height, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_KEPT_BYTES", 1 << 28 if kept else 0)
        patch.setattr(strips, "_LEAST_ROWS", 1)
        made = paint(image, PRECISE, WEIGHTS, torch.float64, values)
    torch.testing.assert_close(made, whole(image, PRECISE), rtol=0, atol=1e-12)


@pytest.mark.parametrize("values", [1, 1 << 18])
def test_strips_give_the_whole_picture_in_the_formats_of_the_recipe(values):
    image = picture(67, 45, torch.float32)
    made = paint(image, NETWORK, WEIGHTS, torch.float32, values)
    torch.testing.assert_close(made, whole(image, NETWORK), rtol=0, atol=1e-4)
    rounded = paint(image, NETWORK, WEIGHTS, torch.bfloat16, values)
    assert rounded.dtype == torch.float32
    assert (rounded - made).abs().mean() < 0.02


def test_strips_cover_each_row_once():
    source = strips.StoredMap(torch.zeros(1, 8, 100, 40))
    assert list(strips.strips(source, 32 * 40 * 8)) == [(0, 32), (32, 64), (64, 96), (96, 100)]
    assert list(strips.strips(source, 1)) == [(top, min(top + 16, 100)) for top in range(0, 100, 16)]


class Tracked(strips.StoredMap):
    """A map that remembers how many rows were read at once."""

    most = 0

    def rows(self, top, bottom):
        assert 0 <= top < bottom <= self.size[0]
        self.most = max(self.most, bottom - top)
        return super().rows(top, bottom)


@pytest.mark.parametrize("layer", ["to_half", "narrow"])
def test_a_strip_reads_few_rows_more_than_it_needs(layer):
    layer = getattr(NETWORK, layer)
    source = Tracked(torch.rand(1, layer.conv.in_channels, 256, 16))
    made = strips.StyledMap([source], layer, WEIGHTS, torch.float32, keep=False, strip=1)
    assert source.most <= 16 * layer.conv.stride[0] + 4
    source.most = 0
    made.rows(10, 14)
    assert source.most <= 4 * layer.conv.stride[0] + 4


def test_upsampled_rows_are_those_of_the_whole_map():
    values = torch.rand(1, 2, 9, 5)
    upsampled = strips.UpsampledMap(strips.StoredMap(values))
    expected = F.interpolate(values, scale_factor=2, mode="bilinear")
    for top in range(18):
        for bottom in range(top + 1, 19):
            torch.testing.assert_close(upsampled.rows(top, bottom), expected[:, :, top:bottom])


@pytest.mark.parametrize("height", [33, 37, 39, 40])
def test_a_photo_is_mirrored_up_to_a_multiple(height):
    image = picture(height, 35)
    photo = engine.PhotoMap(image, torch.float64)
    expected = F.pad(image, (0, 5, 0, -height % 8), mode="reflect") * 2 - 1
    assert photo.size == (40, 40)
    for top in range(28, 40):
        for bottom in range(top + 1, 41):
            torch.testing.assert_close(photo.rows(top, bottom), expected[:, :, top:bottom])


def run(photo, protect=None, **changes):
    recipe = InstantRecipe(**({"size": 48, "precision": "float32"} | changes))
    (step,) = instant(photo, NETWORK, WEIGHTS, recipe, protect)
    assert (step.index, step.total, step.progress) == (1, 1, 1.0)
    return step.image


def test_a_photo_is_painted_at_the_size_of_the_recipe(photo):
    before = photo.clone()
    made = run(photo)
    assert size_of(made) == (37, 48)
    torch.testing.assert_close(made, whole(fit(photo, 48), NETWORK), rtol=0, atol=1e-4)
    assert torch.equal(photo, before)


def test_strength_goes_from_the_photo_in_a_straight_line(photo):
    small = fit(photo, 48)
    assert torch.equal(run(photo, strength=0), small)
    torch.testing.assert_close(run(photo, strength=0.3), 0.7 * small + 0.3 * run(photo))


def test_colors_of_the_content_keep_the_lightness_of_the_painted_picture(photo):
    gray = photo.mean(1, keepdim=True).expand_as(photo)
    made = run(gray, colors="content")
    torch.testing.assert_close(made[:, 0], made[:, 1], rtol=0, atol=1e-3)
    painted = run(gray)
    torch.testing.assert_close(to_oklab(made)[:, :1], to_oklab(painted)[:, :1], rtol=0, atol=2e-3)


def test_what_is_protected_is_the_photo(photo):
    mask = torch.zeros(1, 1, 49, 64)
    mask[..., :32] = 1
    made, painted, small = run(photo, mask, size=64), run(photo, size=64), fit(photo, 64)
    assert torch.equal(made[..., :32], small[..., :32])
    torch.testing.assert_close(made[..., 32:], painted[..., 32:])


def test_a_photo_that_gets_too_narrow_is_refused(photo):
    with pytest.raises(ArtcnnError, match="use size 42 or more"):
        run(photo, size=40)
