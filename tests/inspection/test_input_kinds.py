"""Tests of what is known of each kind of input."""

from pathlib import Path

import pytest
import torch

from artcnn.errors import ArtcnnError
from artcnn.files.read import read_picture
from artcnn.inspection.input_kinds import DIGIT, PHOTO, POSITION, SOUND, input_kind, kind_of_file
from artcnn.inspection.methods import METHODS
from artcnn.inspection.models import open_model
from artcnn.inspection.subject import show
from artcnn.visualizers.network import open_sequential


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mnist-lecture", "speech-digits", "go-moves", "alexnet11"])
def test_a_network_can_be_shown_the_sample_of_its_kind(model):
    network = open_model(model, 64)
    kind = input_kind(network.kind)
    kind.check_file(kind.sample_file())
    subject = show(network, kind.sample_file(), 64)
    assert subject.kind is kind
    assert subject.picture.shape[:2] == (1, network.input_shape[0])
    assert (subject.board is not None) == (kind is POSITION)
    if kind.side:
        assert min(subject.picture.shape[2:]) == min(network.input_shape[1:]) == kind.side


def test_a_photo_is_no_sound_and_no_game(samples):
    photo = read_picture(samples / "coffee.png")
    for model in ("speech-digits", "go-moves"):
        with pytest.raises(ArtcnnError, match="and this is a picture"):
            show(open_model(model), photo)
    assert show(open_model("mnist-lecture"), photo).doubt is not None


def test_what_is_left_of_a_picture():
    picture = torch.rand(1, 1, 28, 28)
    assert not DIGIT.fill_background(picture).any()
    assert not SOUND.fill_background(picture).any()
    photo = torch.rand(1, 3, 224, 224)
    blurred = PHOTO.fill_background(photo)
    assert float(blurred.mean()) == pytest.approx(float(photo.mean()), abs=0.01)
    assert float(blurred.std()) < 0.1 * float(photo.std())


def test_a_file_is_known_by_its_name():
    names = {"a.sgf": POSITION, "b.wav": SOUND, "c.png": PHOTO, "d": PHOTO}
    assert {name: kind_of_file(Path(name)) for name in names} == names
    assert set(POSITION.methods) < set(METHODS)


def test_a_module_of_ones_own_is_shown_pictures_and_tensors():
    network = open_sequential("own", torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3)), (3, 32, 24), ())
    assert network.kind == "photo"
    tensor = torch.rand(1, 3, 32, 24)
    assert show(network, tensor).picture is tensor
    assert max(show(network, torch.rand(1, 1, 80, 160), 64).picture.shape) == 64
    with pytest.raises(ArtcnnError, match="takes 3 x 32 x 24 numbers, and there are 5 x 4 x 4"):
        show(network, torch.rand(1, 5, 4, 4))
