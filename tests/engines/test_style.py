from weakref import ref

import pytest
import torch

from artcnn.engines import style as engine
from artcnn.engines.painting_scale import painting_size
from artcnn.engines.style import resize_cover, scale_sizes, steps_per_scale, style, upscale
from artcnn.engines.style_loss import StyleLoss
from artcnn.image import fit, resize, size_of
from artcnn.recipes import StyleRecipe
from artcnn.settings import parse

SMALL = {
    "backbone": "tiny",
    "content_layers": ["relu2_1"],
    "style_layers": ["relu1_1", "relu2_1=0.5"],
    "size": 64,
    "min_size": 45,
    "coarse_steps": 4,
    "fine_steps": 3,
}


def recipe(**settings):
    return parse(StyleRecipe, SMALL | settings)


def total(photo, painting, backbone, chosen, image):
    return StyleLoss(photo, painting, backbone, chosen, chosen.size)(image).item()


def test_scales_go_up_by_the_factor_and_none_is_too_small(photo, painting):
    wide = torch.zeros(1, 3, 400, 600)
    assert scale_sizes(size_of(wide), [size_of(wide)], recipe(size=512, min_size=128)) == [128, 181, 256, 362, 512]
    assert scale_sizes(size_of(wide), [size_of(wide)], recipe(size=512, min_size=512)) == [512]
    assert scale_sizes(size_of(wide), [size_of(wide)], recipe(size=100, min_size=128)) == [100]
    assert scale_sizes((40, 400), [size_of(wide)], recipe(size=512, min_size=32, scale_factor=1.25)) == [
        328,
        410,
        512,
    ]
    assert scale_sizes(size_of(wide), [size_of(wide)], recipe(size=512, min_size=32, style_scale=0.1)) == [512]


def test_steps_go_down_geometrically():
    assert steps_per_scale(recipe(coarse_steps=80, fine_steps=5), 5) == [80, 40, 20, 10, 5]
    assert steps_per_scale(recipe(coarse_steps=80, fine_steps=5), 1) == [5]


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("init", ["content", "noise", "painting"])
def test_the_loss_goes_down_from_any_start(make_tiny, photo, painting, optimizer, init):
    chosen = recipe(optimizer=optimizer, init=init, fine_steps=10, content_weight=0.1)
    network = make_tiny(padding="replicate")
    first, *_, last = style(photo, painting, network, chosen)
    start = resize(photo if init == "content" else first.image, (49, 64))
    after, before = (total(photo, painting, network, chosen, image) for image in (last.image, start))
    assert after < 0.7 * before
    assert last.image.shape == (1, 3, 49, 64)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_nothing_of_a_scale_is_held_while_the_next_begins(make_tiny, photo, painting, optimizer, monkeypatch):
    losses, optimizers, held = [], [], []

    class Spying(StyleLoss):
        def __init__(self, *args):
            histories = sum(len(getattr(found.optimizer, "history", ())) for found in optimizers)
            held.append((sum(loss() is not None for loss in losses), histories))
            super().__init__(*args)

    monkeypatch.setattr(engine, "StyleLoss", Spying)
    steps = style(photo, painting, make_tiny(), recipe(optimizer=optimizer, min_size=32))
    while step := next(steps, None):
        *_, optimizer_now, loss = step.state.args
        optimizers[:] = [optimizer_now]
        losses.append(ref(loss))
        del step, loss
    assert held == [(0, 0)] * 2


def test_the_objective_is_the_papers_written_out(tiny, photo, painting):
    """Equations 1 to 7 of arXiv:1508.06576 in plain loops, with the normalizations that the presets document."""
    chosen = recipe(method="gram", normalize_terms=False, content_weight=5, style_weight=100, tv_weight=2)
    image = (fit(photo, 64) * 0.8 + 0.1).flip(2)
    f, p, s = (
        {k: v[0].double() for k, v in tiny.features(x, ["relu1_1", "relu2_1"]).items()}
        for x in (image, fit(photo, 64), fit(painting, 64))
    )
    content = ((f["relu2_1"] - p["relu2_1"]) ** 2).mean()

    def gram(x):
        return torch.einsum("ihw,jhw->ij", x, x) / x.numel()

    distance = {layer: ((gram(f[layer]) - gram(s[layer])) ** 2).mean() for layer in f}
    tv = ((image[..., 1:, :] - image[..., :-1, :]) ** 2).mean() + ((image[..., 1:] - image[..., :-1]) ** 2).mean()
    got = StyleLoss(photo, painting, tiny, chosen, 64).terms(image)
    assert got.content.item() == pytest.approx(5 * content.item(), rel=1e-4)
    assert got.style.item() == pytest.approx(100 * (distance["relu1_1"] + 0.5 * distance["relu2_1"]).item(), rel=1e-4)
    assert got.tv.item() == pytest.approx(2 * tv.item(), rel=1e-4)
    assert got.total.item() == pytest.approx(got.content.item() + got.style.item() + got.tv.item())


def test_a_relative_loss_does_not_depend_on_the_networks_scale(tiny, photo, painting):
    image = fit(photo, 64).flip(3)
    chosen = recipe(normalize_terms=True, tv_weight=0)
    before = total(photo, painting, tiny, chosen, image)
    for name in ("conv1_1_weight", "conv1_1_bias", "conv2_1_bias"):
        tiny.register_buffer(name, tiny.get_buffer(name) * 100)
    assert total(photo, painting, tiny, chosen, image) == pytest.approx(before, rel=1e-4)


def test_the_photo_itself_has_no_content_loss_and_the_painting_no_style_loss(tiny, photo, painting):
    chosen = recipe()
    assert StyleLoss(photo, painting, tiny, chosen, 64).terms(fit(photo, 64)).content == 0
    assert StyleLoss(painting, painting, tiny, chosen, 64).terms(fit(painting, 64)).style < 1e-12


def test_the_painting_keeps_its_shape_and_takes_its_scale(photo, painting):
    assert painting_size(512, recipe(style_scale=1.5)) == 768
    assert fit(painting, painting_size(64, recipe())).shape == (1, 3, 64, 49)
    assert resize_cover(painting, (30, 60)).shape == (1, 3, 30, 60)
    squares = torch.zeros(1, 3, 40, 40)
    squares[..., 15:25, 15:25] = 1
    middle = resize_cover(squares, (40, 80))
    assert (middle[0, 0, 20] > 0.5).sum() == (middle[0, 0, :, 40] > 0.5).sum() == 20


def test_growing_puts_the_photos_detail_back(photo):
    small, large = fit(photo, 32 * 52 // 40), fit(photo, 64)
    torch.testing.assert_close(upscale(small, small, large, 1.0), large)
    assert (upscale(small, small, large, 0.0) - large).abs().max() > 0.1
    assert torch.equal(upscale(photo, photo, photo, 1.0), photo)


def test_same_seed_same_bits(make_tiny, photo, painting):
    network = make_tiny(padding="replicate")
    a, b, c = (list(style(photo, painting, network, recipe(init="noise", seed=s)))[-1].image for s in (3, 3, 4))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_nothing_of_the_callers_is_changed(tiny, photo, painting):
    before = photo.clone(), painting.clone(), torch.get_rng_state()
    steps = list(style(photo, painting, tiny, recipe()))
    assert torch.equal(photo, before[0])
    assert torch.equal(painting, before[1])
    assert torch.equal(torch.get_rng_state(), before[2])
    assert len({step.image.data_ptr() for step in steps}) == len(steps)
    assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)
    assert all(not step.image.requires_grad for step in steps)


def test_the_first_picture_has_the_paintings_colors_where_that_is_wanted(tiny, photo, painting):
    painting = painting * 0.3
    for share, near in ((1, painting), (0, photo)):
        first = next(style(photo, painting, tiny, recipe(step_size=1e-6, init_color_match=share)))
        torch.testing.assert_close(first.image.mean((2, 3)), near.mean((2, 3)), atol=0.02, rtol=0)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_run_taken_up_at_any_step_ends_with_the_same_bits(tiny, photo, painting, optimizer):
    chosen = recipe(optimizer=optimizer)
    states, images = [], []
    for step in style(photo, painting, tiny, chosen):
        states.append({name: x.clone() for name, x in step.state().items()})
        images.append((step.image, step.value, step.index, step.stage))
    for number, state in enumerate(states[:-1]):
        rest = list(style(photo, painting, tiny, chosen, state=state))
        assert [step.index for step in rest] == [index for *_, index, _ in images[number + 1 :]]
        for step, (image, value, _, stage) in zip(rest, images[number + 1 :], strict=True):
            assert torch.equal(step.image, image)
            assert (step.value, step.stage) == (value, stage)
