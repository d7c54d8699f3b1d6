"""Sound files, whole and hostile, against NumPy's own numbers."""

import math

import numpy as np
import pytest
import soundfile
import torch

from artcnn.datasets.spectrogram import RATE
from artcnn.errors import DataError
from artcnn.files import sound
from artcnn.files.sound import check_sound, list_sounds, read_sound


def tone(rate: int, seconds: float = 0.5, frequency: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * math.pi * frequency * np.arange(int(seconds * rate)) / rate)


def test_the_rate_is_the_spectrograms():
    assert sound._RATE == RATE


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000, 96000])
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_any_rate_becomes_8000(tmp_path, rate, suffix):
    if suffix == "flac" and rate == 96000:
        rate = 22050
    soundfile.write(tmp_path / f"a.{suffix}", tone(rate), rate)
    found = read_sound(tmp_path / f"a.{suffix}").numpy()
    assert abs(len(found) - 4000) <= 1
    np.testing.assert_allclose(found[400:3600], tone(8000)[400:3600], atol=2e-3)


@pytest.mark.parametrize("suffix", ["ogg", "mp3"])
def test_compressed_sounds_keep_their_pitch(tmp_path, suffix):
    soundfile.write(tmp_path / f"a.{suffix}", tone(44100, 1.0), 44100)
    found = read_sound(tmp_path / f"a.{suffix}")
    spectrum = torch.fft.rfft(found[:8000] * torch.hann_window(len(found[:8000]))).abs()
    assert abs(float(spectrum.argmax()) * 8000 / len(found[:8000]) - 440) < 3


def test_what_is_above_half_the_rate_is_gone(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(48000, frequency=6000), 48000)
    assert float(read_sound(tmp_path / "a.wav")[400:-400].abs().max()) < 1e-3


@pytest.mark.parametrize("name", ["inverted", "later", "silent", "humming", "offset", "three"])
def test_of_several_channels_the_clearest_is_heard(tmp_path, name):
    word = np.concatenate([np.zeros(3000), tone(8000, 0.2), np.zeros(3000)])
    hum = 0.3 * np.sin(0.05 * np.arange(len(word)))
    other = {
        "inverted": -word,
        "later": np.roll(word, 9),  # half a period: added up, they would cancel
        "silent": np.zeros(len(word)),
        "humming": word + hum,
        "offset": np.full(len(word), 0.9),
        "three": 0.001 * hum,
    }[name]
    channels = [word, other] if name == "later" else [other, word]
    soundfile.write(tmp_path / "a.wav", np.stack([*channels, *([-word] * (name == "three"))], axis=1), 8000)
    heard = read_sound(tmp_path / "a.wav").numpy()
    np.testing.assert_allclose(heard * np.sign(heard @ word), word, atol=1e-4)


@pytest.mark.parametrize(("endian", "size"), [("LITTLE", 0), ("LITTLE", 0xFFFFFFFF), ("BIG", 0)])
def test_a_recorded_stream_is_read_to_its_end(tmp_path, endian, size):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(8000), 8000, format="WAV", subtype="PCM_16", endian=endian)
    whole, data = read_sound(path), bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = size.to_bytes(4, "little" if endian == "LITTLE" else "big")
    data[4:8] = data[at : at + 4]
    path.write_bytes(data)
    assert torch.equal(read_sound(path), whole)


@pytest.mark.parametrize("samples", [0, 1, 100, 200])
def test_short_recordings_of_two_channels_are_read(tmp_path, samples):
    heard = tone(8000)[:samples]
    soundfile.write(tmp_path / "a.wav", np.stack([0 * heard, heard], axis=1), 8000)
    found = read_sound(tmp_path / "a.wav").numpy()
    assert len(found) == samples
    if samples >= 160:  # a frame of 20 ms
        np.testing.assert_allclose(found, heard, atol=1e-4)


def test_a_recording_of_nothing_stays_one_whatever_follows(tmp_path):
    path = tmp_path / "a.wav"
    write(path, seconds=0)
    path.write_bytes(path.read_bytes() + b"LIST" + (26).to_bytes(4, "little") + b"INFOISFT" + bytes(18))
    assert len(read_sound(path)) == 0


def test_a_flac_without_a_length_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(8000), 8000)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # the last 36 bits of STREAMINFO before the checksum: the number of samples
    data[22:26] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(DataError, match="does not say how long it is, as a recorded stream: convert it to WAV"):
        check_sound(path)


def test_a_folder_is_looked_through(tmp_path):
    for name in ("b.wav", "a.FLAC", ".hidden.wav", "notes.txt", "c.mp3", "d.opus", "e.m4a"):
        (tmp_path / name).write_bytes(b"")
    soundfile.write(tmp_path / "noending", tone(8000), 8000, format="OGG")
    names = ["a.FLAC", "b.wav", "c.mp3", "d.opus", "e.m4a", "noending"]
    assert [path.name for path in list_sounds(tmp_path)] == names


def write(path, *, seconds=0.5, rate=8000, channels=1, subtype=None, values=None):
    samples = np.zeros((int(seconds * rate), channels)) if values is None else values
    soundfile.write(path, samples, rate, subtype=subtype)


HOSTILE = {
    "a text": (lambda path: path.write_text("not a sound at all"), "is not a sound that artcnn can read"),
    "empty": (lambda path: path.write_bytes(b""), "is not a sound that artcnn can read"),
    "a folder": (lambda path: path.mkdir(), "is a folder: give a sound file"),
    "missing": (lambda path: None, "no such file"),
    "ten minutes": (lambda path: write(path, seconds=600), "lasts 600 s: cut the word out first"),
    "slow": (lambda path: write(path, rate=10, seconds=5), "samples a second are no recording"),
    "not a number": (
        lambda path: write(path, subtype="FLOAT", values=np.full((800, 1), np.nan)),
        "some of its samples are not numbers",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_recording_of_a_word_is_refused_in_a_line(tmp_path, name):
    make, says = HOSTILE[name]
    path = tmp_path / "a.wav"
    make(path)
    with pytest.raises(DataError, match=says) as caught:
        read_sound(path)
    assert "\n" not in str(caught.value)
    if name != "not a number":
        with pytest.raises(DataError, match=says):
            check_sound(path)


def test_a_file_cut_short_gives_what_is_there(tmp_path):
    write(tmp_path / "whole.wav", values=tone(8000)[:, None])
    (tmp_path / "a.wav").write_bytes((tmp_path / "whole.wav").read_bytes()[:-2000])
    assert len(read_sound(tmp_path / "a.wav")) == 3000


def test_a_damaged_flac_is_refused(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8000)
    soundfile.write(tmp_path / "a.flac", noise, 8000)
    whole = bytearray((tmp_path / "a.flac").read_bytes())
    whole[len(whole) // 2 :] = bytes(len(whole) - len(whole) // 2)
    (tmp_path / "a.flac").write_bytes(whole)
    with pytest.raises(DataError, match="damaged or cut short"):
        read_sound(tmp_path / "a.flac")
