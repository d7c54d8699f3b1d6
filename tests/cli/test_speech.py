"""``artcnn speech`` as a person runs it, on words that formulas speak, and on people's where there are some."""

import csv
import json
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PIL import Image
from safetensors.torch import load_file

from artcnn.datasets.recordings import Recordings
from artcnn.files.model import read_model
from artcnn.files.recordings import read_bundled_recordings, read_recordings
from artcnn.locations import cached_data_dir
from artcnn.presets import load_recipe
from artcnn.training.classification import predict
from artcnn.training.loop import Training

RATE = 16_000
SMALL = ["--epochs", "6", "--batch", "8", "--set", "ema_decay=0.8", "--set", "augment=0.5"]
RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "speech" / "recordings"

CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"

people = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of spoken digits are not there")


def read(folder: Path) -> Recordings:
    """Return the recordings in a folder, all of which can be read."""
    return read_recordings(folder, lambda error: pytest.fail(str(error)))


def speak(label: str, voice: float, take: int) -> np.ndarray:
    """Return a word of 0.4 s: a pitch that rises or falls, or a hiss; ``voice`` multiplies its frequencies."""
    random = np.random.default_rng([take, int(1000 * voice)])
    at = np.arange(int(0.4 * RATE)) / RATE
    envelope = np.sin(np.pi * at / at[-1]) * random.uniform(0.1, 0.5)
    if label == "hiss":
        return envelope * random.standard_normal(len(at)) * 0.3
    start, end = {"up": (400, 1600), "down": (1600, 400)}[label]
    phase = 2 * np.pi * voice * np.cumsum(start + (end - start) * at / at[-1] + random.uniform(-50, 50)) / RATE
    return envelope * np.sin(phase) + 0.001 * random.standard_normal(len(at))


@pytest.fixture
def words(folder: Path) -> Path:
    """Return a folder of three words by three voices, nine takes each."""
    (folder / "words").mkdir()
    for label in ("down", "hiss", "up"):
        for speaker, voice in (("ann", 1.1), ("bob", 0.8), ("cem", 0.95)):
            for take in range(9):
                soundfile.write(folder / "words" / f"{label}_{speaker}_{take}.wav", speak(label, voice, take), RATE)
    return folder / "words"


_learned: list[bytes] = []
"""The file of the network that learned from ``words``: it learns once."""


@pytest.fixture
def learned(artcnn, folder: Path, words) -> Path:
    """Return a network that learned from all of ``words``."""
    path = folder / "whole.safetensors"
    if not _learned:
        made = artcnn("speech", "train", "words", *SMALL, "-o", path, "--quiet")
        assert made.exit_code == 0, made.output
        _learned.append(path.read_bytes())
    path.write_bytes(_learned[0])
    return path


@pytest.mark.slow
def test_train_test_and_predict(artcnn, folder, words):
    made = artcnn("speech", "train", "words", *SMALL, "--leave-out", "cem", "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert report["out"] == "speech.safetensors"
    assert sorted(path.name for path in folder.glob("speech*")) == ["speech-curve.png", "speech.safetensors"]
    assert report["test_count"] == 27
    assert report["test_accuracy"] > 0.8
    assert report["validation_accuracy"] > 0.8
    tested = artcnn("speech", "test", "speech.safetensors", "words", "--json", "--predictions", "p.csv")
    assert tested.exit_code == 0, tested.output
    result = json.loads(tested.stdout)
    assert result["count"] == 81
    assert result["low"] < result["accuracy"] <= result["high"]
    assert result["by_speaker"]["cem"]["accuracy"] == pytest.approx(report["test_accuracy"])
    assert sum(part["count"] for part in result["by_speaker"].values()) == 81
    with Image.open(folder / result["confusion_picture"]) as image:
        assert image.width > 300
    with (folder / "p.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert row["file"].startswith(f"{row['label']}_{row['speaker']}_")
    assert sum(row["label"] == row["predicted"] for row in rows) == round(81 * result["accuracy"])
    right = next(row for row in rows if row["label"] == row["predicted"])
    heard = artcnn("speech", "predict", "speech.safetensors", f"words/{right['file']}", "--json", "--out", "seen.png")
    (answer,) = json.loads(heard.stdout)
    assert answer["word"] == right["label"]
    probability = float(right[f"p_{right['label']}"])  # of a spectrogram that was rounded to bytes
    assert answer["probabilities"][answer["word"]] == pytest.approx(probability, abs=2e-3)
    with Image.open(folder / "seen.png") as image:
        assert image.width > 800
    held_out = json.loads(artcnn("speech", "test", "speech.safetensors", "words", "--held-out", "--json").stdout)
    assert held_out["count"] == 9, "the first of nine takes"


@pytest.mark.slow
def test_subfolders_other_formats_and_rates_are_the_same_words(artcnn, folder, words):
    for number, path in enumerate(sorted(words.glob("*_ann_*.wav"))):
        label, rest = path.stem.split("_", 1)
        (folder / "other" / label).mkdir(parents=True, exist_ok=True)
        samples, rate = soundfile.read(path)
        suffix = ("wav", "flac", "ogg", "mp3")[number % 4]
        soundfile.write(folder / "other" / label / f"{rest}.{suffix}", np.stack([samples, samples], axis=1), rate)
    here, there = read(words), read(folder / "other")
    mine = here.take((here.examples.labels >= 0).nonzero().flatten()[[s.speaker == "ann" for s in here.utterances]])
    assert there.examples.classes == mine.examples.classes
    assert there.examples.labels.tolist() == mine.examples.labels.tolist()
    difference = (there.examples.inputs.float() - mine.examples.inputs.float()).abs().mean((1, 2, 3))
    assert float(difference[::4].max()) < 0.01, "the same samples"
    assert float(difference.max()) < 25, "of 255: what compression costs"


@pytest.mark.slow
def test_spectrograms_are_cached_and_a_damaged_cache_is_made_anew(folder, words):
    first = read(words).examples.inputs
    (cached,) = cached_data_dir().glob("speech-*.safetensors")
    assert (read(words).examples.inputs == first).all()
    cached.write_bytes(b"damaged")
    assert (read(words).examples.inputs == first).all()
    assert len(cached.read_bytes()) > first.numel()
    soundfile.write(words / "up_ann_0.wav", speak("down", 1, 50), RATE)
    changed = read(words).examples.inputs
    assert not (changed == first).all(), "another file, another spectrogram"


@pytest.mark.slow
@pytest.mark.exhaustive
def test_ctrl_c_keeps_the_best_and_resume_ends_as_if_there_had_been_none(artcnn, learned, monkeypatch):
    step, taken = Training._step, 0

    def interrupted(self, *arguments):
        nonlocal taken
        taken += 1
        if taken == 30:  # in the fourth epoch of nine steps
            signal.raise_signal(signal.SIGINT)
        return step(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", interrupted)
        stopped = artcnn("speech", "train", "words", *SMALL, "-o", "part.safetensors")
    assert stopped.exit_code == 130
    assert "stopped after epoch 3 of 6" in stopped.output
    assert artcnn("speech", "train", "words", *SMALL, "-o", "part.safetensors", "--resume").exit_code == 0
    whole, part = load_file(learned), load_file("part.safetensors")
    assert all((whole[key] == part[key]).all() for key in whole)


@pytest.mark.slow
def test_compare_leaves_each_speaker_out_with_every_kind_of_filters(artcnn, folder, words):
    made = artcnn("speech", "compare", "words", "--epochs", "1", "--set", "batch=8", "--rates", "0.003", "--json")
    assert made.exit_code == 0, made.output
    rows = json.loads(made.stdout)["rows"]
    arms = ["both", "frequency", "time", "dense"]
    assert [(row["condition"], row["arm"]) for row in rows] == [
        (speaker, arm) for speaker in ("ann", "bob", "cem", "mean") for arm in arms
    ]
    for arm in arms:
        *each, mean = (row for row in rows if row["arm"] == arm)
        right = [27 * score / 100 for row in each for score in row["scores"]]
        assert right == pytest.approx([round(count) for count in right], abs=1e-6)
        assert mean["scores"] == [row["mean"] for row in each]
        assert mean["half"] is not None or len(set(mean["scores"])) == 1
    with Image.open(folder / json.loads(made.stdout)["out"]) as chart:
        assert chart.width > 600


@pytest.mark.slow
def test_the_shipped_words_are_the_ten_digits_in_eight_voices():
    recordings = read_bundled_recordings()
    assert len(recordings.examples) == 480
    assert len(recordings.speakers()) == 8
    # speech-digits, which learned from people, hears what the labels say; a hand that shuffled them would be noticed.
    right = predict(read_model("speech-digits", "speech").network, recordings.examples)[:, :10].argmax(1)
    assert (right == recordings.examples.labels).float().mean() > 0.85


def test_what_is_no_word_gets_a_sensible_answer(artcnn, folder):
    soundfile.write("silence.wav", np.zeros(RATE), RATE)
    click = np.zeros(RATE)
    click[8000:8160] = np.sin(np.arange(160))
    soundfile.write("click.wav", click, RATE)
    soundfile.write("noise.wav", 0.1 * np.random.default_rng(0).standard_normal(RATE), RATE)
    heard = artcnn("speech", "predict", "speech-digits", "silence.wav", "click.wav", "noise.wav", "--json")
    assert heard.exit_code == 0, heard.output
    silence, click, noise = json.loads(heard.stdout)
    assert (silence["word"], silence["doubt"]) == (None, "there is nothing to hear in it")
    assert click["doubt"] == "it is too short for a word"
    assert noise["doubt"] is not None
    shown = artcnn("speech", "predict", "speech-digits", "silence.wav", "-o", "seen.png")
    assert shown.stdout.strip() == "silence.wav:   unsure: there is nothing to hear in it"


@pytest.mark.skipif(not CASES.is_dir(), reason="the files that showed faults are not there")
def test_files_that_showed_faults(artcnn):
    names = ("48k_stereo_inverted.wav", "stream_zero.wav", "stream_ffff.wav", "opus.opus")
    files = [CASES / f"word7_{name}" for name in names] + [CASES / "two_words_7_3.wav", CASES / "noise_only.wav"]
    heard = artcnn("speech", "predict", "speech-digits", *files, CASES / "nan_float.wav", "--json")
    assert heard.exit_code == 1
    *sevens, two, noise, broken = json.loads(heard.stdout)
    assert [(seven["word"], seven["doubt"]) for seven in sevens] == [("7", None)] * 4
    assert (two["word"], two["doubt"]) == ("3", "more than one word was heard: this is the loudest")
    assert (noise["word"], max(noise["probabilities"], key=noise["probabilities"].get)) == (None, "(other)")
    assert "some of its samples are not numbers" in broken["error"]["message"]


@pytest.mark.slow
def test_a_bad_recording_among_many_is_named_and_the_others_are_answered(artcnn, folder, words):
    Path("words/hiss_ann_0.wav").write_text("no sound")
    Path("words/up_dan_0.m4a").write_bytes(b"a format of phones")
    made = artcnn("speech", "train", "words", *SMALL, "-o", "words.safetensors")
    assert made.exit_code == 1, "the model is there, and two files were left out"
    errors = [line for line in made.stderr.splitlines() if line.startswith("error: ")]
    assert [line.split(" is not a sound")[0] for line in errors] == [
        "error: words/hiss_ann_0.wav",
        "error: words/up_dan_0.m4a",
    ]
    tested = artcnn("speech", "test", "words.safetensors", "words", "--json")
    assert (tested.exit_code, json.loads(tested.stdout)["count"]) == (1, 80)
    files = ["words/up_ann_0.wav", "words/hiss_ann_0.wav", "none.wav", "words/down_bob_1.wav"]
    heard = artcnn("speech", "predict", "words.safetensors", *files, "--quiet", "-o", "seen.png")
    assert heard.exit_code == 1
    assert [line.split(":")[0] for line in heard.stdout.splitlines()] == [files[0], files[3]]
    assert [line.split(": ")[1] for line in heard.stderr.splitlines()][1:] == ["no such file"]
    rows = json.loads(artcnn("speech", "predict", "words.safetensors", *files, "--json").stdout)
    assert ["error" in row for row in rows] == [False, True, True, False]


@pytest.mark.slow
def test_an_answer_may_be_none_of_the_words(artcnn, folder, words):
    made = artcnn("speech", "train", "words", *SMALL, "--set", "negatives=0.3", "-o", "words.safetensors")
    assert made.exit_code == 0, made.output
    tested = artcnn("speech", "test", "words.safetensors", "words", "--json", "--predictions", "p.csv")
    result = json.loads(tested.stdout)
    with Path("p.csv").open() as file:
        rows = list(csv.DictReader(file))
    answers = ["down", "hiss", "up", "(other)"]
    for row in rows:
        probabilities = [float(row[f"p_{answer}"]) for answer in answers]
        assert sum(probabilities) == pytest.approx(1, abs=2e-6)
        assert answers.index(row["predicted"]) == int(np.argmax(probabilities))
    assert sum(row["label"] == row["predicted"] for row in rows) == round(81 * result["accuracy"])
    assert result["among_words"]["accuracy"] >= result["accuracy"]
    assert np.array(result["confusion"]).shape == (3, 4)
    assert np.sum(result["confusion"]) == 81


@pytest.mark.slow
@people
def test_the_shipped_model_hears_the_held_out_takes(artcnn):
    tested = artcnn("speech", "test", "speech-digits", RECORDINGS, "--held-out", "--json")
    assert tested.exit_code == 0, tested.output
    result = json.loads(tested.stdout)
    assert result["count"] == 300
    assert {utterance.take for utterance in read(RECORDINGS).split(1 / 9)[1].utterances} == {5, 6, 7, 8, 9}
    assert result["among_words"]["accuracy"] >= 0.99
    assert 0.97 <= result["accuracy"] <= result["among_words"]["accuracy"], "none of its words is a mistake here"
    assert len(result["by_speaker"]) == 6


def microphone(record):
    class PortAudioError(Exception):
        pass

    return SimpleNamespace(
        PortAudioError=PortAudioError,
        query_devices=lambda kind: {"default_samplerate": float(RATE)},
        rec=record,
    )


@pytest.mark.slow
def test_the_microphone_is_listened_to(artcnn, learned, monkeypatch):
    asked = {}

    def record(frames, **settings):
        asked.update(settings, frames=frames)
        samples = np.zeros((frames, 1), np.float32)
        samples[9000 : 9000 + 6400, 0] = speak("hiss", 1, 70)
        return samples

    monkeypatch.setitem(sys.modules, "sounddevice", microphone(record))
    heard = artcnn("speech", "predict", learned, "--microphone", "--json")
    assert heard.exit_code == 0, heard.output
    assert "speak now" in heard.stderr
    assert (asked["frames"], asked["samplerate"], asked["channels"]) == (2 * RATE, RATE, 1)
    (answer,) = json.loads(heard.stdout)
    assert (answer["sound"], answer["word"]) == ("microphone", "hiss")


def test_without_a_microphone_it_says_what_to_do(artcnn, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    heard = artcnn("speech", "predict", "speech-digits", "--microphone")
    assert heard.exit_code == 1
    assert "pip install 'artcnn[microphone]'" in heard.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "none"], "there is no folder none"),
        (["train", "empty"], "there are no recordings in it"),
        (["train", "single"], "the label 'up' has one recording"),
        (["train", "same"], "all recordings have the label 'up'"),
        (["train", "nameless"], "its name has no label"),
        (["train", "strange"], "will not do as a label"),
        (["train", "texts"], "is not a sound that artcnn can read"),
        (["train", "good", "--filters", "bth"], "did you mean 'both'"),
        (["train", "good", "--epochs", "0"], "epochs: should be greater than or equal to 1"),
        (["train", "good", "--leave-out", "an"], "nobody called 'an' speaks in it: did you mean 'ann'"),
        (["train", "single", "--leave-out", "ann"], "the names do not tell who speaks"),
        (["train", "good", "--out", "speech.pt"], "ends in .safetensors"),
        (["train", "good", "--resume"], "nothing to resume"),
        (["test", "none.safetensors", "good"], "no model file none.safetensors"),
        (["test", "mnist-lecture", "good"], "is a network for digits, and this takes one for speech"),
        (["test", "speech-digits", "good"], "knows the labels 0, 1, 2"),
        (["test", "speech-digits", "empty"], "there are no recordings in it"),
        (["predict", "speech-digits"], "there is nothing to listen to"),
        (["predict", "speech-digits", "none.wav"], "no such file"),
        (["predict", "speech-digits", "texts/up_1.wav"], "is not a sound that artcnn can read"),
        (["predict", "speech-digits", "long.wav"], "lasts 600 s: cut the word out first"),
        (["predict", "speech-digits", "good/up_ann_0.wav", "--out", "seen.jpg"], "ends in .png"),
        (["compare", "single"], "it needs two speakers or more"),
        (["compare", "good", "--out", "none/chart.png"], "there is no folder none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_nothing(artcnn, folder, arguments, says):
    word = speak("up", 1, 0)
    for name in ("empty/", "single/up_1", "single/down_1", "single/down_2", "same/up_1", "same/up_2", "nameless/up"):
        path = folder / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        if path.name != ".wav":
            soundfile.write(path, word, RATE)
    for label, speaker, take in (("up", "ann", 0), ("up", "bob", 1), ("down", "ann", 0), ("down", "bob", 1)):
        (folder / "good").mkdir(exist_ok=True)
        soundfile.write(folder / "good" / f"{label}_{speaker}_{take}.wav", word, RATE)
    (folder / "strange" / "a<b").mkdir(parents=True)
    soundfile.write(folder / "strange" / "a<b" / "1.wav", word, RATE)
    (folder / "texts").mkdir()
    for name in ("up_1", "up_2", "down_1", "down_2"):
        (folder / "texts" / f"{name}.wav").write_text("nothing but text")
    soundfile.write("long.wav", np.zeros(600 * 1000), 1000)
    before = sorted(folder.rglob("*"))
    result = artcnn("speech", *arguments)
    assert result.exit_code == 1, result.output
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert says in errors[0]
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("name", ["both", "speech/frequency"])
def test_a_shown_recipe_is_one_to_start_from(artcnn, folder, name):
    shown = artcnn("presets", "show", name)
    assert shown.exit_code == 0, shown.output
    (folder / "mine.toml").write_text(shown.stdout)
    assert load_recipe("speech", "mine.toml") == load_recipe("speech", name.removeprefix("speech/"))


@pytest.mark.slow
def test_inspect_looks_into_it_over_the_spectrogram(artcnn, folder, words):
    sound = "words/up_ann_3.wav"
    rows = {row["name"]: row for row in json.loads(artcnn("inspect", "layers", "-m", "speech-digits", "--json").stdout)}
    assert rows["conv1"]["output"] == [24, 20, 32]
    assert rows["conv4"]["receptive_field"] == [39, 39]
    for number, arguments in enumerate(
        (
            ["filters", "conv1"],
            ["filters", "conv3"],
            ["activations", sound],
            ["saliency", sound],
            ["occlusion", sound, "--stride", "4"],
        )
    ):
        shown = artcnn("inspect", *arguments, "-m", "speech-digits", "-o", f"look{number}")
        assert shown.exit_code == 0, shown.output
        with Image.open(folder / f"look{number}" / "sheet.png") as sheet:
            assert min(sheet.size) > 60
    with np.load(folder / "look3" / "data.npz") as found:
        assert found["image"].shape == (1, 1, 40, 64)
        assert found["saliency"].shape == (40, 64)
    wrong = artcnn("inspect", "saliency", "photo.png", "-m", "speech-digits")
    assert (wrong.exit_code, "photo.png is a picture, and speech-digits takes a recording" in wrong.stderr) == (1, True)
    wrong = artcnn("inspect", "saliency", sound, "-m", "mnist-lecture")
    assert (wrong.exit_code, "is a recording, and mnist-lecture takes a picture" in wrong.stderr) == (1, True)
    empty = artcnn("inspect", "patches", "conv2", "-m", "speech-digits", "--images", ".")
    assert (empty.exit_code, "there are no recordings in it" in empty.stderr) == (1, True)
    found = artcnn("inspect", "patches", "conv2:0-1", "-m", "speech-digits", "--images", "words", "-o", "patches")
    assert found.exit_code == 0, found.output
