import math

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from artcnn.colors import color_covariance, match_colors, to_oklab, transfer_luminance
from artcnn.errors import ArtcnnError
from artcnn.image import blur, fit, fit_size, resample, resize


@given(st.tuples(st.integers(32, 5000), st.integers(32, 5000)), st.integers(32, 4096))
def test_the_long_side_is_as_asked_and_the_shape_kept_to_a_pixel(size, long_side):
    height, width = fit_size(size, long_side)
    assert max(height, width) == long_side
    scale = long_side / max(size)
    assert abs(height - size[0] * scale) <= 1
    assert abs(width - size[1] * scale) <= 1


def test_too_thin_a_picture_is_refused_with_the_size_that_would_do():
    panorama = torch.zeros(1, 3, 40, 800)
    with pytest.raises(ArtcnnError, match="512 x 26 pixels.* use size 640 or more"):
        fit(panorama, 512)
    assert fit(panorama, 640).shape == (1, 3, 32, 640)


def test_resizing_is_what_pillow_does(photo):
    bytes_ = (photo[0].permute(1, 2, 0) * 255).round().byte().numpy()
    small = Image.fromarray(bytes_).resize((26, 20), Image.Resampling.BICUBIC)
    ours = resize(torch.from_numpy(bytes_).permute(2, 0, 1)[None].float() / 255, (20, 26))
    np.testing.assert_allclose(ours[0].permute(1, 2, 0).numpy() * 255, np.asarray(small), atol=1.01)


def test_an_image_at_its_own_size_is_itself(photo):
    assert resize(photo, (40, 52)) is photo


def test_resampling_keeps_signed_values(photo):
    detail = photo - 0.5
    torch.testing.assert_close(resample(detail, (80, 104)) + 0.5, resample(photo, (80, 104)))
    assert resample(detail, (80, 104)).min() < -0.2


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.5])
def test_blur_is_scipys_gaussian(photo, sigma):
    radius = max(1, round(3 * sigma))
    expected = [
        scipy.ndimage.gaussian_filter(c, sigma, mode="nearest", radius=radius) for c in photo[0].double().numpy()
    ]
    np.testing.assert_allclose(blur(photo, sigma)[0].numpy(), expected, atol=1e-6)


def test_no_blur_is_the_image_itself(photo):
    assert blur(photo, 0) is photo


def test_color_covariance_is_numpys(photo):
    expected = np.cov(photo[0].flatten(1).numpy(), bias=True)
    np.testing.assert_allclose(color_covariance(photo).numpy(), expected, atol=1e-6)


def test_matched_colors_have_the_targets_mean_and_covariance(photo, painting):
    photo, target = photo * 0.4 + 0.3, painting * 0.3 + 0.35  # far enough from 0 and 1 that nothing is clamped
    matched = match_colors(photo, target)
    torch.testing.assert_close(matched.mean((2, 3)), target.mean((2, 3)), atol=1e-4, rtol=0)
    torch.testing.assert_close(color_covariance(matched), color_covariance(target), atol=3e-4, rtol=0)


def test_colors_that_match_already_do_not_move(photo):
    torch.testing.assert_close(match_colors(photo, photo.flip(3)), photo, atol=1e-4, rtol=0)


def test_the_map_of_colors_is_symmetric_so_that_none_is_moved_further_than_need_be(photo, painting):
    """The optimal map between Gaussians is the gradient of a convex function: its matrix is symmetric, positive."""
    photo, target = photo * 0.4 + 0.3, painting * 0.3 + 0.35
    x, y = (a[0].flatten(1).double() for a in (photo, match_colors(photo, target)))
    x, y = x - x.mean(1, keepdim=True), y - y.mean(1, keepdim=True)
    linear = (y @ x.T) @ torch.linalg.inv(x @ x.T)
    torch.testing.assert_close(linear, linear.T, atol=1e-3, rtol=1e-3)
    assert (torch.linalg.eigvalsh(linear) > 0).all()


def test_gray_and_blank_pictures_can_be_recolored(photo):
    gray = photo.mean(1, keepdim=True).expand(1, 3, -1, -1)
    for image, target in ((gray, photo), (photo, gray), (torch.full_like(photo, 0.2), photo)):
        assert match_colors(image, target).isfinite().all()


@pytest.mark.parametrize(
    ("color", "lightness", "chroma", "hue"),  # of the primaries, as CSS Color 4 has them, hue in degrees
    [
        ((1, 1, 1), 1, 0, 0),
        ((1, 0, 0), 0.62796, 0.25768, 29.234),
        ((0, 1, 0), 0.86644, 0.29483, 142.495),
        ((0, 0, 1), 0.45201, 0.31321, 264.052),
    ],
)
def test_oklab_of_the_primaries(color, lightness, chroma, hue):
    expected = [lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))]
    found = to_oklab(torch.tensor(color, dtype=torch.float32).reshape(1, 3, 1, 1))
    np.testing.assert_allclose(found.flatten(), expected, atol=1e-4)


@pytest.fixture
def colors():
    """Return an image of all colors in steps of 1/24, the corners of the gamut included."""
    steps = torch.linspace(0, 1, 25)
    return torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij")).reshape(1, 3, 125, 125)


def test_a_pictures_own_chroma_is_no_change(colors):
    torch.testing.assert_close(transfer_luminance(colors, colors), colors, atol=1e-5, rtol=0)


def test_the_lightness_is_the_images_and_the_chroma_the_photos_where_srgb_has_such_a_color():
    generator = torch.Generator().manual_seed(0)
    image = 0.4 + 0.3 * torch.rand(1, 3, 300, 40, generator=generator)  # more rows than are done at once
    photo = 0.45 + 0.1 * torch.rand(1, 3, 300, 40, generator=generator)
    kept = to_oklab(transfer_luminance(image, photo))
    torch.testing.assert_close(kept[:, :1], to_oklab(image)[:, :1], atol=1e-4, rtol=0)
    torch.testing.assert_close(kept[:, 1:], to_oklab(photo)[:, 1:], atol=1e-4, rtol=0)


def test_outside_of_srgb_the_hue_and_the_lightness_stay_and_no_more_chroma_goes_than_must(colors):
    gray = torch.linspace(0.1, 0.95, 125).expand(1, 3, 125, 125)
    kept, photo = transfer_luminance(gray, colors), to_oklab(colors)
    assert 0 <= kept.min() <= kept.max() <= 1
    found = to_oklab(kept)
    torch.testing.assert_close(found[:, :1], to_oklab(gray)[:, :1], atol=1e-3, rtol=0)
    chroma, was = found[:, 1:].norm(dim=1), photo[:, 1:].norm(dim=1)
    across = found[:, 1] * photo[:, 2] - found[:, 2] * photo[:, 1]  # the sine of the change of hue, times both chromas
    assert (across.abs() / was.clamp_min(1e-3)).max() < 2e-3
    less = (chroma < was - 1e-3)[0]
    assert 0.2 < less.float().mean() < 0.8
    nearest = torch.minimum(kept, 1 - kept).amin(1)[0]  # of the gamut's surface
    assert nearest[less].max() < 0.02
