"""Films through the command line."""

import json
import re
import signal
import time
from contextlib import nullcontext
from importlib.util import find_spec

import pytest
from PIL import Image

from artcnn.cli import display
from artcnn.jobs import checkpoints, estimate

TINY = ["dream", "photo.png", "--size", "48", "--octaves", "1", "--frames", "3"]


def hidden(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def frames_of(path):
    with Image.open(path) as image:
        return image.n_frames, image.size


@pytest.mark.slow
@pytest.mark.parametrize(("out", "name"), [([], "photo-dream.webp"), (["-o", "x.gif"], "x.gif")])
def test_a_film(artcnn, folder, out, name):
    result = artcnn(*TINY, *out)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{name}\n"
    assert "it will take about" in result.stderr
    assert "3 frames of 48 x 32 pixels" in result.stderr
    assert frames_of(folder / name) == (3, (48, 32))
    assert hidden(folder) == []


@pytest.mark.slow
def test_mp4_and_what_is_told_to_machines(artcnn, folder):
    av = pytest.importorskip("av")
    result = artcnn(*TINY, "--rotate", "2", "--loop", "--film", "color_match=0.2", "--json", "-o", "x.mp4")
    told = json.loads(result.stdout)
    assert (told["out"], told["frames"], told["width"], told["height"]) == ("x.mp4", 3, 48, 32)
    assert (told["video"]["rotate"], told["video"]["loop"], told["video"]["color_match"]) == (2, True, 0.2)
    assert "as it turns the corners show the picture mirrored, below --zoom 1.05" in result.stderr
    with av.open(str(folder / "x.mp4")) as container:
        assert len(list(container.decode(video=0))) == 3
        assert json.loads(container.metadata["comment"])["video"] == told["video"]


@pytest.mark.slow
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
        (["--zoom", "1.02", "--resume", "-o", "x.gif"], "there is nothing to resume: no .x.gif.checkpoint"),
        (["--zoom", "1.02", "--save-every", "2"], "--save-every: a film"),
        (["painting.png", "--zoom", "1.02"], "a film is made of one photo"),
        (["--zoom", "1.02", "--guide-mask", "painting.png"], "--guide-mask is a mask for a guide"),
        (["--zoom", "1.02", "--mask", "lost.png"], "no such file: lost.png"),
        (["--zoom", "1.02", "--colors", "content"], "--colors content: a film moves on"),
        (["-o", "x.mp4"], "add --zoom 1.02 to make a film"),
    ],
)
def test_what_does_not_go_together(artcnn, folder, arguments, message):
    result = artcnn("dream", "photo.png", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert len([line for line in result.stderr.splitlines() if line != "loading vgg16"]) == 1, result.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["painting.png", "photo.png"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param("x.webp", marks=pytest.mark.exhaustive), "x.mp4"])
def test_ctrl_c_keeps_a_shorter_film_that_can_be_made_again(artcnn, folder, begin, name):
    if name == "x.mp4":
        pytest.importorskip("av")
    arguments = ["dream", "photo.png", "--size", "64", "--octaves", "1", "--frames", "9999", "-o", name]
    with begin("-m", "artcnn", *arguments) as process:
        line = process.stderr.readline()
        while "second 1 of" not in line:
            assert line, "the run ended by itself"
            line = process.stderr.readline()
        frames = folder / f".{name}.frames"
        while frames.stat().st_size < 3 * 64 * 44 * 3:
            time.sleep(0.01)
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
    count = re.search(r"(\d+) frames of", err)[1]
    assert f"interrupted after frame {count}\n" in artcnn("show", name).stdout
    assert artcnn("again", name, "-o", f"again-{name}").exit_code == 0
    assert (folder / f"again-{name}").read_bytes() == (folder / name).read_bytes()


@pytest.mark.slow
def test_a_folder_of_frames_is_told_of_and_made_again(artcnn, folder):
    made = artcnn(*TINY, "-o", "frames")
    assert (made.exit_code, made.stdout) == (0, "frames\n"), made.output
    frames = sorted((folder / "frames").iterdir())
    assert [frame.name for frame in frames] == ["000001.png", "000002.png", "000003.png"]
    assert json.loads(artcnn("show", "frames", "--json").stdout)["video"]["frames"] == 3
    assert artcnn("again", "frames", "-o", "second").exit_code == 0
    assert [frame.read_bytes() for frame in frames] == [
        frame.read_bytes() for frame in sorted((folder / "second").iterdir())
    ]
    assert hidden(folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webm"])
def test_a_film_is_told_of_and_made_again_with_the_same_bytes(artcnn, folder, suffix):
    if suffix != ".gif":
        pytest.importorskip("av")
    Image.linear_gradient("L").resize((72, 48)).save(folder / "mask.png")
    steered = ["--mask", "mask.png", "--guide", "painting.png", "--rotate", "1", "--loop", "--seed", "4"]
    first, second = f"first{suffix}", f"second{suffix}"
    made = artcnn(*TINY, *steered, "--json", "-o", first)
    assert made.exit_code == 0, made.output
    shown = json.loads(artcnn("show", first, "--json").stdout)
    assert (shown["recipe"], shown["video"]) == tuple(json.loads(made.stdout)[key] for key in ("recipe", "video"))
    assert [entry["name"] for entry in shown["inputs"]] == ["photo", "guide", "mask"]
    assert "--film rotate=1.0 --film frames=3" in artcnn("show", first).stdout
    result = artcnn("again", first, "-o", second)
    assert result.exit_code == 0, result.output
    assert (folder / first).read_bytes() == (folder / second).read_bytes()
    assert artcnn("again", first).stdout == f"photo-dream{suffix}\n"


def test_again_says_what_is_no_film_of_ours(artcnn, folder):
    av = pytest.importorskip("av")
    with av.open(str(folder / "other.mp4"), "w") as container:
        stream = container.add_stream("libx264", 10, {"threads": "1"})
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        container.metadata["comment"] = "my holiday"
        container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode())
    (folder / "cut.mp4").write_bytes((folder / "other.mp4").read_bytes()[:300])
    for name, message in (("other.mp4", "artcnn did not make it"), ("cut.mp4", "cut.mp4: damaged or cut short")):
        result = artcnn("again", name)
        assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
        assert message in result.stderr


LONG = ["dream", "photo.png", "--size", "48", "--octaves", "1", "--frames", "24", "--rotate", "1", "-q"]
LONG += ["--precision", "float32", "--loop"]
KILLED = """
from artcnn.cli import main
from artcnn.jobs import checkpoints, estimate
checkpoints.EVERY = checkpoints.RARER = 0.0
estimate._measure_speed = lambda *_: 1e11
main()
"""


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_killed_film_is_taken_up_and_ends_with_the_same_bytes(artcnn, folder, begin):
    Image.linear_gradient("L").resize((72, 48)).save(folder / "mask.png")
    suffix, options = ".mp4" if find_spec("av") else ".webp", ["--mask", "mask.png"]
    whole, killed = f"whole{suffix}", f"killed{suffix}"
    assert artcnn(*LONG, *options, "-o", whole).exit_code == 0
    left, size = folder / f".{killed}.frames", 48 * 32 * 3
    with begin("-c", KILLED, *LONG, *options, "-o", killed) as process:
        while not (left.exists() and left.stat().st_size > 5 * size):
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.002)
        process.kill()
    assert not (folder / killed).exists()
    assert {f".{killed}.checkpoint", f".{killed}.frames"} <= set(hidden(folder))
    result = artcnn(*[option for option in LONG if option != "-q"], *options, "-o", killed, "--resume")
    assert result.exit_code == 0, result.output
    told = re.search(r"continuing after frame (\d+) of 24", result.stderr)
    assert 1 <= int(told[1]) < 24
    assert (folder / whole).read_bytes() == (folder / killed).read_bytes()
    assert hidden(folder) == []


@pytest.fixture
def left(artcnn, folder, monkeypatch):
    """Leave what there is of a film that died at its third frame, of which the checkpoint tells."""

    class DiedError(Exception):
        pass

    def die(index):
        if index == 3:
            raise DiedError

    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(display, "display", lambda *_, **__: nullcontext(lambda step: die(step.index)))
        result = artcnn(*SHORT, "-q")
    assert isinstance(result.exception, DiedError), result.output
    assert sorted(hidden(folder)) == [".x.webp.checkpoint", ".x.webp.frames"]


SHORT = ["dream", "photo.png", "--size", "48", "--octaves", "1", "--frames", "5", "-o", "x.webp"]


@pytest.mark.slow
def test_a_film_of_other_settings_is_not_mixed_in(artcnn, folder, left):
    result = artcnn(*SHORT, "--rotate", "1", "--resume")
    assert (result.exit_code, "is of a run with other settings" in result.stderr) == (1, True)
    assert sorted(hidden(folder)) == [".x.webp.checkpoint", ".x.webp.frames"]


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [lambda frames: b"", lambda frames: frames[::-1], lambda frames: frames[:999], None])
def test_frames_that_do_not_go_with_the_checkpoint_are_one_clear_line(artcnn, folder, left, spoil):
    path = folder / ".x.webp.frames"
    frames = path.read_bytes()
    path.unlink()
    if spoil is not None:
        path.write_bytes(spoil(frames))
    result = artcnn(*SHORT, "--resume", "-q")
    assert result.exit_code == 1
    assert result.stderr == (
        "error: .x.webp.frames does not go with its checkpoint: leave --resume out, to begin anew\n"
    )


@pytest.mark.slow
def test_without_resume_a_film_is_begun_anew(artcnn, folder, left):
    result = artcnn(*SHORT)
    assert result.exit_code == 0, result.output
    assert "use --resume to continue one" in result.stderr
    assert frames_of(folder / "x.webp")[0] == 5
    assert hidden(folder) == []


@pytest.mark.slow
def test_what_is_left_of_a_film_takes_less(artcnn, folder, left, monkeypatch):
    monkeypatch.setattr(estimate, "_measure_speed", lambda *_: 1e9)
    whole = json.loads(artcnn(*SHORT, "-o", "y.webp", "--json").stdout)["estimate"]["seconds"]
    rest = json.loads(artcnn(*SHORT, "--resume", "--json").stdout)["estimate"]["seconds"]
    assert rest < whole
    assert (folder / "x.webp").read_bytes() == (folder / "y.webp").read_bytes()


def test_a_guides_black_mask_leaves_nothing_behind(artcnn, folder):
    Image.new("L", (40, 60)).save(folder / "black.png")
    before = sorted(folder.iterdir())
    result = artcnn(*TINY, "--guide", "painting.png", "--guide-mask", "black.png")
    assert result.exit_code == 1
    assert "the guide's mask is black" in result.stderr
    assert sorted(folder.iterdir()) == before
