"""What belongs on a GPU stays there: torch's meta device, which has shapes and layouts but no values, stands for it."""

import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from artcnn.backbones import precision
from artcnn.backbones.convolution import _pad_border, _replicate_border
from artcnn.datasets.photos import Photos
from artcnn.engines import fourier_preconditioner
from artcnn.engines.dream import DreamObjective
from artcnn.engines.fourier_preconditioner import FourierPreconditioner
from artcnn.engines.instant import paint
from artcnn.engines.spectral_adam import SpectralAdam
from artcnn.engines.style_loss import StyleLoss
from artcnn.image import random_affine
from artcnn.jobs import estimate
from artcnn.losses import channel_means
from artcnn.nets.instant import InstantNetwork
from artcnn.objectives import LayerActivation, WeightedLayer
from artcnn.recipes import DreamRecipe, StyleRecipe
from artcnn.training.instant import InstantStyles
from artcnn.training_recipes import InstantTrainRecipe
from artcnn.visualizers.network import open_backbone

META = torch.device("meta")
HEIGHT, WIDTH = 48, 64


class Watch(TorchDispatchMode):
    """Keeps the names of operations, and how large what they compute on the CPU is."""

    def __init__(self):
        super().__init__()
        self.names, self.on_cpu = [], 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        found = function(*args, **(kwargs or {}))
        self.names.append(function.overloadpacket.__name__)
        sizes = (x.numel() for x in tree_leaves(found) if isinstance(x, torch.Tensor) and x.device.type == "cpu")
        self.on_cpu = max(self.on_cpu, *sizes, 0)
        return found


def empty(*shape, layout=torch.contiguous_format):
    return torch.empty(shape, device=META).to(memory_format=layout)


@pytest.fixture
def picture():
    return empty(1, 3, HEIGHT, WIDTH)


def test_what_is_computed_of_all_pixels_is_computed_there(picture):
    known = FourierPreconditioner()
    step = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    known.update(step, 2 * step)
    for work in (
        lambda: SpectralAdam(3).update(picture),
        lambda: random_affine(picture, 5, 0.1, torch.Generator().manual_seed(0)),
        lambda: known.apply(picture),
        lambda: known.quadratic_form(picture),
    ):
        with Watch() as watch:
            found = work()
        assert found.device == META
        assert watch.on_cpu <= 3 * 24  # the preconditioner's bins, of three colors


def test_the_preconditioner_learns_there(picture, monkeypatch):
    seen = []

    def sum_bins(values, bins):
        seen.append({x.device.type for x in (values, *bins)})
        return torch.ones(24)

    monkeypatch.setattr(fourier_preconditioner, "_sum_bins", sum_bins)
    with Watch() as watch:
        FourierPreconditioner().update(picture, picture)
    assert seen == [{"meta"}] * 6
    assert watch.on_cpu <= 3 * 24


def test_objective_and_loss_are_computed_there(tiny, picture):
    backbone = tiny.to(META)
    layers = (LayerActivation(layer="relu2_1"),)
    dream = DreamRecipe(backbone="tiny", layers=layers, precision="float32")
    weighted = (WeightedLayer(layer="relu1_1"), WeightedLayer(layer="relu2_1"))
    style = StyleRecipe(backbone="tiny", content_layers=weighted[1:], style_layers=weighted, precision="float32")
    with Watch() as watch:
        DreamObjective(picture, backbone, dream).value_and_gradient(picture)
        StyleLoss(picture, picture, backbone, style, WIDTH).value_and_gradient(picture)
    assert watch.on_cpu <= 1


@pytest.mark.parametrize("border", [(True, True, True, True), (False, True, True, False), (True, False, False, False)])
def test_the_border_is_repeated_and_channels_stay_last(border):
    x = torch.rand(1, 5, 3, 4, generator=torch.Generator().manual_seed(0)).to(memory_format=torch.channels_last)
    above, below, left, right = map(int, border)
    expected = F.pad(x, (left, right, above, below), mode="replicate")
    torch.testing.assert_close(_replicate_border(x, border), expected, rtol=0, atol=0)
    padded = _pad_border(empty(1, 5, 3, 4, layout=torch.channels_last), "replicate", border)
    assert padded.shape == expected.shape
    assert padded.is_contiguous(memory_format=torch.channels_last)


def test_means_of_channels_are_one_sum_there():
    with Watch() as watch:
        means = channel_means(empty(1, 6, 400, 500, layout=torch.channels_last).bfloat16())
    assert means.dtype == torch.float32
    assert watch.names.count("mean") == 1
    assert "split" not in watch.names


def test_an_instant_style_takes_few_strips_there():
    network, weights = InstantNetwork(1).to(META), torch.ones(1, 1, device=META)
    with Watch() as watch:
        paint(empty(1, 3, 1024, 1024), network, weights, torch.bfloat16)
    layers = sum(isinstance(module, torch.nn.Conv2d) for module in network.modules())
    assert watch.names.count("convolution") <= 3 * layers  # a map that is not kept is computed again


def test_the_fastest_precision_is_measured_on_enough_work_for_a_gpu():
    with FlopCounterMode(display=False) as counter:
        precision._seconds(torch.bfloat16, META)
    assert counter.get_total_flops() > 1e11  # a tenth of a second at a trillion a second, and no GPU is so slow


def test_photos_are_moved_there_before_they_are_turned():
    recipe = InstantTrainRecipe(crop=64)
    photos = Photos((torch.zeros(3, 128, 128, dtype=torch.uint8),), "black")
    goal = InstantStyles(recipe, type("Loss", (), {"count": 1})(), photos, photos, META)
    sample = goal._draw(photos, 0, 1.0)
    assert sample.photo.device == sample.moved.device == META


def test_what_looks_into_a_network_looks_there(make_tiny):
    network = open_backbone(make_tiny(padding="zeros"), 32)
    there = open_backbone(make_tiny(padding="zeros").to(META), 32)
    assert there.shapes() == network.shapes()


def test_memory_that_torch_holds_for_later_is_free(monkeypatch):
    for name, value in {"mem_get_info": (10, 80), "memory_reserved": 50, "memory_allocated": 20}.items():
        monkeypatch.setattr(torch.cuda, name, lambda device, value=value: value)
    gpu = torch.device("cuda", 0)
    assert estimate.free_memory(gpu, None) == 10 + 50 - 20
    assert estimate.free_memory(gpu, 30) == 30
