"""What a person gets: a picture, told about, with its recipe in it, and the same again."""

import hashlib
import json
import os
import signal
import time

import pytest
import torch
from PIL import Image

from artcnn.cli.display import half_blocks
from artcnn.files.read import read_picture


def sha256(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_a_dream_is_a_new_file_beside_the_photo_and_never_another(artcnn, folder):
    quick = ("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "1")
    first, second = artcnn(*quick), artcnn(*quick)
    assert (first.stdout, second.stdout) == ("photo-dream.png\n", "photo-dream-2.png\n")
    assert "loading vgg16" in first.stderr
    assert "octave 1 of 1, 48 x 32: step 1 of 1" in first.stderr
    assert "48 x 32 pixels in" in first.stderr
    assert "\x1b" not in first.output
    assert sha256(folder / "photo-dream.png") == sha256(folder / "photo-dream-2.png")


@pytest.mark.slow
def test_a_dream_in_json(quick, folder):
    report = quick("dream")
    assert report["out"] == "photo-dream.png"
    assert (report["width"], report["height"], report["steps"]) == (48, 32, 2)
    assert report["recipe"]["layers"] == ["relu4_3", "relu5_1"]
    assert report["recipe"]["octaves"] == 1
    assert report["seconds"] > 0
    assert report["objective"]["before"] == pytest.approx(1, abs=1e-3)
    assert report["objective"]["after"] > 1.02


@pytest.mark.slow
def test_a_style_in_json_is_the_loss_of_the_written_picture(quick, folder):
    from artcnn.backbones.vgg import load_vgg
    from artcnn.engines.style_loss import StyleLoss
    from artcnn.image import fit
    from artcnn.presets import make_recipe

    report = quick("style", "--set", "tv_weight=1", "--set", "fine_steps=12")
    assert report["out"] == "photo-painting.png"
    photo, painting, written = (read_picture(folder / n).pixels for n in ("photo.png", "painting.png", report["out"]))
    recipe = make_recipe("style", report["recipe"])
    backbone = load_vgg(padding=recipe.padding)
    loss = StyleLoss(photo, painting, backbone, recipe, 48).terms(written)
    for term in ("content", "style", "tv", "total"):
        assert report["loss"][term] == pytest.approx(getattr(loss, term).item(), rel=1e-4), term
    assert report["loss"]["tv"] > 0
    blank = StyleLoss(photo, painting, backbone, recipe, 48)
    assert report["loss"]["total"] < blank(fit(photo, 48))


def test_nothing_is_said_when_quiet(artcnn, folder):
    result = artcnn("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "1", "--quiet")
    assert result.exit_code == 0
    assert result.output == ""
    assert (folder / "photo-dream.png").exists()


@pytest.mark.slow
def test_out_may_be_a_folder_or_a_file_of_any_format(quick, folder):
    (folder / "album").mkdir()
    assert quick("dream", "--out", "album")["out"] == "album/photo-dream.png"
    for name, kind in (("a.jpg", "JPEG"), ("a.webp", "WEBP"), ("a.tiff", "TIFF"), ("a.PNG", "PNG")):
        assert quick("dream", "--out", name)["out"] == name
        with Image.open(folder / name) as image:
            assert (image.format, image.size) == (kind, (48, 32))
            assert "icc_profile" in image.info


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
@pytest.mark.parametrize("command", ["dream", "style"])
def test_a_picture_can_be_made_again_from_itself_alone(artcnn, quick, folder, command, suffix):
    first = quick(command, "--seed", "7", "--out", f"first{suffix}")
    shown = json.loads(artcnn("show", first["out"], "--json").stdout)
    assert shown["kind"] == command
    assert shown["recipe"] == first["recipe"]
    assert [entry["state"] for entry in shown["inputs"]] == ["unchanged"] * len(shown["inputs"])
    assert shown["inputs"][0]["sha256"] == sha256(folder / "photo.png")
    result = artcnn("again", first["out"], "--out", f"second{suffix}")
    assert result.exit_code == 0, result.output
    assert sha256(folder / f"first{suffix}") == sha256(folder / f"second{suffix}")


@pytest.mark.slow
def test_again_finds_inputs_from_wherever_it_is_called_and_says_when_they_changed(artcnn, quick, folder, monkeypatch):
    (folder / "album").mkdir()
    quick("style", "--out", "album/mine.png")
    monkeypatch.chdir(folder / "album")
    same = artcnn("again", "mine.png", "--out", "same.png")
    assert same.exit_code == 0, same.output
    assert "has changed" not in same.stderr
    Image.new("RGB", (60, 60), "red").save(folder / "painting.png")
    changed = artcnn("again", "mine.png", "--out", "changed.png")
    assert changed.exit_code == 0
    assert "the painting ../painting.png has changed since" in changed.stderr
    assert "painting: ../painting.png (changed)" in artcnn("show", "mine.png").stdout
    (folder / "photo.png").rename(folder / "moved.png")
    missing = artcnn("again", "mine.png")
    assert missing.exit_code == 1
    assert "the photo ../photo.png is not there: say where it is" in missing.stderr
    found = artcnn("again", "mine.png", "../moved.png", "../painting.png", "--out", "found.png")
    assert found.exit_code == 0
    assert artcnn("again", "mine.png", "../moved.png").exit_code == 1


@pytest.mark.slow
def test_show_prints_a_recipe_that_is_a_preset(artcnn, quick, folder):
    quick("dream", "--palette", "0.25")
    (folder / "mine.toml").write_text(artcnn("show", "photo-dream.png").stdout)
    assert quick("dream", "--preset", "mine.toml", "--out", "b.png")["recipe"]["palette"] == 0.25


@pytest.mark.slow
def test_a_forged_story_is_refused(artcnn, folder):
    from artcnn.files.write import write_picture

    stories = [
        '{"artcnn": ',
        '{"artcnn": "0.1.0"}',
        '{"artcnn": "0.1.0", "command": "rm", "recipe": {}, "inputs": []}',
        '{"artcnn": "0.1.0", "command": "dream", "recipe": [], "inputs": 3}',
        '{"artcnn": "0.1.0", "command": "dream", "recipe": {"steps": 0}, "inputs": [{"path": "x", "sha256": "0"}]}',
        '{"artcnn": "0.1.0", "command": "dream", "recipe": {}, "inputs": [], "stopped_after": "x"}',
        '{"artcnn": ' + "[" * 5000,
    ]
    for story in stories:
        write_picture(folder / "forged.png", torch.rand(1, 3, 40, 40), provenance=story)
        for command in ("show", "again"):
            result = artcnn(command, "forged.png")
            assert result.exit_code == 1, story
            assert result.stderr.startswith("error: "), story
            assert len(result.stderr.splitlines()) == 1, story


@pytest.mark.slow
def test_alpha_is_put_back_at_the_pictures_size(quick, folder):
    photo = Image.open(folder / "photo.png").convert("RGBA")
    mask = Image.new("L", photo.size, 255)
    mask.paste(0, (0, 0, 36, 48))
    photo.putalpha(mask)
    photo.save(folder / "photo.png")
    quick("dream", "--out", "a.png")
    alpha = read_picture(folder / "a.png").alpha
    assert alpha.shape == (1, 1, 32, 48)
    assert (alpha[..., :22] == 0).all()
    assert (alpha[..., 26:] == 1).all()
    quick("dream", "--out", "a.jpg")
    written = read_picture(folder / "a.jpg")
    assert written.alpha is None
    assert written.pixels[..., :16].min() > 0.95


@pytest.mark.slow
def test_exif_orientation_is_honoured(quick, folder):
    photo = Image.open(folder / "photo.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(folder / "photo.png", exif=exif)
    report = quick("dream")
    assert (report["width"], report["height"]) == (32, 48)
    with Image.open(folder / report["out"]) as image:
        assert image.getexif().get(0x0112) is None


def say_of(path, copyright_: str, latitude: float) -> None:
    """Give a picture a date, a copyright and a position."""
    exif = Image.Exif()
    exif[0x8298] = copyright_
    exif.get_ifd(0x8769)[0x9003] = "2024:06:01 12:30:59"
    exif.get_ifd(0x8825).update({1: "N", 2: (latitude, 0.0, 0.0), 3: "W", 4: (1.0, 0.0, 0.0)})
    Image.open(path).save(path, exif=exif)


@pytest.mark.slow
def test_the_photo_and_not_the_painting_says_when_and_whose_and_only_if_asked_where(artcnn, quick, folder):
    say_of(folder / "photo.png", "of the photo", 48)
    say_of(folder / "painting.png", "of the painting", 11)
    for command, more, latitude in (("style", [], None), ("dream", ["--keep-gps"], 48)):
        report = quick(command, "--out", f"{command}.jpg", "--save-every", "1", *more)
        for path in (folder / report["out"], folder / f"{command}-0001.jpg"):
            with Image.open(path) as image:
                exif = image.getexif()
            assert exif[0x8298] == "of the photo"
            assert exif.get_ifd(0x8769)[0x9003] == "2024:06:01 12:30:59"
            assert exif.get_ifd(0x8825).get(2, (None,))[0] == latitude
        assert artcnn("again", f"{command}.jpg", "--out", f"{command}-2.jpg", *more).exit_code == 0
        assert sha256(folder / f"{command}-2.jpg") == sha256(folder / f"{command}.jpg")
    film = artcnn("dream", "photo.png", "--zoom", "1.1", "--keep-gps", "-o", "x.webp")
    assert film.exit_code == 1
    assert "error: --keep-gps: a film tells nothing of the photo, leave it out" in film.stderr


@pytest.mark.slow
def test_intermediate_pictures_can_be_kept_and_made_again(quick, artcnn, folder):
    quick("dream", "--save-every", "1", "--out", "d.png")
    assert sorted(p.name for p in folder.glob("d*.png")) == ["d-0001.png", "d.png"]
    assert sha256(folder / "d-0001.png") != sha256(folder / "d.png")
    assert "interrupted after step 1" in artcnn("show", "d-0001.png").stdout
    artcnn("again", "d-0001.png", "--out", "e.png")
    assert sha256(folder / "d-0001.png") == sha256(folder / "e.png")


@pytest.mark.slow
def test_intermediate_pictures_replace_none(quick, folder):
    (folder / "photo.png").rename(folder / "d-0001.png")
    before = sha256(folder / "d-0001.png")
    (folder / "photo.png").write_bytes((folder / "d-0001.png").read_bytes())
    quick("dream", "--save-every", "1", "--out", "d.png")
    assert sorted(p.name for p in folder.glob("d*.png")) == ["d-0001-2.png", "d-0001.png", "d.png"]
    assert sha256(folder / "d-0001.png") == before


@pytest.mark.slow
def test_a_clear_place_of_a_mask_is_black(quick, folder):
    """White paint on a clear layer is the same mask as white on black."""
    clear, black = Image.new("RGBA", (72, 48), (255, 255, 255, 0)), Image.new("L", (72, 48), 0)
    for mask, white in ((clear, (255, 255, 255, 255)), (black, 255)):
        mask.paste(white, (0, 0, 36, 48))
    clear.save(folder / "clear.png")
    black.save(folder / "black.png")
    pictures = []
    for name in ("clear.png", "black.png"):
        quick("dream", "--mask", name, "--out", f"of-{name}")
        pictures.append(Image.open(folder / f"of-{name}").tobytes())
    assert pictures[0] == pictures[1]


def test_a_story_too_long_for_a_picture_is_refused_before_the_work(artcnn, folder, monkeypatch):
    monkeypatch.setattr("artcnn.files.provenance.MAX_PROVENANCE", 300)
    monkeypatch.delattr("artcnn.jobs.runner.run")
    for more in ([], ["--zoom", "1.1", "-o", "x.webp"]):
        result = artcnn("dream", "photo.png", "--size", "48", *more)
        assert result.exit_code == 1
        assert "error: the recipe does not fit into a picture: 300 characters do" in result.stderr


@pytest.mark.slow
def test_precedence_is_option_then_set_then_preset(quick, folder):
    (folder / "mine.toml").write_text('description = "x"\njitter = 1\nsmoothing = 2.0\npalette = 0.1\n')
    recipe = quick("dream", "-p", "mine.toml", "--set", "smoothing=3", "--set", "palette=0.2", "--palette", "0.3")[
        "recipe"
    ]
    assert (recipe["jitter"], recipe["smoothing"], recipe["palette"]) == (1, 3.0, 0.3)


@pytest.mark.slow
def test_layers_may_be_given_one_by_one_or_in_a_list(quick):
    layers = ["relu2_1", "conv5_3:200=0.5"]
    assert quick("dream", "--layer", layers[0], "--layer", layers[1])["recipe"]["layers"] == layers
    assert quick("dream", "--set", f"layers={','.join(layers)}")["recipe"]["layers"] == layers


@pytest.mark.slow
def test_ctrl_c_keeps_the_picture_reached_so_far(folder, artcnn, begin):
    endless = "dream", "photo.png", "--size", "64", "--octaves", "1", "--steps", "9999"
    with begin("-m", "artcnn", *endless) as process:
        line = process.stderr.readline()
        while "step 1 of" not in line:
            assert line, "the run ended by itself"
            line = process.stderr.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == "photo-dream.png\n"
    assert "stopped after step" in err
    assert "of 9999" in err
    assert "Traceback" not in err
    assert read_picture(folder / "photo-dream.png").pixels.shape == (1, 3, 43, 64)
    shown = json.loads(artcnn("show", "photo-dream.png", "--json").stdout)
    assert 0 < shown["stopped_after"] < 9999
    artcnn("again", "photo-dream.png", "-o", "b.png")
    assert sha256(folder / "b.png") == sha256(folder / "photo-dream.png")


def test_a_disk_that_fails_leaves_no_half_picture(artcnn, folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = artcnn("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "1")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "error: cannot write photo-dream.png: no space left on device"
    assert sorted(p.name for p in folder.iterdir()) == ["painting.png", "photo.png"]


def test_the_preview_is_the_picture_in_half_blocks():
    image = torch.zeros(1, 3, 4, 2)
    image[0, 0, ::2] = 1  # red rows above, black ones below
    text = half_blocks(image, columns=2, rows=2)
    assert text.plain == "▀▀\n▀▀\n"
    assert {str(span.style) for span in text.spans} == {"#ff0000 on #000000"}


def test_presets_are_listed_shown_and_added_to(artcnn, folder):
    from artcnn.locations import user_presets_dir

    listed = artcnn("presets").stdout
    assert listed.splitlines()[0].split() == ["command", "preset", "what", "it", "does"]
    assert "gatys" in listed
    mine = user_presets_dir() / "dream" / "mine.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text('description = "My own"\noctaves = 2\n')
    rows = json.loads(artcnn("presets", "--json").stdout)
    assert {"kind": "dream", "name": "mine", "description": "My own", "path": str(mine)} in rows
    shown = artcnn("presets", "show", "mine").stdout
    assert "octaves = 2" in shown
    assert "steps = 10" in shown
    (folder / "copy.toml").write_text(shown)
    assert artcnn("presets", "show", "copy.toml").stdout.splitlines()[1:] == shown.splitlines()[1:]
    for name in ("dream/default", "style/default", "gatys"):
        assert artcnn("presets", "show", name).exit_code == 0
