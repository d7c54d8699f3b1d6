"""artcnn.inspect: what the commands find, from Python, of our networks and of modules that people bring."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from typer.testing import CliRunner

import artcnn
from artcnn.cli import app
from artcnn.errors import ArtcnnError
from artcnn.inspection.subject import show
from artcnn.pictures import as_source, in_memory

inspect = artcnn.inspect


@pytest.fixture(scope="module")
def digit(samples) -> Path:
    return samples / "digit.png"


@pytest.fixture(scope="module")
def lecture():
    return inspect.open_network("mnist-lecture")


@pytest.fixture
def module() -> nn.Module:
    """Return a module of two blocks, its weights written by a formula, that takes 3 x 40 x 40 and gives 3 answers."""
    module = nn.Sequential()
    module.add_module("stem", nn.Sequential(nn.Conv2d(3, 4, 5, stride=2), nn.ReLU(inplace=True)))
    module.add_module("deep", nn.Sequential(nn.Conv2d(4, 6, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1)))
    module.add_module("head", nn.Sequential(nn.Flatten(), nn.Linear(6, 3)))
    for parameter in module.parameters():
        count = torch.arange(1, parameter.numel() + 1, dtype=torch.float32)
        parameter.data = (torch.sin(count * 1.7) * 0.5).reshape(parameter.shape)
    return module.train()


@pytest.mark.parametrize(
    ("command", "look"),
    [
        (["layers"], lambda net, image: inspect.layers(net)),
        (["filters", "conv2:1-3"], lambda net, image: inspect.filters(net, "conv2:1-3")),
        (["filters", "conv2", "--first", "2"], lambda net, image: inspect.filters(net, "conv2", first=2)),
        (["activations", "IMAGE", "conv2:7"], lambda net, image: inspect.activations(net, image, ["conv2:7"])),
        (["saliency", "IMAGE"], lambda net, image: inspect.saliency(net, image)),
        (
            ["saliency", "IMAGE", "--class", "8", "--method", "gradcam"],
            lambda net, image: inspect.saliency(net, image, 8, "gradcam"),
        ),
        (
            ["occlusion", "IMAGE", "--window", "9", "--stride", "9", "--fill", "0.5"],
            lambda net, image: inspect.occlusion(net, image, window=9, stride=9, fill=0.5),
        ),
        (
            ["maximize", "conv", "conv2:7", "--steps", "2", "--seed", "1"],
            lambda net, image: inspect.maximize(net, "conv2:7", steps=2, seed=1),
        ),
        (["maximize", "class", "3", "--steps", "2"], lambda net, image: inspect.maximize(net, target=3, steps=2)),
        (
            ["maximize", "class", "3", "--diversity", "2", "--steps", "2"],
            lambda net, image: inspect.maximize(net, target=3, diversity=2, steps=2),
        ),
        (
            ["maximize", "conv", "conv2:7+conv2:9=-0.5", "--steps", "9"],
            lambda net, image: inspect.maximize(net, "conv2:7+conv2:9=-0.5", steps=9),
        ),
        (["grid", "IMAGE", "conv2", "--steps", "2"], lambda net, image: inspect.grid(net, image, "conv2", steps=2)),
        (
            ["caricature", "IMAGE", "conv1", "relu1", "--steps", "2"],
            lambda net, image: inspect.caricature(net, image, ["conv1", "relu1"], steps=2),
        ),
        (
            ["saliency", "IMAGE", "--method", "masks,lrp-zplus", "--masks", "50", "--seed", "3"],
            lambda net, image: inspect.saliency(net, image, method="masks,lrp-zplus", masks=50, seed=3),
        ),
        (
            ["invert", "IMAGE", "conv1", "--steps", "2"],
            lambda net, image: inspect.invert(net, image, ["conv1"], steps=2),
        ),
        (
            ["fool", "IMAGE", "--to", "8", "--steps", "60"],
            lambda net, image: inspect.fool(net, image, "8", steps=60),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_function_finds_what_its_command_finds(command, look, lecture, digit, tmp_path):
    words = [str(digit) if word == "IMAGE" else word for word in command]
    done = CliRunner().invoke(app, ["inspect", *words, "--out", str(tmp_path / "command")])
    assert done.exit_code == 0, done.output
    look(lecture, digit).save(tmp_path / "function")
    for name in ("sheet.png", "values.csv", "data.npz"):
        made = [tmp_path / by / name for by in ("command", "function")]
        assert made[0].exists() == made[1].exists()
        if name != "data.npz" and made[0].exists():
            assert made[0].read_bytes() == made[1].read_bytes(), name
        elif made[0].exists():
            with np.load(made[0]) as one, np.load(made[1]) as other:
                assert one.files == other.files
                assert all(np.array_equal(one[key], other[key]) for key in one.files)


def test_a_picture_comes_from_anywhere(lecture, digit):
    expected = inspect.activations(lecture, digit, ["conv1"]).arrays["activations"]
    image = Image.open(digit).convert("RGB")
    for same in (str(digit), digit.read_bytes(), image, np.asarray(image)):
        assert torch.equal(inspect.activations(lecture, same, ["conv1"]).arrays["activations"], expected)
    as_shown = show(lecture, digit, 224).picture
    assert as_shown.shape == (1, 1, 28, 28)
    for tensor in (as_shown, as_shown[0]):
        assert torch.equal(inspect.activations(lecture, tensor, ["conv1"]).arrays["activations"], expected)


def test_a_model_that_was_read_is_looked_into(digit):
    model = artcnn.read_model("mnist-lecture")
    found = inspect.saliency(model, digit, method="gradient")
    assert torch.equal(found.arrays["saliency"], inspect.saliency("mnist-lecture", digit).arrays["saliency_gradient"])


def test_sounds_and_games_are_files(samples):
    word = inspect.saliency("speech-digits", samples / "word.wav", method="gradient")
    assert word.tiles[0].axes is not None
    with pytest.raises(ArtcnnError, match="takes the file of a recording"):
        inspect.saliency("speech-digits", torch.rand(3, 64, 64))
    with pytest.raises(ArtcnnError, match="^rise: a board without .* is another position: use gradient"):
        inspect.saliency("go-moves", samples / "game.sgf", method="rise")
    found = inspect.saliency("go-moves", samples / "game.sgf", method="lrp-zplus,layercam")
    kept, _ = found.rows
    assert kept["sum"] == pytest.approx(kept["output"], rel=1e-3), "where nothing is lost"
    assert "layercam of relu4" in str(found.tiles[2].caption)
    maps = inspect.activations("go-moves", samples / "game.sgf", ["conv1:0"])
    assert "to move" in str(maps.tiles[0].caption)


@pytest.mark.slow
def test_a_module_is_looked_into_in_every_way(module, samples):
    network = inspect.open_module(module, 40, std=(0.5,), classes=["cat", "dog", "cow"])
    photo = samples / "castle.jpg"
    rows = inspect.layers(network).rows
    assert [row["name"] for row in rows][:2] == ["stem.0", "stem.1"]
    assert "fully_connected" not in rows[0], "nobody knows what a layer of any graph reads"
    assert inspect.filters(network).settings["layer"] == "stem.0"
    assert inspect.filters(network, "deep.0:2").pictures.shape[0] == 4
    assert inspect.activations(network, photo, ["stem", "deep"]).arrays["activations_stem"].shape == (4, 18, 18)
    assert inspect.saliency(network, photo, "cow").settings["class"] == "cow"
    assert inspect.occlusion(network, photo, window=20, stride=20).arrays["occlusion"].shape == (2, 2, 3)
    assert inspect.maximize(network, "deep:1", steps=2).arrays["image_texture"].shape == (1, 3, 40, 40)
    assert inspect.maximize(network, target="dog", steps=2).rows[0]["unit"] == "dog"
    assert inspect.invert(network, photo, ["stem"], steps=2).rows[0]["layer"] == "stem"
    own = inspect.saliency(network, photo, method="gradient").settings["class"]
    other = next(name for name in network.classes if name != own)
    assert inspect.fool(network, photo, other, confidence=0.5, steps=50).rows[0]["to"] == other
    assert {row["map"] for row in inspect.check(network, photo).rows} >= {"gradient", "gradcam", "occlusion", "random"}
    assert {"picture", "matrix", "shapes"} <= inspect.convolution(network, photo).keys()
    assert module.training
    assert module.stem[1].inplace


class Tokens(nn.Module):
    """A module that, as a vision transformer does, goes on with a row of tokens after its convolution."""

    def __init__(self):
        super().__init__()
        self.embed, self.norm, self.head = nn.Conv2d(3, 6, 8, stride=8), nn.LayerNorm(6), nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.norm(self.embed(x).flatten(2).transpose(1, 2)).mean(1))


@pytest.mark.slow
def test_a_module_may_have_layers_without_maps(samples):
    network = inspect.open_module(Tokens(), 32)
    photo = samples / "castle.jpg"
    assert [row["output"] for row in inspect.layers(network).rows] == ["6x4x4", "16x6", "3"]
    said = []
    found = inspect.saliency(network, photo, method="all", masks=20, on_progress=said.append)
    assert [row["method"] for row in found.rows][-4:] == ["gradcam", "layercam", "scorecam", "rise"]
    why = "Tokens computes nn.functional.layer_norm, for which LRP has no rule"
    assert said[0] == f"left out: lrp-epsilon, lrp-zplus: {why}"
    assert [row["layer"] for row in inspect.convolution(network, photo)["shapes"].rows] == ["embed", "norm", "head"]
    with pytest.raises(ArtcnnError, match=r"^norm of Tokens gives 16 x 6 numbers: neither maps nor a number"):
        inspect.activations(network, photo, ["norm"])


def test_patches_of_a_module_are_of_what_it_is_shown(module, samples, tmp_path):
    for name in ("castle.jpg", "cat.webp"):
        (tmp_path / name).write_bytes((samples / name).read_bytes())
    network = inspect.open_module(module, (40, 60))
    found = inspect.patches(network, "stem:0-1", tmp_path, count=2)
    for row in found.rows:
        picture = show(network, tmp_path / row["picture"], 320).picture
        assert picture.shape == (1, 3, 40, 60)
        maps = network.run(picture, ["stem"])["stem"][0]
        unit = int(row["unit"].removeprefix("stem:"))
        assert row["value"] == pytest.approx(float(maps[unit].max()), abs=1e-6)
        assert (row["bottom"] - row["top"], row["right"] - row["left"]) == (5, 5)


def test_a_photo_is_cut_to_what_a_module_takes(module, samples):
    gray = inspect.open_module(nn.Conv2d(1, 1, 3), (20, 50), channels=1)
    shown = show(gray, samples / "castle.jpg", 224).picture
    assert shown.shape == (1, 1, 20, 50)
    assert torch.equal(show(gray, shown, 224).picture, shown)
    many = inspect.open_module(nn.Conv2d(5, 1, 3), 20, channels=5)
    with pytest.raises(ArtcnnError, match=r"takes 5 channels: give a tensor \(1, 5, 20, 20\)"):
        show(many, samples / "castle.jpg", 224)


def test_mistakes_say_what_to_do(module, lecture, digit):
    with pytest.raises(ArtcnnError, match=r"^Sequential: say how it takes pictures.*open_module\(module, 224, mean"):
        inspect.saliency(module, digit)
    network = inspect.open_module(module, 40)
    with pytest.raises(ArtcnnError, match=r"^Sequential has no layer 'stem.7': the nearest are stem\.\d"):
        inspect.activations(network, digit, ["stem.7"])
    for wrong in (lambda: inspect.maximize(lecture), lambda: inspect.maximize(lecture, "conv1", target=3)):
        with pytest.raises(ArtcnnError, match="give units, such as 'conv2:7', or the target"):
            wrong()
    with pytest.raises(ArtcnnError, match="gradients: did you mean 'gradient'"):
        inspect.saliency(lecture, digit, method="gradients")
    with pytest.raises(ArtcnnError, match="is 3 to mnist-lecture already"):
        inspect.fool(lecture, digit, 3)
    with pytest.raises(ArtcnnError, match="confidence 1: give a probability"):
        inspect.fool(lecture, digit, 8, confidence=1.0)
    with pytest.raises(ArtcnnError, match="no class 'cat'"):
        inspect.saliency(lecture, digit, "cat")
    with pytest.raises(ArtcnnError, match=r"an array of 4 x 5 x 7 float64 is no picture"):
        as_source(np.zeros((4, 5, 7)))


def test_arrays_are_pictures():
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    from_bytes, from_floats = in_memory(pixels).pixels, in_memory(pixels / 255)
    torch.testing.assert_close(from_bytes, from_floats)
    assert torch.equal(in_memory(pixels[..., 0]).pixels[:, :1], from_bytes[:, :1])
    assert torch.equal(in_memory(pixels[..., 0] / 255), in_memory(pixels[..., [0, 0, 0]] / 255))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    assert torch.equal(in_memory(file.getvalue()).pixels, from_bytes)


def test_importing_artcnn_does_not_open_the_inspector():
    code = "import sys, artcnn; artcnn.__all__; print('torch' in sys.modules, 'artcnn.inspect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_pictures_of_ones_own_share_a_scale_and_keep_their_numbers():
    maps = {"low": torch.tensor([[-1.0, 0.0], [0.5, 1.0]]), "high": torch.tensor([[0.0, 4.0], [2.0, -4.0]])}
    found = inspect.pictures({"picture": torch.ones(1, 1, 2, 2), **maps}, side=20)
    scale = found.tiles[1].key
    assert found.tiles[0].key is None
    assert scale == found.tiles[2].key
    assert (scale.low, scale.high) == (-4, 4)
    assert [row["max"] for row in found.rows] == [1, 1, 4]
    assert found.pictures.shape == (3, 3, 20, 20)
    assert found.pictures[0].min() == 255
    assert torch.equal(found.pictures[2, :, 0, 0], found.pictures[1, :, 0, -1]), "zero has the same color in both"
    red, _, blue = found.pictures[2, :, 0, -1].tolist()
    assert red > blue
    alone = inspect.pictures(maps, side=20, shared=False)
    assert [tile.key.high for tile in alone.tiles] == [1, 4]


def test_pictures_of_ones_own_may_be_files_and_must_be_pictures(samples):
    found = inspect.pictures({"castle": samples / "castle.jpg"}, side=30)
    assert found.pictures.shape[:3] == (1, 3, 30)
    assert found.to_pil().height > 30
    with pytest.raises(ArtcnnError, match="odd: 2 x 3 x 4 x 4 is neither a picture"):
        inspect.pictures({"odd": torch.zeros(2, 3, 4, 4)})
    with pytest.raises(ArtcnnError, match="no pictures to show"):
        inspect.pictures({})


def test_a_sample_is_found_by_its_name(samples):
    assert artcnn.sample("digit.png").read_bytes() == (samples / "digit.png").read_bytes()
    with pytest.raises(ArtcnnError, match="there is no sample 'castel.jpg'") as raised:
        artcnn.sample("castel.jpg")
    assert raised.value.hint == "did you mean 'castle.jpg'?"
