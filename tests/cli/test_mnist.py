"""``artcnn mnist`` as a person runs it."""

import csv
import json
import platform
import signal
import tarfile
from contextlib import ExitStack
from pathlib import Path
from socket import create_server
from statistics import median

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from artcnn.datasets.handwriting import Handwriting
from artcnn.datasets.mnist import load_mnist
from artcnn.files import handwriting
from artcnn.files.open import READABLE
from artcnn.machine.memory import disable_trim
from artcnn.presets import load_recipe
from artcnn.training.loop import Training

HANDWRITING = Path(__file__).parents[1] / "data" / "handwriting"
SMALL = ["--set", "examples=600", "--set", "validation=200", "--batch", "50", "--epochs", "3"]


@pytest.fixture(scope="session")
def digits():
    return load_mnist("test")


_found: dict[tuple[tuple[int, ...], bytes], Handwriting] = {}


@pytest.fixture
def pictures(folder: Path, digits, monkeypatch) -> Path:
    """Return a folder of PNG digits, 40 of each of three labels, black on white; each is looked for once a session."""

    def find_once(gray):
        key = tuple(gray.shape), gray.numpy().tobytes()
        if key not in _found:
            _found[key] = find_digit(gray)
        return _found[key]

    find_digit = handwriting.find_digit
    monkeypatch.setattr(handwriting, "find_digit", find_once)
    for label in (1, 4, 7):
        (folder / "own" / str(label)).mkdir(parents=True)
        where = (digits.labels == label).nonzero().flatten()[:40]
        for number, index in enumerate(where.tolist()):
            Image.fromarray(255 - digits.inputs[index, 0].numpy()).save(folder / "own" / str(label) / f"{number}.png")
    return folder / "own"


@pytest.mark.slow
def test_train_test_and_predict(artcnn, folder, digits, few_digits):
    made = artcnn("mnist", "train", *SMALL, "--out", "digits.safetensors", "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert report["test_accuracy"] > 0.8
    assert report["test_low"] < report["test_accuracy"] < report["test_high"]
    assert sorted(path.name for path in folder.glob("digits*")) == ["digits-curve.png", "digits.safetensors"]
    tested = artcnn("mnist", "test", "digits.safetensors", "--json", "--predictions", "p.csv")
    assert tested.exit_code == 0, tested.output
    result = json.loads(tested.stdout)
    assert result["accuracy"] == pytest.approx(report["test_accuracy"])
    matrix = torch.tensor(result["confusion"])
    assert matrix.sum() == 1_500
    assert matrix.diagonal().sum() == round(result["accuracy"] * 1_500)
    assert result["classes"]["3"]["recall"] == pytest.approx(float(matrix[3, 3] / matrix[3].sum()))
    with (folder / "p.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["label"]) for row in rows] == digits.labels[:1_500].tolist()
    assert sum(row["label"] == row["predicted"] for row in rows) == round(result["accuracy"] * 1_500)
    assert sum(float(rows[0][f"p_{digit}"]) for digit in range(10)) == pytest.approx(1, abs=1e-5)
    for picture in ("confusion_picture", "mistakes_picture"):
        with Image.open(folder / result[picture]) as image:
            assert image.width > 300
    Image.fromarray(255 - digits.inputs[0, 0].numpy()).resize((200, 200)).save("seven.png")
    read = artcnn("mnist", "predict", "mnist-lecture", "seven.png", "--json")
    (reading,) = json.loads(read.stdout)
    assert (reading["digit"], reading["doubt"]) == ("7", None)
    assert sum(reading["probabilities"].values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back by itself")
def test_what_a_step_frees_is_kept_for_the_next(artcnn, folder, few_digits, monkeypatch):
    from resource import RUSAGE_SELF, getrusage

    step, faults = Training._step, []

    def counted(self, *arguments):
        before = getrusage(RUSAGE_SELF).ru_minflt
        sums = step(self, *arguments)
        faults.append(getrusage(RUSAGE_SELF).ru_minflt - before)
        return sums

    monkeypatch.setattr(Training, "_step", counted)
    disable_trim(4096)  # as little as at the beginning, whatever ran before in this process
    assert artcnn("mnist", "train", *SMALL, "--batch", "128", "-o", "a.safetensors").exit_code == 0
    maps = 128 * 25 * 26 * 26 * 4 // 4096  # pages of what the first layer gives
    assert median(faults) < maps / 10


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(artcnn, folder, few_digits):
    for name in ("a", "b"):
        assert (
            artcnn("mnist", "train", *SMALL, "--epochs", "1", "--seed", "5", "-o", f"{name}.safetensors").exit_code == 0
        )
    first, second = (load_file(f"{name}.safetensors") for name in ("a", "b"))
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_and_resume_ends_as_if_there_had_been_none(artcnn, folder, few_digits, monkeypatch):
    assert artcnn("mnist", "train", *SMALL, "-o", "whole.safetensors").exit_code == 0
    step, taken = Training._step, 0

    def interrupted(self, *arguments):
        nonlocal taken
        taken += 1
        if taken == 30:  # in the third epoch of twelve steps
            signal.raise_signal(signal.SIGINT)
        return step(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", interrupted)
        stopped = artcnn("mnist", "train", *SMALL, "-o", "part.safetensors")
    assert stopped.exit_code == 130
    assert "stopped after epoch 2 of 3" in stopped.output
    assert (folder / "part.checkpoint.safetensors").exists()
    assert artcnn("mnist", "test", "part.safetensors").exit_code == 0
    again = artcnn("mnist", "train", *SMALL, "-o", "part.safetensors")
    assert (again.exit_code, "--resume" in again.output) == (1, True), "a run that can go on is not thrown away"
    changed = artcnn("mnist", "train", *SMALL, "--lr", "0.1", "-o", "part.safetensors", "--resume")
    assert (changed.exit_code, "lr was 0.005" in changed.output) == (1, True)
    assert artcnn("mnist", "train", *SMALL, "-o", "part.safetensors", "--resume").exit_code == 0
    assert not (folder / "part.checkpoint.safetensors").exists()
    whole, part = load_file("whole.safetensors"), load_file("part.safetensors")
    assert all(torch.equal(whole[key], part[key]) for key in whole)


@pytest.mark.slow
def test_ones_own_digits(artcnn, pictures):
    settings = ["--data", "own", "--set", "validation=20", "--epochs", "10", "--batch", "16"]
    made = artcnn("mnist", "train", *settings, "-o", "own.safetensors", "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert report["test_count"] == 20
    assert report["test_accuracy"] > 0.8
    other = artcnn("mnist", "test", "own.safetensors")
    assert (other.exit_code, "knows the labels 1, 4, 7" in other.output) == (1, True)
    read = artcnn("mnist", "predict", "own.safetensors", "own/4/0.png")
    assert read.exit_code == 0
    assert "own/4/0.png: 4" in read.stdout


CASE = Path(__file__).parents[3] / "shared" / "data" / "cases" / "mnist_two_labels.tgz"
DIVERGING = ["--lr", "1", "--set", "weight_decay=10", "--set", "validation=11"]


@pytest.mark.slow
def test_a_training_that_diverges_at_once_is_one_line_and_leaves_nothing(artcnn, pictures):
    settings = ["--data", "own", *DIVERGING, "--set", "warmup=0", "--set", "batch=1", "--epochs", "2"]
    made = artcnn("mnist", "train", *settings, "-o", "own.safetensors")
    assert made.exit_code == 1
    (error,) = (line for line in made.stderr.splitlines() if line.startswith("error: "))
    assert error.startswith("error: the training diverged in epoch 1")
    assert error.endswith("lower lr, which is 1, and weight_decay, which is 10")
    assert not list(pictures.parent.glob("own?*"))


@pytest.mark.slow
@pytest.mark.skipif(not CASE.exists(), reason="the digits that showed the fault are not there")
def test_the_training_that_showed_the_fault(artcnn, folder):
    with tarfile.open(CASE) as archive:
        for member in filter(tarfile.TarInfo.isfile, archive):
            (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / member.name).write_bytes(archive.extractfile(member).read())
    settings = ["--data", "dig", *DIVERGING, "--set", "warmup=0", "--set", "batch=1", "--epochs", "2"]
    made = artcnn("mnist", "train", *settings, "-o", "own.safetensors")
    assert made.exit_code == 1
    assert made.stderr.splitlines()[-1].startswith("error: the training diverged in epoch 1")
    assert not list(folder.glob("own*"))


@pytest.mark.slow
def test_a_training_that_diverges_later_keeps_the_best_epoch(artcnn, pictures):
    settings = ["--data", "own", *DIVERGING, "--set", "warmup=0.9", "--batch", "8", "--epochs", "12"]
    made = artcnn("mnist", "train", *settings, "-o", "own.safetensors", "--quiet")
    assert made.exit_code == 1
    assert made.stdout == ""
    assert "is kept as own.safetensors)" in made.stderr
    assert sorted(path.name for path in pictures.parent.glob("own?*")) == ["own-curve.png", "own.safetensors"]
    kept = load_file("own.safetensors")
    assert all(tensor.isfinite().all() for tensor in kept.values())
    assert artcnn("mnist", "predict", "own.safetensors", "own/4/0.png").exit_code == 0


def test_labels_that_differ_are_found_before_the_training(artcnn, pictures):
    (pictures / "train").mkdir()
    (pictures / "test").mkdir()
    for label in ("1", "4", "7"):
        (pictures / label).rename(pictures / "train" / label)
    for label in ("1", "4"):
        (pictures / "test" / label).mkdir()
        (pictures / "train" / label / "0.png").rename(pictures / "test" / label / "0.png")
    made = artcnn("mnist", "train", "--data", "own", "--set", "validation=20", "-o", "own.safetensors")
    assert made.exit_code == 1
    assert "train has the labels 1, 4, 7, test has 1, 4" in made.stderr
    assert "epoch" not in made.stderr
    assert not list(pictures.parent.glob("*.safetensors"))


@pytest.mark.slow
def test_predict_says_what_is_no_digit(artcnn, folder, samples):
    Image.new("RGB", (90, 90), "white").save("blank.png")
    shown = artcnn("mnist", "predict", "mnist-best", "blank.png", samples / "colosseum.jpg", "-o", "seen.png", "--json")
    assert shown.exit_code == 0, shown.output
    blank, photo = json.loads(shown.stdout)
    assert (blank["digit"], blank["doubt"]) == (None, "there is nothing written on it")
    assert photo["doubt"] is not None
    assert (folder / "seen.png").exists()


@pytest.mark.slow
def test_digits_on_real_paper(artcnn, folder):
    """Plain paper, a dark table in view, dark lines, a red margin, small on squares, and white strokes on nothing."""
    photos = sorted(HANDWRITING.iterdir())
    read = artcnn("mnist", "predict", "mnist-lecture", *photos, "--json")
    assert read.exit_code == 0, read.output
    rows = {Path(row["image"]).stem: (row["digit"], row["doubt"]) for row in json.loads(read.stdout)}
    assert rows == {photo.stem: (photo.stem[0], None) for photo in photos}
    assert len(rows) == 11


def test_a_bad_picture_among_many_is_named_and_the_others_are_answered(artcnn, pictures):
    Path("text.png").write_text("no picture")
    Path("cut.png").write_bytes(Path("own/7/0.png").read_bytes()[:150])
    names = ["own/4/0.png", "cut.png", "own/7/0.png", "text.png"]
    read = artcnn("mnist", "predict", "mnist-lecture", *names, "--quiet")
    assert read.exit_code == 1
    assert read.stdout.splitlines() == ["own/4/0.png: 4", "own/7/0.png: 7"]
    first, second = read.stderr.splitlines()
    assert first.startswith("error: cut.png: ")
    assert second.startswith("error: text.png: ")
    as_json = artcnn("mnist", "predict", "mnist-lecture", *names, "--json")
    assert as_json.exit_code == 1
    rows = json.loads(as_json.stdout)
    assert [row["image"] for row in rows] == names
    assert [row.get("digit") for row in rows] == ["4", None, "7", None]
    assert ["error" in row for row in rows] == [False, True, False, True]


@pytest.mark.slow
def test_bad_pictures_to_learn_from_are_named_and_left_out(artcnn, pictures):
    (pictures / "4" / "0.png").write_text("no picture")
    made = artcnn("mnist", "train", "--data", "own", "--set", "validation=20", "--epochs", "1", "-o", "own.safetensors")
    assert made.exit_code == 1
    assert [line for line in made.stderr.splitlines() if line.startswith("error: ")] == [
        f"error: own/4/0.png: not a picture that artcnn can read ({READABLE})"
    ]
    tested = artcnn("mnist", "test", "own.safetensors", "--data", "own", "--json")
    assert tested.exit_code == 1
    assert json.loads(tested.stdout.splitlines()[-1])["count"] == 119 // 6, (
        "the model is there, and a test goes on, too"
    )
    for picture in (pictures / "4").iterdir():
        picture.write_text("no picture")
    refused = artcnn("mnist", "train", "--data", "own", "--set", "validation=20", "-o", "other.safetensors")
    assert refused.exit_code == 1
    assert "error: own/4: none of its pictures can be read" in refused.stderr
    assert not Path("other.safetensors").exists()


def test_show_makes_a_sheet_and_never_overwrites(artcnn, folder):
    for name in ("mnist-train.png", "mnist-train-2.png"):
        shown = artcnn("mnist", "show", "--columns", "5")
        assert shown.stdout.strip() == name
        with Image.open(folder / name) as sheet:
            assert sheet.height > sheet.width, "ten rows of five"


@pytest.mark.slow
@pytest.mark.exhaustive
def test_compare_trains_every_arm_at_the_rate_that_digits_held_out_prefer(artcnn, pictures, monkeypatch):
    monkeypatch.setattr("artcnn.jobs.tasks.mnist._MIN_STEPS", 16)
    sizes = ["--data", "own", "--sizes", "40,80", "--seeds", "2", "--rates", "0.0001,0.01"]
    made = artcnn("mnist", "compare", *sizes, "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    arms = ["lecture", "dense", "local", "permuted"]
    assert [(row["condition"], row["arm"]) for row in report["rows"]] == [
        (n, arm) for n in ("40", "80") for arm in arms
    ]
    assert sum(row["lr"] == [0.01] for row in report["rows"]) > 5, "at the other one hardly anything is learned"
    for row in report["rows"]:
        assert len(row["scores"]) == 2
        assert row["mean"] == pytest.approx(sum(row["scores"]) / 2)
        assert row["half"] == pytest.approx(12.706 * abs(row["scores"][0] - row["scores"][1]) / 2)
    lecture, *_, permuted = report["rows"][4:]
    assert lecture["mean"] < 35
    assert permuted["difference"] == pytest.approx(permuted["mean"] - lecture["mean"])
    with Image.open(report["out"]) as chart:
        assert chart.width > 600


@pytest.mark.slow
@pytest.mark.exhaustive
def test_two_processes_end_with_the_same_weights_and_learn_as_one(artcnn, folder, few_digits, begin, monkeypatch):
    alone = artcnn("mnist", "train", *SMALL, "-o", "one.safetensors", "--json")
    assert alone.exit_code == 0, alone.output
    script = folder / "both.py"
    script.write_text(
        "import hashlib, os, torch\n"
        "from artcnn.datasets import mnist\n"
        "from artcnn.training.loop import Training\n"
        "load = mnist.load_mnist\n"
        "mnist.load_mnist = lambda part: load(part).take(torch.arange({'train': 3_000, 'test': 1_500}[part]))\n"
        "run = Training.run\n"
        "def told(self):\n"
        "    yield from run(self)\n"
        "    state = b''.join(t.numpy().tobytes() for t in self.network.state_dict().values())\n"
        "    open('rank' + os.environ['RANK'], 'w').write(hashlib.sha256(state).hexdigest())\n"
        "Training.run = told\n"
        "from artcnn.cli import main\n"
        "main()\n"
    )
    torchrun = "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with begin(*torchrun, script, "mnist", "train", *SMALL, "-o", "two.safetensors", "--json", "--quiet") as process:
        told, errors = process.communicate()
    assert process.returncode == 0, errors
    assert (folder / "rank0").read_text() == (folder / "rank1").read_text()
    report = json.loads(told)
    one, two = load_file("one.safetensors"), load_file("two.safetensors")
    assert one.keys() == two.keys()
    assert abs(report["test_accuracy"] - json.loads(alone.stdout)["test_accuracy"]) < 0.04


@pytest.mark.slow
def test_when_one_of_two_processes_diverges_both_stop_and_one_tells(folder, begin, monkeypatch):
    """They are begun with the environment that torchrun makes, but nobody ends one because the other has failed."""
    settings = [*SMALL, "--set", "examples=200", *DIVERGING, "--set", "warmup=0"]
    with create_server(("localhost", 0)) as free:  # a port that nobody uses
        group = {"WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": str(free.getsockname()[1])}
    with ExitStack() as both:
        processes = []
        for rank in range(2):
            for name, value in {**group, "RANK": str(rank)}.items():
                monkeypatch.setenv(name, value)
            process = begin("-m", "artcnn", "mnist", "train", *settings, "-o", "two.safetensors")
            processes.append(both.enter_context(process))
        errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [1, 1], errors
    assert [told.count("error: the training diverged") for told in errors] == [1, 0]
    assert not list(folder.glob("two*"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "--epochs", "0"], "epochs: should be greater than or equal to 1, not 0"),
        (["train", "--arch", "lectur"], "did you mean 'lecture'"),
        (["train", "--pooling", "mean"], "pooling: should be 'max', 'average' or 'both'"),
        (["train", "--set", "epocs=3"], "unknown setting 'epocs': did you mean 'epochs'"),
        (["train", "--lr", "nan"], "lr: "),
        (["train", "--set", "validation=60000"], "validation: "),
        (["train", "--out", "digits.pt"], "ends in .safetensors"),
        (["train", "--out", "none/digits.safetensors"], "there is no folder none"),
        (["train", "--resume"], "nothing to resume"),
        (["train", "--data", "none"], "there is no such folder"),
        (["train", "--data", "."], "a subfolder with pictures for each label"),
        (["train", "--device", "tpu"], "unknown device 'tpu'"),
        (["test", "none.safetensors"], "no model file none.safetensors"),
        (["test", "text.safetensors"], "is not a model file"),
        (["test", "mnist-lecture", "--predictions", "none/p.csv"], "there is no folder none"),
        (["test", "mnist-lecture", "--out", "none"], "there is no folder none"),
        (["predict", "mnist-lecture", "none.png"], "no such file"),
        (["predict", "mnist-lecture", "text.png"], "not a picture"),
        (["predict", "mnist-lecture", "photo.png", "--out", "seen.jpg"], "ends in .png"),
        (["predict", "text.safetensors", "photo.png"], "is not a model file"),
        (["show", "--part", "both"], "choose train or test"),
        (["show", "--out", "sheet.gif"], "ends in .png"),
        (["compare", "--sizes", "many"], "write whole numbers"),
        (["compare", "--sizes", "100,60000"], "there are 55000 digits to learn from, 5000 held out, not 60000"),
        (["compare", "--rates", "0.1;1"], "write numbers above 0, up to 1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_nothing(artcnn, folder, arguments, says):
    for name in ("text.safetensors", "text.png"):
        (folder / name).write_text("nothing but text, and enough of it to be read as a header of something")
    before = sorted(folder.rglob("*"))
    result = artcnn("mnist", *arguments)
    assert result.exit_code == 1, result.output
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert says in errors[0]
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("name", ["mnist/best", "best", "lecture", "mnist/dense"])
def test_a_shown_recipe_is_one_to_start_from(artcnn, folder, name):
    shown = artcnn("presets", "show", name)
    assert shown.exit_code == 0, shown.output
    (folder / "mine.toml").write_text(shown.stdout)
    assert load_recipe("mnist", "mine.toml") == load_recipe("mnist", name.removeprefix("mnist/"))
