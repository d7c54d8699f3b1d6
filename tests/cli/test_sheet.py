"""Contact sheets: the pictures on them are those that the commands make, in order, each with what one types for it."""

import json
import shlex
import signal
import time
import tomllib

import pytest
import torch
from PIL import Image, ImageChops

from artcnn.jobs.sweep import sweep_of
from artcnn.reports.contact_sheet import ContactSheet

QUICK = ("--size", "48", "--set", "min_size=48", "--set", "fine_steps=2")
DREAMT = ("--size", "48", "--set", "octaves=1", "--set", "steps=2")


@pytest.fixture
def sheet(artcnn):
    """Return what makes a sheet and returns the object that ``--json`` prints."""

    def run(kind: str, *arguments) -> dict:
        inputs = ["photo.png", "painting.png"] if kind == "style" else ["photo.png"]
        result = artcnn("sheet", kind, *inputs, "--json", *arguments)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


@pytest.mark.slow
def test_each_picture_is_the_one_that_the_command_makes_of_what_is_typed(artcnn, folder, sheet):
    told = sheet("style", *QUICK, "--vary", "preset=default,glaze", "--vary", "style_scale=1,2")
    assert [one["options"] for one in told["pictures"]] == [
        "--preset default --set style_scale=1",
        "--preset glaze --set style_scale=1",
        "--preset default --set style_scale=2",
        "--preset glaze --set style_scale=2",
    ]
    with Image.open(folder / told["out"]) as file:
        whole = file.convert("RGB")
    assert whole.size == (told["width"], told["height"])
    assert len({whole.crop(one["box"]).tobytes() for one in told["pictures"]}) == 4
    for one in told["pictures"][1:3]:
        words = shlex.split(f"{told['command']} {one['options']}")
        assert words[:4] == ["artcnn", "style", "photo.png", "painting.png"]
        artcnn(*words[1:], "-o", "alone.png", "--force")
        with Image.open(folder / "alone.png") as picture:
            assert ImageChops.difference(whole.crop(one["box"]), picture).getbbox() is None, one["options"]
    assert tomllib.loads(artcnn("show", "alone.png").stdout)["fine_steps"] == 2


@pytest.mark.slow
def test_paintings_are_blended(artcnn, folder, sheet):
    with Image.open(folder / "painting.png") as painting:
        painting.convert("L").convert("RGB").save(folder / "gray.png")
    artcnn("style", "photo.png", "painting.png", *QUICK, "-o", "alone.png")
    quick = ("gray.png", *QUICK, "--vary", "blend=0,1; 1,0")
    told = sheet("style", *quick)
    assert told["command"].startswith("artcnn style photo.png painting.png gray.png --set")
    assert [one["options"] for one in told["pictures"]] == ["--set blend=0,1", "--set blend=1,0"]
    with Image.open(folder / told["out"]) as whole, Image.open(folder / "alone.png") as alone:
        gray, same = (ImageChops.difference(whole.crop(one["box"]), alone).getbbox() for one in told["pictures"])
    assert same is None
    assert gray is not None


@pytest.fixture
def steered(folder):
    """Put masks and a second painting into a folder of their own, away from the photo."""
    (folder / "masks").mkdir()
    for name, size, white in (
        ("left", (72, 48), (0, 0, 36, 48)),
        ("lower", (72, 48), (0, 24, 72, 48)),
        ("square", (60, 60), (0, 0, 60, 60)),
        ("black", (60, 60), (0, 0, 0, 0)),
    ):
        mask = Image.new("L", size)
        mask.paste(255, white)
        mask.save(folder / "masks" / f"{name}.png")
    with Image.open(folder / "painting.png") as painting:
        painting.rotate(90, expand=True).save(folder / "masks" / "other.png")


STEERED = {
    "style": (
        ["masks/other.png", "--mask", "painting2=masks/left.png", "--protect", "masks/lower.png", *QUICK],
        "artcnn style photo.png painting.png other.png --mask painting2=left.png --protect lower.png --set ",
        ["painting", "painting2", "painting2_mask", "protect"],
        ["painting.png", "masks/other.png", "masks/left.png", "masks/lower.png"],
    ),
    "dream": (
        ["--guide", "painting.png", "--guide-mask", "masks/lower.png", "--mask", "masks/left.png", *DREAMT],
        "artcnn dream photo.png --guide painting.png --guide-mask lower.png --mask left.png --set ",
        ["guide", "guide_mask", "mask"],
        ["painting.png", "masks/lower.png", "masks/left.png"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", STEERED)
def test_masks_and_a_guide_hold_for_every_picture_and_are_told(artcnn, folder, sheet, steered, kind):
    arguments, command, names, files = STEERED[kind]
    told = sheet(kind, *arguments, "--vary", "strength=0.5,1", "-o", "s.png")
    assert told["command"].startswith(command)
    assert [told[name] for name in names] == files
    for path in (folder / "masks").iterdir():  # where the command is typed they are at hand
        (folder / path.name).write_bytes(path.read_bytes())
    one = told["pictures"][0]
    artcnn(*shlex.split(f"{told['command']} {one['options']}")[1:], "-o", "alone.png")
    with Image.open(folder / "s.png") as whole, Image.open(folder / "alone.png") as alone:
        assert ImageChops.difference(whole.convert("RGB").crop(one["box"]), alone).getbbox() is None
    assert f"# {command}" in artcnn("show", "s.png").stdout
    inputs = json.loads(artcnn("show", "s.png", "--json").stdout)["inputs"]
    assert [(entry["name"], entry["state"]) for entry in inputs[1:]] == [(name, "unchanged") for name in names]


@pytest.mark.slow
def test_a_mask_that_is_stretched_is_told_once(artcnn, folder, steered):
    result = artcnn("sheet", "dream", "photo.png", "--mask", "masks/square.png", *DREAMT, "--vary", "palette=0,1")
    assert result.exit_code == 0
    assert result.stderr.count("note: the mask masks/square.png has another shape than the photo") == 1


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("style", ["--mask", "masks/left.png"]),
        ("style", ["--mask", "painting2=masks/left.png"]),
        ("style", ["--mask", "painting=masks/left.png", "--mask", "painting1=masks/left.png"]),
        ("style", ["--mask", "painting=lost.png"]),
        ("style", ["--protect", "lost.png"]),
        ("dream", ["--guide-mask", "masks/left.png"]),
        ("dream", ["--guide", "lost.png"]),
        ("dream", ["--mask", "lost.png"]),
        ("dream", ["--guide", "painting.png", "--guide-mask", "masks/black.png"]),
    ],
)
def test_what_does_not_go_together_is_said_as_the_command_says_it(artcnn, folder, steered, kind, arguments):
    inputs = ["photo.png", "painting.png"] if kind == "style" else ["photo.png"]
    alone = artcnn(kind, *inputs, *arguments)
    sheet = artcnn("sheet", kind, *inputs, *arguments, "--vary", "strength=0.5,1")
    (line,) = [line for line in alone.stderr.splitlines() if line.startswith("error: ")]
    assert [line for line in sheet.stderr.splitlines() if line.startswith("error: ")] == [line]
    assert (alone.exit_code, sheet.exit_code) == (1, 1)
    assert "will take" not in alone.stderr + sheet.stderr


@pytest.mark.slow
def test_transparent_parts_are_laid_on_white_and_sizes_may_differ(artcnn, folder, sheet):
    with Image.open(folder / "photo.png") as photo:
        photo.putalpha(Image.linear_gradient("L").resize(photo.size))
        photo.save(folder / "photo.png")
    quick = ("--set", "octaves=1", "--set", "steps=1")
    told = sheet("dream", *quick, "--vary", "size=48,64", "-o", "s.png")
    assert [one["options"] for one in told["pictures"]] == ["--size 48", "--size 64"]
    sizes = [(box[2] - box[0], box[3] - box[1]) for box in (one["box"] for one in told["pictures"])]
    assert sizes == [(48, 32), (64, 43)]
    artcnn("dream", "photo.png", *quick, "--size", "64", "-o", "alone.jpg")
    artcnn("dream", "photo.png", *quick, "--size", "64", "-o", "alone.png")
    with Image.open(folder / "s.png") as whole, Image.open(folder / "alone.png") as alone:
        laid = Image.alpha_composite(Image.new("RGBA", alone.size, "white"), alone).convert("RGB")
        difference = ImageChops.difference(whole.crop(told["pictures"][1]["box"]), laid)
    assert max(high for _, high in difference.getextrema()) <= 2, "rounded once, not twice"


@pytest.mark.slow
def test_a_sheet_is_a_new_file_beside_the_photo_and_tells_how_it_was_made(artcnn, folder):
    quick = ("--size", "48", "--set", "octaves=1", "--set", "steps=1", "--vary", "palette=0,1")
    for number, name in enumerate(("photo-dream-sheet.png", "photo-dream-sheet-2.png")):
        result = artcnn("sheet", "dream", "photo.png", *quick)
        assert (result.exit_code, result.stdout) == (0, f"{name}\n")
        assert "2 pictures will take about" in result.stderr
        assert "2 of 2, --set palette=1, octave 1 of 1, 48 x 32: step 1 of 1" in result.stderr
        assert "2 of 2 pictures, 720 x " in result.stderr
        assert number or (folder / name).exists()
    shown = artcnn("show", "photo-dream-sheet.png")
    assert "# artcnn dream photo.png --set octaves=1 --set steps=1 --size 48" in shown.stdout
    assert "# picture 2: --set palette=1" in shown.stdout
    told = json.loads(artcnn("show", "photo-dream-sheet.png", "--json").stdout)
    assert [one["settings"] for one in told["pictures"]] == [{"palette": 0.0}, {"palette": 1.0}]
    assert told["recipe"]["size"] == 48
    assert [one["state"] for one in told["inputs"]] == ["unchanged"]
    again = artcnn("again", "photo-dream-sheet.png")
    assert again.exit_code == 1
    assert "is a sheet of many pictures" in again.stderr
    many = artcnn("dream", ".", "-o", "out", "--size", "48", "--set", "octaves=1", "--set", "steps=1")
    assert many.stdout.split() == ["out/painting-dream.png", "out/photo-dream.png"], "no dream on a sheet"


@pytest.mark.slow
def test_a_sheet_goes_into_jpeg_and_into_a_pipe(artcnn, folder, sheet):
    quick = ("--size", "48", "--set", "octaves=1", "--set", "steps=1", "--vary", "seed=0")
    sheet("dream", *quick, "-o", "s.jpg")
    with Image.open(folder / "s.jpg") as image:
        assert image.format == "JPEG"
    assert artcnn("sheet", "dream", "photo.png", *quick, "-o", "-").stdout_bytes.startswith(b"\x89PNG")


def test_all_presets_where_nothing_is_said_and_a_small_size():
    plan = sweep_of("dream", None)
    assert plan.axes[0].values[:2] == ("default", "animals")
    assert {recipe.size for recipe in plan.recipes} == {320}
    assert sweep_of("dream", None, pairs=["size=400"]).recipes[0].size == 400
    assert sweep_of("dream", ["size=64, 96"]).recipes[1].size == 96
    assert sweep_of("dream", ["seed=1"], options={"size": 200}).recipes[0].size == 200


def test_values_with_commas_are_parted_by_semicolons_or_stand_in_brackets():
    def layers(text: str) -> list[list[str]]:
        recipes = sweep_of("dream", [f"layers={text}"]).recipes
        return [list(recipe.model_dump()["layers"]) for recipe in recipes]

    assert layers("relu3_3,relu4_3") == [["relu3_3"], ["relu4_3"]]
    assert layers("relu3_3,relu4_3=0.5; relu5_1") == [["relu3_3", "relu4_3=0.5"], ["relu5_1"]]
    assert layers('["relu3_3","relu4_3"],relu5_1') == [["relu3_3", "relu4_3"], ["relu5_1"]]


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["--vary", "seed"], ["invalid --vary seed: write it as KEY=VALUE,VALUE, such as --vary preset="]),
        (["--vary", "seed=1,,2"], ["--vary seed=1,,2: a value is empty"]),
        (["--vary", "seed=1,1"], ["--vary seed=1,1: 1 is given twice"]),
        (["--vary", "presets=fine"], ["--vary presets: there is no such setting: did you mean 'preset'?"]),
        (
            ["--vary", "seed=1", "--vary", "seed=2"],
            ["--vary seed is given twice: give all its values in one, --vary seed=A,B,C"],
        ),
        (
            ["--vary", "seed=1", "--vary", "size=64", "--vary", "tv_weight=1"],
            ["a sheet has columns and rows: give --vary once or twice, not 3 times"],
        ),
        (["--vary", "seed=1", "--seed", "3"], ["seed cannot be both varied and fixed: leave out one of them"]),
        (["--vary", "seed=1", "--set", "seed=3"], ["seed cannot be both varied and fixed: leave out one of them"]),
        (
            ["--vary", "preset=fine,bald", "--vary", "style_scale=0,1,x", "--set", "tv_weight=-1"],
            [
                "tv_weight: should be greater than or equal to 0, not -1",
                "style_scale: should be greater than or equal to 0.1, not 0",
                "no style preset 'bald': did you mean 'bold'?",
                "style_scale: should be a valid number, unable to parse string as a number, not 'x'",
            ],
        ),
        # The photo is 72 x 48, so that two of these would be too narrow.
        (
            ["--vary", "size=40,48,44"],
            [
                "the picture would be 40 x 27 pixels, and its short side needs 32: use size 48 or more",
                "the picture would be 44 x 29 pixels, and its short side needs 32: use size 48 or more",
            ],
        ),
        (["--vary", "blend=1,1;2,1"], ["2 paintings and a photo are needed"]),
        (
            ["painting.png", "--vary", "seed=1"],
            ["there are 2 paintings: give a weight for each, such as --set blend=1,1"],
        ),
        (["--vary", "seed=1", "-o", "x.bmp"], ["cannot write x.bmp: its name must end in one of"]),
        (["--vary", "seed=1", "-o", "photo.png"], ["photo.png is what the picture is made from"]),
    ],
)
def test_every_mistake_is_told_in_a_line_before_anything_is_made(artcnn, folder, arguments, lines):
    before = sorted(folder.iterdir())
    result = artcnn("sheet", "style", "photo.png", "painting.png", *arguments)
    assert result.exit_code == 1
    errors = [line.removeprefix("error: ") for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert [error[: len(line)] for error, line in zip(errors, lines, strict=False)] == lines
    assert len(errors) == len(lines)
    assert sorted(folder.iterdir()) == before


@pytest.mark.slow
def test_a_picture_that_fails_leaves_its_place_empty(artcnn, folder, monkeypatch):
    # Of the painting, 40 x 60, a strip too narrow is left in the second, as if nobody had looked before.
    monkeypatch.setattr("artcnn.jobs.engines.check_painting", lambda *_: None)
    result = artcnn(
        "sheet", "style", "photo.png", "painting.png", *QUICK, "--vary", "style_scale=1,0.7,2", "-o", "s.png"
    )
    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert [error.split(": ")[1] for error in errors] == ["--set style_scale=0.7"]
    assert "2 of 3 pictures" in result.stderr
    assert result.stdout == "s.png\n"
    made = [one["made"] for one in json.loads(artcnn("show", "s.png", "--json").stdout)["pictures"]]
    assert made == [True, False, True]
    shown = artcnn("show", "s.png").stdout
    assert "# picture 2: --set style_scale=0.7 (not made)" in shown
    data = tomllib.loads(shown)
    assert data["recipe"]["fine_steps"] == 2
    assert data["pictures"] == [{"style_scale": 1.0}, {"style_scale": 0.7}, {"style_scale": 2.0}]


@pytest.mark.slow
def test_ctrl_c_keeps_the_pictures_that_are_done(artcnn, folder, begin):
    arguments = ["--vary", "fine_steps=1,9999", "--size", "48", "--set", "min_size=48", "-o", "s.png"]
    with begin("-m", "artcnn", "sheet", "style", "photo.png", "painting.png", *arguments) as process:
        seen = []
        for line in process.stderr:
            seen.append(line)
            if line.startswith("2 of 2"):
                break
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (seen, err)
    assert "Traceback" not in err
    assert out == "s.png\n"
    assert "1 of 2 pictures" in err
    told = json.loads(artcnn("show", "s.png", "--json").stdout)
    assert [one["made"] for one in told["pictures"]] == [True, False]


def test_what_pictures_are_made_from_is_no_wider_than_the_sheet_and_leaves_the_title_room():
    sizes, columns = [(100, 150)] * 4, [("--set", f"palette={n}") for n in range(4)]
    few, many = (
        ContactSheet(
            sizes, columns, (), "a title", "artcnn dream photo.jpg", "a hint", [torch.zeros(1, 3, 90, 90)] * count
        )
        for count in (2, 9)
    )
    assert few.size[1] == many.size[1] == 720
    assert few.boxes[0][1] < 24 + 128 + 40, "the title is beside them"
    drawn = many.draw({}, "not made")
    row = (drawn[:, :, 24:80] == 0).all(1)[0].all(0).nonzero()
    assert int(row.min()) == 24
    assert 720 - 24 - 9 <= int(row.max()) < 720 - 24, "from margin to margin, each rounded down"
    assert drawn[..., 24 + 66 : 24 + 72, :].min() == 1, "and the title below"


def test_pictures_and_labels_keep_clear_of_each_other():
    for count, rows in ((1, 0), (4, 0), (9, 0), (3, 2), (2, 5)):
        columns = [("--set", f"style_layers=relu{n},relu2_2=0.333,conv5_1:200=7") for n in range(count)]
        sides = [("--preset", f"number-{n}") for n in range(rows)]
        sizes = [(214 + 9 * n, 320) for n in range(count * max(1, rows))]
        contact = ContactSheet(
            sizes, columns, sides, "a title", "artcnn dream photo.jpg", "a hint", [torch.rand(1, 3, 90, 60)]
        )
        height, width = contact.size
        for left, top, right, bottom in contact.boxes:
            assert 0 < left < right < width
            assert 0 < top < bottom < height
        white = {number: torch.ones(1, 3, *size) for number, size in enumerate(sizes)}
        drawn = contact.draw(white, "not made")
        assert drawn.shape == (1, 3, height, width)
        for left, top, right, bottom in contact.boxes:
            assert drawn[..., top:bottom, left:right].min() == 1, "no label and no neighbor on a picture"
        assert drawn[..., -12:, :].min() == drawn[..., -12:].min() == 1, "nothing is cut off"
        assert contact.draw({}, "not made")[..., contact.boxes[0][1] + 9, contact.boxes[0][0] + 9].max() < 1
