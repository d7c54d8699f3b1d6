"""Random changes of spectrograms: what they may change, and by how much."""

import math

import pytest
import torch

from artcnn.datasets import augment_speech as module
from artcnn.datasets.augment_speech import vary
from artcnn.datasets.spectrogram import BANDS, FRAMES, RANGE, RATE, edges
from artcnn.datasets.spoken import find_word

NOTHING = {"PACE": 0.0, "SHIFT": 0.0, "VOICE": 0.0, "ROOM": 0.0, "NOISY": 0.0, "BAND_GAP": 0.0, "TIME_GAP": 0.0}


@pytest.fixture
def words() -> torch.Tensor:
    """Return eight words, tones of 500 to 1500 Hz and 0.5 s."""
    at = torch.arange(RATE // 2) / RATE
    waves = [torch.sin(2 * math.pi * frequency * at) for frequency in torch.linspace(500, 1500, 8)]
    return torch.cat([find_word(wave).spectrogram for wave in waves])


def only(monkeypatch, **amounts):
    for name, amount in (NOTHING | amounts).items():
        monkeypatch.setattr(module, name, amount)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_it_stays_a_picture_and_depends_on_nothing_but_the_generator(words):
    before, state = words.clone(), torch.get_rng_state()
    one, same, other = vary(words, seeded()), vary(words, seeded()), vary(words, seeded(1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(words, before)
    assert torch.equal(torch.get_rng_state(), state)
    assert one.shape == (8, 1, BANDS, FRAMES)
    assert (float(one.min()), float(one.max())) == (0, 1)


def test_nothing_changes_nothing(words):
    torch.testing.assert_close(vary(words, seeded(), strength=0), words, atol=1e-5, rtol=0)


def test_another_pace_changes_the_length_only(words, monkeypatch):
    only(monkeypatch, PACE=0.25)
    lengths = (vary(words, seeded())[:, 0].amax(1) > 0.5).sum(1) / (words[:, 0].amax(1) > 0.5).sum(1)
    assert 1 / 1.35 < float(lengths.min()) < 0.95
    assert 1.05 < float(lengths.max()) < 1.35


def test_another_voice_moves_every_frequency_by_the_same_ratio(words, monkeypatch):
    only(monkeypatch, VOICE=0.1)
    peaks = edges()[1:-1].flip(0)
    before, after = (peaks[found[:, 0, :, FRAMES // 2].argmax(1)] for found in (words, vary(words, seeded(3))))
    ratio = (after / before).log()
    assert float(ratio.abs().max()) < 0.1 + 0.06, "a band is some six per cent wide"
    assert float(ratio.abs().max()) > 0.05
    torch.testing.assert_close(vary(words, seeded())[..., FRAMES // 2].amax(2), torch.ones(8, 1), atol=0.06, rtol=0)


def test_noise_has_the_power_it_is_said_to_have(monkeypatch):
    only(monkeypatch, NOISY=1.0, QUIETEST=-20.0, LOUDEST=-20.0, TILT=0.0)
    quiet = torch.zeros(200, 1, BANDS, FRAMES)
    quiet[:, :, BANDS // 2, FRAMES // 2] = 1  # a single loud place, by which levels are measured
    found = vary(quiet, seeded())
    power = 10 ** ((found - 1) * RANGE / 10)
    assert 10 * math.log10(float(power[..., :10].mean())) == pytest.approx(-20, abs=0.3)


def test_gaps_are_black_and_as_wide_as_they_may_be(monkeypatch):
    only(monkeypatch, BAND_GAP=7.0, TIME_GAP=10.0)
    found = vary(torch.ones(300, 1, BANDS, FRAMES), seeded())[:, 0]
    bands, columns = (found.amax(axis) == 0 for axis in (2, 1))
    assert int(bands.sum(1).max()) in (6, 7)
    assert int(columns.sum(1).max()) in (9, 10)
    for hidden in (bands, columns):
        steps = hidden.int().diff(dim=1)
        assert int((steps == 1).sum(1).max()) <= 1, "one gap"
    assert torch.equal(found == 0, bands[:, :, None] | columns[:, None, :])
