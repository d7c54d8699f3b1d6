"""What is known of a network before torch is there is so."""

import pytest

from artcnn.errors import ArtcnnError
from artcnn.inspection.models import open_model
from artcnn.inspection.outline import read_outline


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mnist-lecture", "mnist"),
        ("mnist-best", "mnist"),
        ("speech-digits", "speech"),
        ("go-moves", "go"),
        ("vgg16", "photo"),
        ("efficientnet-lite0", "photo"),
    ],
)
def test_an_outline_is_that_of_the_network(name, kind):
    known, network = read_outline(name), open_model(name)
    assert (known.name, known.kind.name, network.kind) == (network.name, kind, kind)
    assert known.features == (not network.classes)
    assert tuple(known.classes) == network.classes
    assert known.side == (0 if known.features else min(network.input_shape[1:]))
    weighted = {layer.name for layer in network.layers if layer.weight is not None}
    shapes = network.shapes()
    for layer, count in known.units.items():
        if layer.startswith(("conv", "fc", "logits")):
            assert shapes[layer][0] == count
            weighted.discard(layer)
    assert not weighted or not known.units, "every layer with weights is known, or none"


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\x05\0\0\0\0\0\0\0hello"])
def test_a_file_that_is_no_model_is_told(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ArtcnnError, match="is not a model file, or a damaged one"):
        read_outline(str(path))


def test_a_file_of_others_has_no_outline(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    known = read_outline(str(path))
    assert known.kind is None
    known.check_unit("conv1:3")
    known.check_class("3")
    with pytest.raises(ArtcnnError, match="has no card"):
        open_model(str(path))
