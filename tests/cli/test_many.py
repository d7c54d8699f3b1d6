"""Many pictures in one command, and pictures through pipes."""

import json
from errno import ENOSPC
from io import BytesIO

import pytest
from PIL import Image
from typer.testing import CliRunner

from artcnn.cli import app

QUICK = ("--size", "48", "--octaves", "1", "--steps", "1")


@pytest.fixture
def album(folder):
    """Return a folder of three photos, the second of them broken, and a file that is no picture."""
    album = folder / "album"
    album.mkdir()
    Image.open(folder / "photo.png").save(album / "a.png")
    (album / "b.jpg").write_bytes(b"no picture")
    Image.open(folder / "photo.png").rotate(180).save(album / "c.png")
    (album / "notes.txt").write_text("not looked at")
    return album


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.slow
def test_a_folder_is_dreamt_on_and_a_broken_file_is_reported_and_left_out(artcnn, folder, album):
    result = artcnn("dream", "album", "-o", "out", *QUICK)
    assert result.exit_code == 1
    assert result.stdout.split() == ["out/a-dream.png", "out/c-dream.png"]
    assert names(folder / "out") == ["a-dream.png", "c-dream.png"]
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert errors == [
        "error: album/b.jpg: not a picture that artcnn can read (JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF, HEIC)"
    ]
    assert result.stderr.count("loading") == 1
    assert "2 of 2, c.png, octave 1 of 1, 48 x 32: step 1 of 1" in result.stderr
    assert result.stderr.splitlines()[-1] == "2 made, 0 there already, 1 failed"


def test_a_file_that_breaks_off_is_found_out_only_when_it_is_read_and_ends_nothing(artcnn, folder, album):
    whole = (album / "a.png").read_bytes()
    (album / "b.jpg").unlink()
    (album / "b.png").write_bytes(whole[: len(whole) // 2])
    result = artcnn("dream", "album", "-o", "out", *QUICK)
    assert result.exit_code == 1
    assert names(folder / "out") == ["a-dream.png", "c-dream.png"]
    assert "error: album/b.png: damaged or cut short" in result.stderr


def test_a_full_disk_ends_the_run(artcnn, folder, album, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("artcnn.files.atomic.os.fsync", full)
    result = artcnn("dream", "album", "-o", "out", *QUICK)
    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert errors[1:] == ["error: cannot write out/a-dream.png: no space left on device"]
    assert "c.png" not in result.stderr
    assert names(folder / "out") == []


@pytest.mark.slow
def test_what_is_done_is_not_done_again_unless_forced_or_different(artcnn, folder, album):
    (album / "b.jpg").unlink()
    first = artcnn("dream", "album/*.png", "-o", "out", *QUICK)
    assert first.exit_code == 0, first.output
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "out").iterdir()}
    (folder / "out" / "c-dream.png").unlink()
    second = artcnn("dream", "album/*.png", "-o", "out", *QUICK)
    assert second.stdout.split() == ["out/c-dream.png"]
    assert "out/a-dream.png is there already: --force makes it again" in second.stderr
    assert (folder / "out" / "a-dream.png").stat().st_mtime_ns == before["a-dream.png"]
    third = artcnn("dream", "album/*.png", "-o", "out", *QUICK)
    assert third.stdout == ""
    assert "0 made, 2 there already, 0 failed" in third.stderr
    forced = artcnn("dream", "album/*.png", "-o", "out", *QUICK, "--force")
    assert forced.stdout.split() == ["out/a-dream.png", "out/c-dream.png"]
    assert names(folder / "out") == ["a-dream.png", "c-dream.png"]
    other = artcnn("dream", "album/*.png", "-o", "out", *QUICK, "--seed", "5")
    assert other.stdout.split() == ["out/a-dream-2.png", "out/c-dream-2.png"]
    Image.open(folder / "painting.png").save(album / "a.png")
    changed = artcnn("dream", "album/*.png", "-o", "out", *QUICK)
    assert changed.stdout.split() == ["out/a-dream-3.png"]


@pytest.mark.slow
def test_an_interrupted_picture_is_done_again_in_its_place(artcnn, folder, album):
    (album / "b.jpg").unlink()
    artcnn("dream", "album", "-o", "out", "--size", "48", "--octaves", "1", "--steps", "2", "--save-every", "1")
    (folder / "out" / "a-dream-0001.png").rename(folder / "out" / "a-dream.png")
    result = artcnn("dream", "album", "-o", "out", "--size", "48", "--octaves", "1", "--steps", "2")
    assert result.stdout.split() == ["out/a-dream.png"]
    assert json.loads(artcnn("show", "out/a-dream.png", "--json").stdout)["stopped_after"] is None


def test_dreams_in_a_folder_are_not_dreamt_on(artcnn, folder, album):
    (album / "b.jpg").unlink()
    artcnn("dream", "album", *QUICK)
    assert names(album) == ["a-dream.png", "a.png", "c-dream.png", "c.png", "notes.txt"]
    again = artcnn("dream", "album", *QUICK)
    assert "0 made, 2 there already, 0 failed" in again.stderr


@pytest.mark.slow
def test_photos_of_one_name_become_two_pictures_once(artcnn, folder, album):
    (album / "b.jpg").unlink()
    Image.open(folder / "painting.png").save(album / "a.webp", lossless=True)
    for made in (["out/a-dream.png", "out/a-dream-2.png", "out/c-dream.png"], []):
        result = artcnn("dream", "album", "-o", "out", *QUICK)
        assert result.exit_code == 0
        assert result.stdout.split() == made


@pytest.mark.slow
def test_several_photos_and_the_painting_last(artcnn, folder, album):
    quick = ("--size", "48", "--set", "min_size=48", "--set", "fine_steps=1")
    result = artcnn("style", "album/a.png", "album/c.png", "painting.png", "-o", "out", *quick, "--json")
    assert result.exit_code == 0, result.output
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(r["photo"], r["out"]) for r in reports] == [
        ("album/a.png", "out/a-painting.png"),
        ("album/c.png", "out/c-painting.png"),
    ]
    alone = artcnn("style", "album/c.png", "painting.png", "-o", "alone.png", *quick)
    assert alone.exit_code == 0
    assert Image.open("alone.png").tobytes() == Image.open("out/c-painting.png").tobytes()


def test_one_photo_and_no_painting_is_a_mistake_of_usage(artcnn):
    assert artcnn("style", "photo.png").exit_code == 2


@pytest.mark.slow
def test_a_picture_goes_through_a_pipe(artcnn, folder, begin):
    with begin("-m", "artcnn", "dream", "-", *QUICK, input=(folder / "photo.png").read_bytes()) as process:
        picture, told = process.stdout.buffer.read(), process.stderr.read()
    assert (process.returncode, "48 x 32 pixels" in told) == (0, True), told
    artcnn("dream", "photo.png", "-o", "file.png", *QUICK)
    with Image.open(BytesIO(picture)) as piped, Image.open(folder / "file.png") as file:
        assert piped.format == "PNG"
        assert piped.tobytes() == file.tobytes()


@pytest.mark.slow
def test_a_piped_photo_can_go_to_a_file_and_be_made_again(folder):
    photo = (folder / "photo.png").read_bytes()
    result = CliRunner().invoke(app, ["dream", "-", "-o", "made.png", *QUICK], input=photo)
    assert result.exit_code == 0, result.output
    shown = json.loads(CliRunner().invoke(app, ["show", "made.png", "--json"]).stdout)
    assert shown["inputs"][0]["path"] == "-"
    again = CliRunner().invoke(app, ["again", "made.png"])
    assert "the photo - is not there: say where it is" in again.stderr
    again = CliRunner().invoke(app, ["again", "made.png", "photo.png", "-o", "same.png"])
    assert again.exit_code == 0, again.output
    assert Image.open("same.png").tobytes() == Image.open("made.png").tobytes()


def test_json_and_the_picture_do_not_share_the_standard_output(artcnn):
    result = artcnn("dream", "photo.png", "-o", "-", "--json", *QUICK)
    assert result.exit_code == 1
    assert "cannot both go to the standard output" in result.stderr
    result = artcnn("dream", "photo.png", "-o", "-", "--save-every", "1", *QUICK)
    assert result.exit_code == 1
    assert "--save-every: several pictures do not go to the standard output" in result.stderr


@pytest.mark.slow
def test_shards_are_disjoint_and_together_all(artcnn, folder, album):
    (album / "b.jpg").unlink()
    for number in range(4):
        Image.open(folder / "photo.png").rotate(40 * number + 10).save(album / f"d{number}.png")
    whole = ["a-dream.png", "c-dream.png", *(f"d{number}-dream.png" for number in range(4))]
    shards = []
    for number in (1, 2, 3):
        result = artcnn("dream", "album", "-o", "out", *QUICK, "--shard", f"{number}/3")
        assert result.exit_code == 0, result.output
        made = [path.removeprefix("out/") for path in result.stdout.split()]
        assert f"shard {number} of 3: {len(made)} of 6" in result.stderr
        assert f"{len(made)} made, 0 there already, 0 failed" in result.stderr
        shards.append(made)
    assert sorted(name for made in shards for name in made) == names(folder / "out") == whole
    again = artcnn("dream", "album", "-o", "elsewhere", *QUICK, "--shard", "2/3")
    assert [path.removeprefix("elsewhere/") for path in again.stdout.split()] == shards[1]


def test_a_file_that_cannot_be_read_is_told_by_every_shard(artcnn, album):
    for shard in ("1/2", "2/2"):
        result = artcnn("dream", "album/a.png", "album/lacking.png", "-o", "out", *QUICK, "--shard", shard)
        assert result.exit_code == 1
        assert "error: no such file: album/lacking.png" in result.stderr
