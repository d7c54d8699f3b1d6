import subprocess
import sys

import pytest

import artcnn


def test_importing_artcnn_imports_no_torch():
    code = "import sys, artcnn; print('torch' in sys.modules, artcnn.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", artcnn.__version__]


def test_every_public_name_is_there_and_has_a_docstring():
    for name in artcnn.__all__:
        assert getattr(artcnn, name) is not None
        assert name in dir(artcnn)
        if name != "__version__":
            assert getattr(artcnn, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        artcnn.nothing  # noqa: B018 - the access is what is tested


def test_a_star_takes_every_public_name():
    names = {}
    exec("from artcnn import *", names)  # noqa: S102 - a star is allowed nowhere else
    assert set(artcnn.__all__) == names.keys() - {"__builtins__"}
    assert names["losses"].gram_matrix.__module__ == "artcnn.losses"


def test_the_masks_that_style_takes_are_public():
    assert artcnn.Masks().paintings == ()


@pytest.mark.slow
def test_a_dream_in_a_notebook(samples, tmp_path):
    photo = artcnn.read_picture(samples / "castle.jpg").pixels
    recipe = artcnn.DreamRecipe(size=64, octaves=1, steps=2)
    for step in artcnn.dream(photo, artcnn.load_backbone(recipe), recipe):
        assert isinstance(step, artcnn.Step)
    artcnn.write_picture(tmp_path / "dream.png", step.image)
    assert artcnn.read_picture(tmp_path / "dream.png").pixels.shape == step.image.shape
