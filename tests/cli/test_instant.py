"""``artcnn instant``: photos painted at once, in styles that ship and in styles of one's own."""

import json
from io import BytesIO
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from artcnn.cli import app
from artcnn.files.int8 import to_int8
from artcnn.files.model import read_model, write_model
from artcnn.files.read import read_picture
from artcnn.image import fit


@pytest.fixture
def make(artcnn, tiny_styles):
    """Return what paints a small picture of photo.png and returns its pixels."""

    def run(*arguments: str | Path, photo: str = "photo.png") -> torch.Tensor:
        result = artcnn("instant", photo, "--size", "48", "--precision", "float32", *arguments)
        assert result.exit_code == 0, result.output
        return read_picture(Path(result.stdout.strip())).pixels

    return run


def test_a_photo_is_painted_beside_itself_and_told_about(artcnn, tiny_styles, folder):
    result = artcnn("instant", "photo.png", "--style", "cafe", "--size", "48")
    assert (result.exit_code, result.stdout) == (0, "photo-cafe.png\n")
    assert "48 x 32: step 1 of 1\n" in result.stderr
    assert read_picture(Path("photo-cafe.png")).pixels.shape == (1, 3, 32, 48)
    report = json.loads(artcnn("instant", "photo.png", "--style", "cafe=3,wave", "--size", "48", "--json").stdout)
    assert report["out"] == "photo-cafe-wave.png"
    assert (report["width"], report["height"], report["steps"]) == (48, 32, 1)
    assert report["recipe"]["style"] == "cafe=0.75,wave=0.25"
    assert report["estimate"]["bytes"] > 1e8


def test_a_blend_of_two_equal_styles_is_the_style(make, make_style):
    make_style("twin.safetensors", 0)
    alone, blended = make("--style", "wave"), make("--style", "wave=0.3,twin.safetensors=0.7")
    assert (alone - blended).abs().max() <= 1.01 / 255
    assert (alone - make("--style", "cafe")).abs().mean() > 0.02


def test_strength_0_is_the_photo_and_half_is_between(make, folder):
    photo = fit(read_picture(folder / "photo.png").pixels, 48)
    assert torch.equal(make("--strength", "0"), (photo * 255).round() / 255)
    whole, half = make(), make("--strength", "0.5")
    assert (half - (photo + whole) / 2).abs().max() < 2 / 255


def test_what_is_protected_is_the_photo(make, folder):
    mask = Image.new("L", (72, 48))
    mask.paste(255, (36, 0, 72, 48))
    mask.save(folder / "mask.png")
    photo = (fit(read_picture(folder / "photo.png").pixels, 48) * 255).round() / 255
    made = make("--protect", "mask.png")
    assert torch.equal(made[..., 28:], photo[..., 28:])
    assert (made - photo)[..., :20].abs().mean() > 0.02


def test_a_mask_of_another_shape_is_stretched_with_a_note(artcnn, tiny_styles, folder):
    Image.new("L", (40, 60), 255).save(folder / "mask.png")
    result = artcnn("instant", "photo.png", "--size", "48", "--protect", "mask.png")
    assert "note: the mask mask.png has another shape than the photo: it is stretched" in result.stderr


def test_opacity_orientation_and_copyright_of_the_photo_stay(artcnn, tiny_styles, folder):
    exif = Image.Exif()
    exif[0x0112], exif[0x8298] = 6, "Somebody"
    with Image.open("photo.png") as photo:
        photo.save("turned.jpg", exif=exif)
        photo.putalpha(Image.linear_gradient("L").resize(photo.size))
        photo.save("clear.png")
    assert artcnn("instant", "clear.png", "turned.jpg", "--size", "48", "-o", "out").exit_code == 0
    with Image.open("out/clear-wave.png") as clear, Image.open("out/turned-wave.png") as turned:
        assert clear.getchannel("A").getextrema() == (3, 252)
        assert turned.size == (32, 48)
        assert turned.getexif()[0x8298] == "Somebody"


def test_a_pipe(tiny_styles, folder):
    content = Path("photo.png").read_bytes()
    result = CliRunner().invoke(app, ["instant", "-", "--size", "48"], input=content)
    assert result.exit_code == 0
    with Image.open(BytesIO(result.stdout_bytes)) as made:
        assert made.size == (48, 32)


def test_a_folder_is_painted_once(artcnn, tiny_styles, folder):
    album = folder / "album"
    album.mkdir()
    with Image.open("photo.png") as photo:
        photo.save(album / "a.png"), photo.save(album / "b.jpg")
    (album / "c.jpg").write_bytes(b"no picture")
    command = "instant", "album", "--size", "48", "-o", "out"
    first = artcnn(*command)
    assert (first.exit_code, first.stdout.split()) == (1, ["out/a-wave.png", "out/b-wave.png"])
    assert first.stderr.count("loading the styles") == 1
    again = artcnn(*command)
    assert again.stderr.splitlines()[-1] == "0 made, 2 there already, 1 failed"
    assert artcnn(*command, "--strength", "0.5").stderr.splitlines()[-1] == "2 made, 0 there already, 1 failed"


@pytest.mark.parametrize("style", ["wave=1,cafe=2", "own.safetensors=0.4,cafe=0.6"])
def test_the_same_again(artcnn, make, make_style, folder, style):
    make_style("own.safetensors", 1, 1.5)
    make("--style", style, "-o", "first.png")
    assert artcnn("again", "first.png", "-o", "second.png").exit_code == 0
    assert Path("first.png").read_bytes() == Path("second.png").read_bytes()
    if "own" in style:
        shown = artcnn("show", "first.png").stdout
        assert "# style: own.safetensors (unchanged), sha256" in shown
        assert 'style = "own.safetensors=0.4,cafe=0.6"' in shown


def test_a_style_of_ones_own_may_move_but_not_change_in_secret(artcnn, make, make_style, folder):
    made = make("--style", str(make_style("own.safetensors", 1, 1.5)), "-o", "first.png")
    (folder / "styles").mkdir()
    Path("own.safetensors").rename("styles/church.safetensors")
    missing = artcnn("again", "first.png")
    assert missing.exit_code == 1
    assert "error: the style own.safetensors is not there" in missing.stderr
    moved = artcnn("again", "first.png", "photo.png", "styles/church.safetensors", "-o", "second.png")
    assert moved.exit_code == 0, moved.output
    assert torch.equal(read_picture(Path("second.png")).pixels, made)
    make_style("own.safetensors", 2)
    changed = artcnn("again", "first.png", "-o", "third.png")
    assert "note: the style own.safetensors has changed since, so the result will be another" in changed.stderr


def test_another_network_is_told(artcnn, make, tiny_styles, folder):
    make("-o", "first.png")
    model = read_model(tiny_styles)
    changed = {name: x * 1.25 for name, x in model.network.state_dict().items()}
    write_model(tiny_styles, to_int8(changed), model.card)
    result = artcnn("again", "first.png", "-o", "second.png")
    assert "note: the styles that ship have changed since, so the result will be another" in result.stderr
    assert Path("first.png").read_bytes() != Path("second.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--style", "wavy"], "there is no style 'wavy': did you mean 'wave'?"),
        (["--style", "zzz"], "there is no style 'zzz': choose from wave, cafe, night-cafe"),
        (["--style", "wave=x"], "style: the weight of 'wave' is a number above 0, not 'x'"),
        (["--style", "wave,wave"], "style: 'wave' is there twice"),
        (["--style", "no.safetensors"], "no such file: no.safetensors"),
        (["--style", "./photo.png"], "photo.png: the file of a style ends in .safetensors: rename it"),
        (["--style", "fake.safetensors"], "fake.safetensors is not a model file, or a damaged one"),
        (
            ["--style", "MODELS/mnist-lecture.safetensors"],
            "mnist-lecture.safetensors has no style: 'artcnn instant learn'",
        ),
        (["--size", "40"], "the picture would be 40 x 27 pixels, and its short side needs 32: use size 48 or more"),
        (["--strength", "2"], "strength: should be less than or equal to 1"),
        (["--protect", "no.png"], "no such file: no.png"),
        (["--preset", "no"], "no instant preset 'no'"),
    ],
)
def test_a_mistake_is_one_line_before_anything_slow(refused, tiny_styles, folder, arguments, complaint):
    from artcnn import locations

    (folder / "fake.safetensors").write_bytes(b"nothing")
    models = str(locations.bundled_models_dir())
    refused(complaint, "instant", "photo.png", *(text.replace("MODELS", models) for text in arguments))


def test_styles_are_listed(artcnn, tiny_styles):
    listed = artcnn("instant", "styles")
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["name", "wave", "cafe", "night-cafe"]
    assert json.loads(artcnn("instant", "styles", "--json").stdout)[1]["name"] == "cafe"


@pytest.mark.slow
def test_a_sheet_of_all_styles(artcnn, tiny_styles, folder):
    result = artcnn("instant", "styles", "photo.png", "--size", "48", "-o", "sheet.png", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [one["options"] for one in report["pictures"]] == ["--style wave", "--style cafe", "--style night-cafe"]
    assert report["command"] == "artcnn instant photo.png --size 48"
    other = artcnn(
        "sheet", "instant", "photo.png", "--size", "48", "--vary", "strength=0,1", "--vary", "style=wave,cafe"
    )
    assert (other.exit_code, other.stdout) == (0, "photo-instant-sheet.png\n")


def test_the_sheet_compares_styles_of_ones_make_style(artcnn, make_style, folder):
    make_style("a.safetensors", 0), make_style("b.safetensors", 1)
    result = artcnn("sheet", "instant", "photo.png", "--size", "48", "--vary", "style=a.safetensors,wave,b.safetensors")
    assert result.exit_code == 0, result.output


def test_help_lists_what_else_there_is(artcnn):
    shown = artcnn("instant", "--help")
    assert shown.exit_code == 0
    assert "Usage: artcnn instant [OPTIONS]" in shown.stdout
    assert "--style NAME|FILE[=WEIGHT],..." in shown.stdout
    assert "  styles  List the styles that ship" in shown.stdout
    assert artcnn("instant").exit_code == 2
