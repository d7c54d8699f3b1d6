"""What the convolutions compute in: how near bfloat16 comes, and how the choice is made and remembered."""

import json

import pytest
import torch

from artcnn.backbones import benchmark_cache as measurements
from artcnn.backbones import precision
from artcnn.backbones.vgg import load_vgg


@pytest.fixture
def remembered(monkeypatch, tmp_path):
    path = tmp_path / "cache" / "measurements.json"
    monkeypatch.setattr(measurements, "measurements_file", lambda: path)
    return path


@pytest.fixture
def measured(monkeypatch):
    """Make every measurement give this part of float32's time; return how often one was made."""
    calls = []

    def give(part):
        def measure(device):
            calls.append(device)
            return part

        monkeypatch.setattr(precision, "_measured", measure)
        return calls

    return give


@pytest.mark.parametrize(
    ("part", "answer"), [(0.5, "bfloat16"), (0.79, "bfloat16"), (0.9, "float32"), (3.0, "float32")]
)
def test_the_faster_one_is_taken_and_remembered(remembered, measured, part, answer):
    calls = measured(part)
    assert precision.fastest(torch.device("cpu")) == answer
    assert precision.fastest(torch.device("cpu")) == answer
    assert len(calls) == 1
    assert list(json.loads(remembered.read_text()).values()) == [[part]]
    assert [path.name for path in remembered.parent.iterdir()] == [remembered.name]


def test_one_number_of_a_busy_moment_does_not_count_and_five_do(remembered):
    for value in [4.0, 4.2, 1.0, 3.8]:
        measurements.record("rate", value)
    assert measurements.load_median("rate") == pytest.approx(3.9)
    for _ in range(5):
        measurements.record("rate", 2.0)
    assert measurements.load_median("rate") == 2.0
    assert measurements.load_median("another") is None


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": "b"}', '{"a": 0.5}', '{"a": ["b"]}', '{"a": []}', "nonsense"])
def test_a_damaged_memory_is_measured_again(remembered, measured, text):
    remembered.parent.mkdir()
    remembered.write_text(text)
    calls = measured(0.5)
    assert precision.fastest(torch.device("cpu")) == "bfloat16"
    assert len(calls) == 1
    json.loads(remembered.read_text())


def test_where_nothing_can_be_kept_it_is_measured_each_time(monkeypatch, tmp_path, measured):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(measurements, "measurements_file", lambda: tmp_path / "file" / "measurements.json")
    calls = measured(2.0)
    for _ in range(2):
        assert precision.fastest(torch.device("cpu")) == "float32"
    assert len(calls) == 2


def test_a_measurement_is_a_ratio_of_times():
    assert 0.05 < precision._measured(torch.device("cpu")) < 200


@pytest.mark.slow
@pytest.mark.parametrize("padding", ["zeros", "replicate"])
@pytest.mark.parametrize("pooling", ["max", "average"])
def test_bfloat16_is_near_float32(pooling, padding):
    image = torch.nn.functional.interpolate(
        torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(0)), (96, 96), mode="bicubic"
    ).clamp(0, 1)
    found = {}
    for name in precision.DTYPES:
        inputs = image.clone().requires_grad_()
        features = load_vgg(pooling=pooling, padding=padding, precision=name).features(inputs, ["relu3_1", "relu5_1"])
        assert {x.dtype for x in features.values()} == {precision.DTYPES[name]}
        floats = [x.float() for x in features.values()]
        (gradient,) = torch.autograd.grad(sum(x.square().mean() for x in floats), inputs)
        found[name] = [*(x.detach() for x in floats), gradient]
    for exact, rounded in zip(*found.values(), strict=True):
        assert not torch.equal(exact, rounded)
        assert torch.nn.functional.cosine_similarity(exact.flatten(), rounded.flatten(), dim=0) > 0.995
        assert float((exact - rounded).norm() / exact.norm()) < 0.1
