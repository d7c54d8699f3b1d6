"""What a run is said to take, by what runs before it took."""

import pytest
import torch

from artcnn.backbones import benchmark_cache as measurements
from artcnn.backbones.base import load_backbone
from artcnn.backbones.tiles import UNTILED, TilePlan
from artcnn.jobs import estimate
from artcnn.jobs.engine import Sizes
from artcnn.jobs.estimate import _measure_speed
from artcnn.presets import load_recipe


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Return what tells of a dream, in tiles or not, on a machine of which a trial says 10^10 a second."""
    monkeypatch.setattr(measurements, "measurements_file", lambda: tmp_path / "measurements.json")
    monkeypatch.setattr(estimate, "_measure_speed", lambda *_: 1e10)
    recipe = load_recipe("dream", None, precision="float32", size=200)
    return lambda tiles: estimate.estimate(recipe, Sizes((100, 200)), tiles, None, torch.device("cpu"))


def test_a_trial_tells_of_the_first_run_and_the_runs_of_the_next(told):
    first = told(UNTILED)
    assert first.seconds == pytest.approx(first.fixed + first.multiplications / 1e10)
    first.learn(1.0)  # too short to tell anything
    assert told(UNTILED).seconds == first.seconds
    first.learn(100.0)
    assert told(UNTILED).seconds == pytest.approx(100)


def test_runs_of_whole_pictures_tell_of_runs_in_tiles_until_one_was_made(told):
    told(UNTILED).learn(100.0)
    assert told(TilePlan(3)).seconds > 110
    told(TilePlan(3)).learn(300.0)
    assert told(TilePlan(3)).seconds == pytest.approx(300)
    assert told(UNTILED).seconds == pytest.approx(100)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["dream", "style", "texture"])
def test_a_trial_of_each_kind_runs(kind):
    names = ("layers",) if kind == "dream" else ("content_layers", "style_layers")
    recipe = load_recipe(kind, None, precision="float32", **{name: ["relu1_1"] for name in names})
    assert 1e6 < _measure_speed(recipe, load_backbone(recipe), torch.device("cpu")) < 1e15
