"""Files of torch.export: the module is the one that was saved, layer by layer, and nothing in them can run code."""

import io
import json
import zipfile

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models import DenseNet, VisionTransformer
from torchvision.models.resnet import BasicBlock, ResNet

from artcnn.errors import ArtcnnError
from artcnn.files.exported import read_exported
from artcnn.inspect import load_exported, open_network
from artcnn.visualizers import saliency
from artcnn.visualizers.module_network import open_module
from artcnn.visualizers.relevance import unknown_operation

SIDE = 32
METHODS = "gradient", "integrated", "guided", "gradcam", "lrp-epsilon", "lrp-zplus"
pytestmark = pytest.mark.slow


class Small(nn.Module):
    """A convolution, an operation of no module's own, a block that is called twice, a list of tensors, a constant."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.twice = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU())
        self.scale = nn.Parameter(torch.rand(4, 1, 1))
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.twice(self.twice(F.relu(self.stem(x)) * self.scale))
        left, right = x.chunk(2, 1)
        x = torch.cat([left + right, left * torch.tensor(2.0), right.flip(1), left], 1)
        return self.head(x.mean((2, 3)))


def saved(module, batch=1, picture=True):
    """Return the bytes of a file; ``batch`` 0 is any number of pictures."""
    x = torch.rand(batch or 2, 3, SIDE, SIDE)
    dynamic = None if batch else ({0: torch.export.Dim("batch")},)
    file = io.BytesIO()
    torch.export.save(torch.export.export(module, (x,) if picture else (x, x), dynamic_shapes=dynamic), file)
    return file.getvalue()


@pytest.fixture(scope="module")
def networks():
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        transformer = VisionTransformer(SIDE, 8, 2, 2, 16, 32, num_classes=3)
        nn.init.eye_(transformer.heads.head.weight)
        return {
            "small": Small().eval(),
            "resnet": ResNet(BasicBlock, [1, 1, 1, 1], num_classes=3).eval(),
            "densenet": DenseNet(4, (2, 2), 8, num_classes=3).eval(),
            "transformer": transformer.eval(),
        }


@pytest.fixture(scope="module")
def files(networks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    for name, module in networks.items():
        (folder / f"{name}.pt2").write_bytes(saved(module, batch=0 if name in ("small", "transformer") else 1))
    return folder


@pytest.mark.parametrize("name", ["small", "resnet", "densenet", "transformer"])
def test_it_is_the_module_that_was_saved(networks, files, name):
    found, expected = open_network(str(files / f"{name}.pt2")), open_module(networks[name], SIDE)
    assert found.input_shape == (3, SIDE, SIDE)
    layers = {layer.name: layer for layer in found.layers}
    for layer in expected.layers:
        if layer.name == "forward":
            continue
        same = layers[layer.name]
        assert (same.kind, same.kernel, same.stride) == (layer.kind, layer.kernel, layer.stride), layer.name
        assert found.fields[layer.name] == expected.fields[layer.name], layer.name
    # Attention gives two things to hooks, and only one to others.
    assert {*found.outputs, "forward"} - expected.outputs.keys() <= {name for name in layers if "attention" in name} | {
        "forward"
    }
    assert found.count_weights() == expected.count_weights()
    pictures = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    wanted = [name for name in expected.outputs if name in found.outputs]
    with torch.no_grad():
        ours, theirs = found.run(pictures, wanted), expected.run(pictures, wanted)
    for name in wanted:
        torch.testing.assert_close(ours[name], theirs[name])
    for method in METHODS:
        if method.startswith("lrp") and unknown_operation(expected):
            continue
        ours, theirs = (saliency.METHODS[method](one, pictures[:1], 1) for one in (found, expected))
        torch.testing.assert_close(ours, theirs, atol=1e-5 * float(theirs.abs().max()), rtol=1e-4)


def test_layers_may_be_drawn_anew(networks, files):
    drawn = open_network(str(files / "resnet.pt2")).randomize_layer("layer4.0.conv2", seed=0)
    expected = open_module(networks["resnet"], SIDE).randomize_layer("layer4.0.conv2", seed=0)
    picture = torch.rand(1, 3, SIDE, SIDE)
    torch.testing.assert_close(drawn.logits(picture), expected.logits(picture))


def test_a_module_can_be_had_in_python(networks, files):
    module = load_exported(files / "small.pt2")
    picture = torch.rand(4, 3, SIDE, SIDE)
    torch.testing.assert_close(module(picture), networks["small"](picture))
    assert isinstance(module.get_submodule("twice.0"), nn.Conv2d)


def edited(file, change, name="models/model.json", compression=zipfile.ZIP_STORED):
    """Return a copy of a file in which one part was changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w", compression) as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, change(data) if entry.endswith(name) else data)
    return made.getvalue()


def with_target(target):
    def change(data):
        told = json.loads(data)
        told["graph_module"]["graph"]["nodes"][1]["target"] = target
        return json.dumps(told).encode()

    return change


def as_pickle(data):
    told = json.loads(data)
    told["config"]["stem.weight"]["use_pickle"] = True
    return json.dumps(told).encode()


def outside(data):
    told = json.loads(data)
    told["config"]["stem.weight"]["tensor_meta"]["sizes"][0]["as_int"] = 1_000_000
    return json.dumps(told).encode()


WEIGHTS = "model_weights_config.json"


def hostile(file):
    """Return files that may not be read, and why."""
    yield edited(file, lambda data: data, compression=zipfile.ZIP_DEFLATED), "is no network that torch.export saved"
    yield file.read_bytes()[:-200], "is no network that torch.export saved"
    yield b"PK", "is no network that torch.export saved"
    yield edited(file, lambda _: b"[" * 100_000), "is no network that torch.export saved"
    yield edited(file, lambda data: data.replace(b'"major": 8', b'"major": 9')), "was saved in format 9 of torch.export"
    yield edited(file, as_pickle, WEIGHTS), "'stem.weight' in it is a pickle, which can carry code"
    yield edited(file, outside, WEIGHTS), "is no network that torch.export saved"
    yield edited(file, lambda data: data.replace(b"weight_0", b"../../models/model.json"), WEIGHTS), "is a pickle"
    for target in ("torch.os.system", "torch.ops.aten.from_file.default", "torch.hub.load", "_operator.attrgetter"):
        name = target.removeprefix("torch.ops.")
        yield edited(file, with_target(target)), f"'{name}' is an operation that is not read from files"


def test_nothing_of_a_hostile_file_is_run(files, tmp_path):
    for data, why in hostile(files / "small.pt2"):
        path = tmp_path / "x.pt2"
        path.write_bytes(data)
        with pytest.raises(ArtcnnError) as caught:
            open_network(str(path))
        assert why in str(caught.value)
        assert "\n" not in str(caught.value)


class Overwriting(nn.Module):
    """Uses what it has overwritten, by its old name and by its new one."""

    def forward(self, x):
        y = x * 2
        z = y.add_(1)
        return torch.cat([y.relu_().flatten(1), z.flatten(1)], 1)


class OverwritingPart(nn.Module):
    def forward(self, x):
        y = x * 2
        y[:, 0].add_(1)
        return y.flatten(1)


def test_what_is_overwritten_stays_overwritten(tmp_path):
    path = tmp_path / "x.pt2"
    path.write_bytes(saved(Overwriting()))
    picture = torch.rand(1, 3, SIDE, SIDE) - 0.8
    assert torch.equal(load_exported(path)(picture), Overwriting()(picture))
    path.write_bytes(saved(OverwritingPart()))
    with pytest.raises(ArtcnnError, match="x.pt2: it overwrites a part of a tensor, which is not read from files"):
        load_exported(path)


class Two(nn.Module):
    def forward(self, picture, mask):
        return picture * mask


def test_what_is_no_network_of_pictures_is_told(tmp_path):
    path = tmp_path / "x.pt2"
    path.write_bytes(saved(Two(), picture=False))
    with pytest.raises(ArtcnnError, match=r"x.pt2 takes 2 inputs \(picture, mask\), and is shown one picture"):
        read_exported(path)
    path.write_bytes(saved(nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2)).train()))
    with pytest.raises(ArtcnnError, match=r"x.pt2 was exported while it was trained: call .eval\(\) before"):
        read_exported(path)
    path.write_bytes(saved(nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten()), batch=3))
    with pytest.raises(ArtcnnError, match=r"x.pt2 takes 3 pictures at once, no more and no less: export it with one"):
        open_network(str(path))
