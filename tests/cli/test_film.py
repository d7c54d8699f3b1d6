"""Films through the command line."""

import json
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

TINY = ["dream", "photo.png", "--size", "48", "--octaves", "1", "--frames", "3"]


def frames_of(path):
    with Image.open(path) as image:
        return image.n_frames, image.size


@pytest.mark.parametrize(("out", "name"), [([], "photo-dream.webp"), (["-o", "x.gif"], "x.gif")])
def test_a_film(artcnn, folder, out, name):
    result = artcnn(*TINY, *out)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{name}\n"
    assert "it will take about" in result.stderr
    assert "3 frames of 48 x 32 pixels" in result.stderr
    assert frames_of(folder / name) == (3, (48, 32))
    refused = artcnn("again", name)
    assert (refused.exit_code, "is a film" in refused.stderr) == (1, True)


def test_mp4_and_what_is_told_to_machines(artcnn, folder):
    av = pytest.importorskip("av")
    result = artcnn(*TINY, "--rotate", "2", "--loop", "--film", "colours=0.2", "--json", "-o", "x.mp4")
    told = json.loads(result.stdout)
    assert (told["out"], told["frames"], told["width"], told["height"]) == ("x.mp4", 3, 48, 32)
    assert (told["film"]["rotate"], told["film"]["loop"], told["film"]["colours"]) == (2, True, 0.2)
    assert "as it turns the corners show the picture mirrored, below --zoom 1.05" in result.stderr
    with av.open(str(folder / "x.mp4")) as container:
        assert len(list(container.decode(video=0))) == 3
        assert json.loads(container.metadata["comment"])["film"] == told["film"]


def test_a_second_film_is_another_file_and_the_same_bytes(artcnn, folder):
    assert [artcnn(*TINY, "-q").exit_code for _ in range(2)] == [0, 0]
    assert (folder / "photo-dream.webp").read_bytes() == (folder / "photo-dream-2.webp").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--zoom", "3"], "zoom: should be less than or equal to 1.25, not 3"),
        (["--frames", "1"], "frames: should be greater than or equal to 2"),
        (["--fps", "0"], "fps: should be greater than or equal to 1"),
        (["--zoom", "1.02", "--fps", "60", "-o", "x.gif"], "50 frames a second at most"),
        (["--film", "step=2"], "unknown setting 'step': did you mean 'steps'"),
        (["--film", "steps"], "write it as KEY=VALUE, such as --film steps=2"),
        (["--zoom", "1.02", "--steps", "3"], "--film steps=3"),
        (["--zoom", "1.02", "-o", "x.png"], "the name of a film must end in"),
        (["--zoom", "1.02", "-o", "-"], "give --out a file name"),
        (["--zoom", "1.02", "--resume"], "--resume: a film"),
        (["--zoom", "1.02", "--save-every", "2"], "--save-every: a film"),
        (["--zoom", "1.02", "--force"], "--force is for many"),
        (["painting.png", "--zoom", "1.02"], "a film is made of one photo"),
        (["--zoom", "1.02", "--guide", "painting.png"], "of a photo alone: leave out the guide"),
        (["--zoom", "1.02", "--colors", "content"], "--colors content: a film moves on"),
        (["-o", "x.mp4"], "that is a film, add --zoom"),
    ],
)
def test_what_does_not_go_together(artcnn, folder, arguments, message):
    result = artcnn("dream", "photo.png", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["painting.png", "photo.png"]


@pytest.mark.parametrize("name", ["x.webp", "x.mp4"])
def test_ctrl_c_keeps_a_shorter_film(folder, name):
    if name == "x.mp4":
        pytest.importorskip("av")
    arguments = ["dream", "photo.png", "--size", "64", "--octaves", "1", "--frames", "9999", "-o", name]
    command = [sys.executable, "-m", "artcnn", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()
        while "second 1 of" not in line:
            assert line, "the run ended by itself"
            line = process.stderr.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, f"{name}\n")
    assert "stopped after frame" in err
    assert "Traceback" not in err
    assert sorted(p.name for p in folder.iterdir()) == sorted(["painting.png", "photo.png", name])
    if name == "x.webp":
        count, size = frames_of(folder / name)
        assert count > 1
        assert size == (64, 42)
        assert f"{count} frames of" in err
