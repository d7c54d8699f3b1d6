"""What a person steers a style by, as it is typed."""

import json

import pytest
import torch
from PIL import Image

from artcnn.files.read import read_picture


@pytest.fixture
def more(folder):
    """Put a second painting, masks and a folder of paintings beside the photo."""
    Image.open(folder / "painting.png").rotate(90, expand=True).save(folder / "other.png")
    (folder / "paintings").mkdir()
    for name in ("painting.png", "other.png"):
        Image.open(folder / name).save(folder / "paintings" / name)
    left = Image.new("L", (72, 48), 0)
    left.paste(255, (0, 0, 36, 48))
    left.save(folder / "left.png")
    Image.new("L", (60, 60), 255).save(folder / "square.png")
    return folder


@pytest.fixture
def painted(artcnn, more):
    """Return what makes a small picture with options, and its pixels."""

    def run(*arguments):
        small = ("--size", "64", "--set", "min_size=64", "--set", "fine_steps=2", "-o", "made.png", "--force")
        result = artcnn("style", *arguments, *small)
        assert result.exit_code == 0, result.output
        return read_picture("made.png").pixels

    return run


@pytest.mark.slow
def test_a_single_weight_may_be_set_as_a_number(painted):
    alone = painted("photo.png", "painting.png", "--blend", "1")
    assert torch.equal(painted("photo.png", "painting.png", "--set", "blend=1"), alone)


@pytest.mark.slow
def test_several_paintings_by_weights_by_masks_and_by_folder(painted, artcnn):
    alone = painted("photo.png", "painting.png")
    assert torch.equal(painted("photo.png", "painting.png", "other.png", "--blend", "1,0"), alone)
    both = painted("photo.png", "painting.png", "other.png", "--blend", "1,1")
    assert not torch.equal(both, alone)
    shown = json.loads(artcnn("show", "made.png", "--json").stdout)
    assert [entry["name"] for entry in shown["inputs"]] == ["photo", "painting", "painting2"]
    assert torch.equal(painted("photo.png", "paintings", "--blend", "0,1"), alone)  # other.png comes first
    masked = painted("photo.png", "painting.png", "other.png", "--mask", "painting2=left.png")
    assert not torch.equal(masked, both)


@pytest.mark.slow
def test_a_controlled_picture_can_be_made_again(painted, artcnn, more):
    options = ("--mask", "painting2=left.png", "--protect", "left.png", "--colors", "content", "--strength", "0.8")
    painted("photo.png", "painting.png", "other.png", *options, "--method", "moments")
    result = artcnn("again", "made.png", "-o", "again.png")
    assert result.exit_code == 0, result.output
    assert (more / "again.png").read_bytes() == (more / "made.png").read_bytes()


@pytest.mark.slow
def test_neighbors_are_painted_told_of_and_made_again(painted, artcnn, more):
    by_preset = painted("photo.png", "painting.png", "--preset", "brush", "--set", "precision=float32")
    by_method = painted("photo.png", "painting.png", "--method", "neighbors", "--precision", "float32")
    assert torch.equal(by_preset, by_method)
    assert not torch.equal(by_preset, painted("photo.png", "painting.png", "--precision", "float32"))
    options = ("--mask", "painting2=left.png", "--protect", "left.png", "--strength", "0.8", "--method", "neighbors")
    painted("photo.png", "painting.png", "other.png", *options)
    result = artcnn("again", "made.png", "-o", "again.png", "--json")
    assert result.exit_code == 0, result.output
    assert (more / "again.png").read_bytes() == (more / "made.png").read_bytes()
    told = json.loads(result.stdout)
    assert 0 < told["loss"]["style"] < 2
    assert told["recipe"]["style_layers"][0] == "relu1_2=0.3"


@pytest.mark.slow
def test_what_is_protected_is_the_photo_in_the_file(painted, folder):
    image = painted("photo.png", "painting.png", "--protect", "left.png", "--set", "fine_steps=6")
    photo = read_picture("photo.png").pixels
    from artcnn.files.write import quantize
    from artcnn.image import fit

    kept = quantize(fit(photo, 64))
    torch.testing.assert_close(image[..., :28], kept[..., :28], atol=1e-6, rtol=0)
    assert (image - kept)[..., 40:].abs().mean() > 0.02


@pytest.mark.slow
def test_a_mask_of_another_shape_is_stretched_with_a_note(artcnn, more):
    result = artcnn(
        "style",
        "photo.png",
        "painting.png",
        "--protect",
        "square.png",
        "--size",
        "48",
        "--set",
        "fine_steps=1",
        "--set",
        "min_size=48",
    )
    assert result.exit_code == 0
    assert "the mask square.png has another shape than the photo: it is stretched" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["painting.png", "--mask", "left.png"], "--mask left.png: write it as painting2=mask.png"),
        (["painting.png", "--mask", "painting0=left.png"], "write it as painting2=mask.png"),
        (["painting.png", "--mask", "painting2=left.png"], "2 paintings and a photo are needed"),
        (["painting.png", "--mask", "painting=left.png", "--mask", "painting1=left.png"], "painting 1 has two masks"),
        (["painting.png", "--blend", "1,2,3"], "3 paintings and a photo are needed"),
        (["paintings", "--blend", "1,2,3"], "there are 2 paintings and 3 weights"),
        (["painting.png", "--blend", "0"], "at least one weight must be above 0"),
        (["painting.png", "--set", "blend=0"], "at least one weight must be above 0"),
        (["painting.png", "--set", "blend=true"], "blend: write it as numbers with commas between, not True"),
        (["painting.png", "--set", "style_crop=1"], "style_crop: write it as LEFT,TOP,RIGHT,BOTTOM"),
        (["painting.png", "--blend", "a,b"], "blend: write it as numbers with commas between, not 'a,b'"),
        (["painting.png", "--protect", "missing.png"], "no such file: missing.png"),
        (["painting.png", "--strength", "2"], "strength: should be less than or equal to 1"),
        (["painting.png", "--colors", "green"], "colors: should be 'style', 'content' or 'match'"),
        (["painting.png", "--style-crop", "0.5,0,0.2,1"], "left below right and top below bottom"),
        (["painting.png", "--style-crop", "0.5,0"], "style_crop: write it as LEFT,TOP,RIGHT,BOTTOM"),
        (["painting.png", "--method", "magic"], "method: should be"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_one_line_before_anything_slow(artcnn, more, arguments, complaint):
    before = sorted(path.name for path in more.iterdir())
    result = artcnn("style", "photo.png", *arguments)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert complaint in line
    assert sorted(path.name for path in more.iterdir()) == before


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_texture_that_tiles(artcnn, folder):
    def seam(name, *options):
        """Return how far neighbors differ across the border, in units of how far they differ inside, by axis."""
        small = ("--set", "min_size=64", "--set", "coarse_steps=20", "--set", "fine_steps=8", "--seed", "3", "-o", name)
        result = artcnn("texture", "painting.png", "--size", "96", *options, *small)
        assert result.exit_code == 0, result.output
        x = read_picture(folder / name).pixels
        assert x.shape == (1, 3, 96, 96)
        across = [(x.narrow(dim, 0, 1) - x.narrow(dim, -1, 1)).abs().mean() for dim in (2, 3)]
        return torch.tensor([step / x.diff(dim=dim).abs().mean() for step, dim in zip(across, (2, 3), strict=True)])

    # On a ring the border is a place like any other: 1 is expected. Borders that know nothing of each other differ as
    # far as two places drawn at random, which is some three times as far in this painting's texture.
    assert (seam("tile.png", "--tileable") < 0.6 * seam("picture.png")).all()
    again = artcnn("again", "tile.png", "-o", "again.png")
    assert again.exit_code == 0, again.output
    assert (folder / "again.png").read_bytes() == (folder / "tile.png").read_bytes()
    named = artcnn("texture", "painting.png", "--size", "64", "--set", "min_size=64", "--set", "fine_steps=1")
    assert named.stdout.split() == ["painting-texture.png"]


def test_a_texture_that_cannot_tile(artcnn, folder):
    result = artcnn("texture", "painting.png", "--size", "100", "--tileable")
    assert result.exit_code == 1
    assert result.stderr == "error: size 100: a tileable texture needs a multiple of 32: use --size 96\n"
