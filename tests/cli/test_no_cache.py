"""A cache is never required: a home that is not there, or may not be written, changes nothing that is seen."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from artcnn.files.games import read_games
from artcnn.files.recordings import read_recordings

NOWHERE = "/dev/null/home"  # not even root can make a folder there
CLOSED = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), NOWHERE)


@pytest.fixture
def homeless(folder, monkeypatch):
    for name, value in CLOSED.items():
        monkeypatch.setenv(name, value)
    return folder


def test_games_are_read(homeless):
    (homeless / "a.sgf").write_text("(;GM[1]SZ[19];B[pd];W[dp])")
    assert len(read_games([homeless / "a.sgf"]).games) == 1


def test_recordings_are_read(homeless):
    (homeless / "words").mkdir()
    for name in ("up_ann_0", "down_ann_0"):
        soundfile.write(homeless / "words" / f"{name}.wav", np.sin(np.arange(8000) / 5), 8000)
    assert len(read_recordings(homeless / "words", skip=pytest.fail).examples) == 2


def test_pictures_are_made_and_presets_and_weights_listed(artcnn, homeless):
    assert artcnn("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "1", "-q").output == ""
    for command in (["presets"], ["weights"]):
        assert artcnn(*command).exit_code == 0


@pytest.mark.slow
def test_nothing_is_said_of_it(homeless):
    soundfile.write(homeless / "word.wav", np.sin(np.arange(8000) / 5), 8000)
    command = ["speech", "predict", "speech-digits", "word.wav", "-o", "chart.png", "-q"]
    done = subprocess.run([sys.executable, "-m", "artcnn", *command], env=os.environ | CLOSED, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (homeless / "chart.png").exists()
