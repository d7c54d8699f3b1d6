"""Films of clips through the command line: what comes out, what is told, and what is refused in one line."""

import json
import re
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artcnn.files.clips.clip import open_clip

pytestmark = pytest.mark.usefixtures("tiny_styles")
SMALL = ("--size", "64", "--precision", "float32")


@pytest.fixture
def clip(folder: Path) -> Path:
    """Return a GIF of five frames of 72 x 48 pixels, a tenth of a second each, in which a photo moves to the right."""
    pytest.importorskip("cv2", reason="the extra 'video' is not installed")
    with Image.open(folder / "photo.png") as photo:
        frames = [Image.fromarray(np.roll(np.asarray(photo), 2 * number, 1)) for number in range(5)]
    frames[0].save(folder / "clip.gif", save_all=True, append_images=frames[1:], duration=100, loop=0)
    return folder / "clip.gif"


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("loading")]


def test_a_clip_becomes_a_film_with_its_times(artcnn, clip, folder):
    result = artcnn("instant", "clip.gif", *SMALL)
    assert (result.exit_code, result.stdout) == (0, "clip-wave.webp\n"), result.output
    assert "second 1 of 1, 64 x 42: step 5 of 5" in result.stderr
    film = open_clip(folder / "clip-wave.webp")
    assert (film.size, film.times) == ((42, 64), tuple(Fraction(number, 10) for number in range(5)))
    report = json.loads(artcnn("instant", "clip.gif", *SMALL, "-o", "x.gif", "--json").stdout)
    assert (report["frames"], report["film"]["coherence"], report["estimate"]["disk"]) == (5, 1.0, 5 * 42 * 64 * 3)


def test_a_range_and_a_frame_rate(artcnn, clip, folder):
    assert artcnn("instant", "clip.gif", *SMALL, "--from", "0.1", "--to", "0.4", "-o", "x.gif").exit_code == 0
    assert len(open_clip(folder / "x.gif").times) == 3
    assert artcnn("instant", "clip.gif", *SMALL, "--fps", "4", "-o", "y.gif").exit_code == 0
    assert [float(time) for time in open_clip(folder / "y.gif").times] == [0, 0.25]


def test_a_still_is_a_picture_that_can_be_made_again(artcnn, clip, folder):
    assert artcnn("instant", "clip.gif", *SMALL, "--still", "0.3", "-o", "still.png").exit_code == 0
    shown = artcnn("show", "still.png").stdout
    assert "# --still=0.3 " in shown
    assert artcnn("again", "still.png", "-o", "again.png").exit_code == 0
    assert (folder / "again.png").read_bytes() == (folder / "still.png").read_bytes()


def test_a_film_tells_how_it_was_made_and_is_made_again(artcnn, clip, folder):
    assert artcnn("instant", "clip.gif", *SMALL, "--to", "0.3", "--coherence", "0.5", "-o", "x.webp").exit_code == 0
    assert "# --to=0.3 --coherence=0.5 --passes=1\n" in artcnn("show", "x.webp").stdout
    assert artcnn("again", "x.webp", "-o", "y.webp").exit_code == 0
    assert (folder / "x.webp").read_bytes() == (folder / "y.webp").read_bytes()


def test_a_folder_of_frames_in_and_out(artcnn, clip, folder):
    assert artcnn("instant", "clip.gif", *SMALL, "-o", "frames").exit_code == 0
    assert len(list((folder / "frames").iterdir())) == 5
    assert artcnn("instant", "frames", *SMALL, "--fps", "10", "-o", "x.gif").exit_code == 0
    assert len(open_clip(folder / "x.gif").times) == 5


@pytest.mark.slow
def test_clips_and_photos_together_and_what_is_done_stays(artcnn, clip, folder):
    many = ("instant", "clip.gif", "photo.png", *SMALL, "-o", "out")
    assert sorted(artcnn(*many).stdout.split()) == ["out/clip-wave.webp", "out/photo-wave.png"]
    again = artcnn(*many)
    assert (again.stdout, "0 made, 2 there already" in again.stderr) == ("", True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["photo.png", "--from", "1"], "'start' is a setting of clips, and photo.png is a photo"),
        (["clip.gif", "--from", "9"], "clip.gif is 0.5 seconds long: begin before that"),
        (["clip.gif", "--from", "2", "--to", "1"], "the film would end, at 1 s, before it begins, at 2 s"),
        (["clip.gif", "-o", "x.png"], "the name of a film must end in one of"),
        (["clip.gif", "--keep-gps"], "--keep-gps: a film"),
        (["clip.gif", "-o", "-"], "a film does not go to the standard output"),
        (["text.mp4"], "text.mp4"),
        (["cut.gif"], "cut.gif"),
    ],
)
def test_what_is_wrong_is_one_line(artcnn, clip, folder, arguments, message):
    (folder / "text.mp4").write_text("This is not a film.")
    (folder / "cut.gif").write_bytes(clip.read_bytes()[:40])
    before = sorted(folder.iterdir())
    result = artcnn("instant", *arguments, *SMALL)
    assert (result.exit_code, len(lines(result.stderr))) == (1, 1), result.output
    assert message in result.stderr
    assert sorted(folder.iterdir()) == before


def test_zooms_are_for_photos(artcnn, clip):
    result = artcnn("dream", "clip.gif", *SMALL, "--zoom", "1.02")
    assert (result.exit_code, lines(result.stderr)) == (
        1,
        ["error: 'zoom' is a setting of zooms into a photo, and clip.gif is a clip: leave it out"],
    )


KILLED = """
import sys, time
from artcnn.cli import display, main
class Slow(display._Lines):
    def __call__(self, step):
        super().__call__(step)
        time.sleep(0.3)
display._Lines = Slow
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["kill", "interrupt"])
def test_a_film_that_was_stopped(artcnn, clip, folder, begin, ending):
    """Killed, it goes on behind its last frame, and is the same; after Ctrl-C it is a shorter film."""
    options = ["instant", "clip.gif", *SMALL, "--fps", "20"]
    with begin("-c", KILLED, *options, "-o", "x.webp") as process:
        frames = folder / ".x.webp.frames"
        while not (frames.exists() and frames.stat().st_size >= 3 * 64 * 42 * 3):
            assert process.poll() is None, "it ended before it could be stopped"
            time.sleep(0.01)
        if ending == "interrupt":
            process.send_signal(2)
            assert process.wait(60) == 130
            count = len(open_clip(folder / "x.webp").times)
            assert 3 <= count < 10
            assert f"interrupted after frame {count}\n" in artcnn("show", "x.webp").stdout
            return
        process.kill()
        process.wait()
    with frames.open("ab") as file:
        file.write(b"half a frame")
    with (
        begin("-m", "artcnn", *options, "-o", "x.webp", "--resume") as resumed,
        begin("-m", "artcnn", *options, "-o", "whole.webp") as whole,
    ):
        told = resumed.communicate()[1]
    assert (resumed.returncode, whole.returncode) == (0, 0), told
    assert int(re.search(r"continuing after frame (\d+) of 10", told)[1]) >= 3
    assert (folder / "x.webp").read_bytes() == (folder / "whole.webp").read_bytes()
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
