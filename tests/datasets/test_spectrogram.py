"""Spectrograms against closed forms and SciPy, and words found in recordings made by formulas."""

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from artcnn.datasets import spectrogram
from artcnn.datasets.spectrogram import BANDS, FRAMES, HIGH, HOP, LOW, RANGE, RATE, band_powers, edges, hertz, mel
from artcnn.datasets.spoken import find_word, find_words


def tone(frequency: float, seconds: float = 1.0, amplitude: float = 0.5) -> torch.Tensor:
    return amplitude * torch.sin(2 * math.pi * frequency * torch.arange(int(seconds * RATE)) / RATE)


def word(seconds: float = 0.4) -> torch.Tensor:
    """Return a vowel that glides: harmonics of 120 Hz, louder where a formant moves from 500 to 1500 Hz."""
    at = torch.arange(int(seconds * RATE)) / RATE
    formant = 500 + 1000 * at / seconds
    wave = sum(
        torch.exp(-((120 * k - formant) ** 2) / 2e5) * torch.sin(2 * math.pi * 120 * k * at) for k in range(1, 25)
    )
    return 0.2 * wave * torch.sin(math.pi * at / seconds)


def test_the_mel_scale_has_its_known_points_and_goes_back():
    assert float(mel(torch.tensor(1000.0, dtype=torch.float64))) == pytest.approx(1000, abs=0.02)
    assert float(mel(torch.tensor(0.0))) == 0
    frequencies = torch.linspace(0, 4000, 50, dtype=torch.float64)
    torch.testing.assert_close(hertz(mel(frequencies)), frequencies)
    steps = mel(edges()).diff()
    torch.testing.assert_close(steps, steps[:1].expand_as(steps))
    assert edges()[[0, -1]].tolist() == pytest.approx([LOW, HIGH])


def test_filters_are_triangles_that_share_out_every_frequency():
    filters = spectrogram.mel_filters()
    at = np.arange(filters.shape[1]) * RATE / (2 * (filters.shape[1] - 1))
    marks = edges().numpy()
    for row, (start, peak, end) in enumerate(zip(marks[:-2], marks[1:-1], marks[2:], strict=True)):
        np.testing.assert_allclose(filters[row], np.interp(at, [start, peak, end], [0, 1, 0]), atol=1e-6)
    inside = (at > marks[1]) & (at < marks[-2])
    np.testing.assert_allclose(filters.sum(0)[inside], 1, atol=1e-6)
    assert (filters.sum(1) > 0).all(), "no band falls between two frequencies"


def test_powers_are_scipys():
    wave = word() + 0.01 * torch.sin(torch.arange(3200) * 1.3)
    found = band_powers(wave)
    window, fft = RATE // 40, 512
    stft = ShortTimeFFT(hann(window, sym=False), HOP, RATE, fft_mode="onesided", mfft=fft, phase_shift=None)
    spectrum = np.abs(stft.stft(wave.double().numpy(), p0=0, p1=found.shape[1])) ** 2
    filters = spectrogram.mel_filters().double().numpy()
    expected = filters / filters.sum(1, keepdims=True) @ spectrum
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("frequency", [200.0, 440.0, 1000.0, 3000.0])
def test_a_tone_lies_in_its_band(frequency):
    powers = band_powers(tone(frequency))[:, 5:-5].mean(1)
    nearest = int((edges()[1:-1] - frequency).abs().argmin())
    assert abs(int(powers.argmax()) - nearest) <= 1


def test_a_picture_knows_no_level_and_has_low_sounds_at_the_bottom():
    powers = band_powers(tone(200))
    loud, quiet = spectrogram.picture(powers), spectrogram.picture(powers / 1e4)
    torch.testing.assert_close(loud, quiet)
    assert (float(loud.min()), float(loud.max())) == (0, 1)
    assert int(loud.sum(1).argmax()) > BANDS * 0.8
    levels = torch.zeros(BANDS, 2)
    levels[0], levels[1] = 1, 10 ** (-RANGE / 20)  # half of the range below, in dB
    assert spectrogram.picture(levels)[-1, 0] == 1
    assert float(spectrogram.picture(levels)[-2, 0]) == pytest.approx(0.5, abs=1e-5)


def test_a_word_is_cut_out_and_centred_wherever_and_however_loud_it_is():
    alone = find_word(word())
    assert alone.spectrogram.shape == (1, 1, BANDS, FRAMES)
    assert alone.doubt is None
    mass = alone.spectrogram[0, 0].sum(0)
    center = float((mass * torch.arange(FRAMES)).sum() / mass.sum())
    assert abs(center - FRAMES / 2) < 5
    # Moved by whole columns and made a hundred times quieter, it is the same word.
    before, after = torch.zeros(40 * HOP), torch.zeros(3 * RATE)
    elsewhere = find_word(torch.cat([before, word() / 100, after]))
    torch.testing.assert_close(elsewhere.spectrogram, alone.spectrogram, atol=2e-3, rtol=0)


def test_of_a_long_recording_the_loudest_word_is_taken():
    wave = tone(150, 5, 0.001)
    wave[RATE : RATE + 2400] += tone(3000, 0.3, 0.02)
    wave[3 * RATE : 3 * RATE + 3200] += word()
    found, alone, other = (find_word(sound).spectrogram[0, 0] for sound in (wave, word(), tone(3000, 0.3, 0.02)))

    def likeness(one: torch.Tensor) -> float:
        moved = [torch.stack([found.roll(by, 1).flatten(), one.flatten()]) for by in range(-8, 9)]
        return max(float(torch.corrcoef(pair)[0, 1]) for pair in moved)

    assert likeness(alone) > 0.85
    assert likeness(other) < 0.5


@pytest.mark.parametrize(
    "wave", [torch.zeros(0), torch.zeros(RATE), torch.full((RATE,), 1e-6)], ids=["none", "0", "quiet"]
)
def test_silence_is_no_word(wave):
    found = find_word(wave)
    assert not found.spectrogram.any()
    assert found.doubt == "there is nothing to hear in it"


def test_a_click_is_too_short():
    click = torch.zeros(RATE)
    click[4000:4080] = 0.5 * torch.sin(torch.arange(80) * 0.9)
    assert find_word(click).doubt == "it is too short for a word"


def test_two_words_are_two_and_the_louder_is_taken():
    pause, silence = torch.zeros(int(0.25 * RATE)), torch.zeros(RATE // 2)
    wave = torch.cat([silence, 0.5 * word(), pause, word(0.3), silence])
    found = find_word(wave)
    assert found.doubt == "more than one word was heard: this is the loudest"
    alone = find_word(torch.cat([silence, word(0.3), silence])).spectrogram[..., FRAMES // 2 - 8 : FRAMES // 2 + 8]
    torch.testing.assert_close(found.spectrogram[..., FRAMES // 2 - 8 : FRAMES // 2 + 8], alone, atol=0.1, rtol=0)
    closure = torch.cat([silence, word(0.2), torch.zeros(int(0.1 * RATE)), word(0.2), silence])
    assert find_word(closure).doubt is None, "a pause as inside of a word"


def test_a_word_in_noise_is_one_word_and_noise_is_none():
    noise = 0.002 * torch.randn(3 * RATE, generator=torch.Generator().manual_seed(0))
    wave = noise.clone()
    wave[RATE : RATE + 3200] += word()
    assert find_word(wave).doubt is None
    assert find_word(noise).doubt == "it lasts longer than a second: only its loudest second was heard"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(min_value=6, max_value=40), min_size=1, max_size=5), st.integers(13, 60))
def test_words_are_found_where_they_are(lengths, pause):
    columns, expected = [torch.zeros(pause)], []
    for length in lengths:
        start = sum(map(len, columns))
        expected.append((start, start + length))
        columns += [torch.ones(length), torch.zeros(pause)]
    assert find_words(torch.cat(columns)) == expected


@pytest.mark.parametrize("scale", [1e30, 1e-4])
def test_no_level_breaks_it(scale):
    found = find_word(word() * scale).spectrogram
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found, find_word(word()).spectrogram, atol=1e-3, rtol=0)
