"""The vector-Jacobian product beside torch's own, and what it does not import."""

import pytest
import torch

from artcnn.backbones.vjp import vector_jacobian_product


def test_is_torchs_to_the_bit() -> None:
    x = torch.randn(3, 5, generator=torch.Generator().manual_seed(0), requires_grad=True)
    outputs = [x.sin().sum(), (x * x).to(torch.bfloat16), x.exp()]
    gradients = [torch.tensor(0.3), torch.full((3, 5), 2.0, dtype=torch.bfloat16), torch.linspace(-1, 1, 15).view(3, 5)]
    (expected,) = torch.autograd.grad(outputs, x, gradients, retain_graph=True)
    with torch.no_grad():
        assert torch.equal(vector_jacobian_product(outputs, x, gradients), expected)


@pytest.mark.slow
def test_steps_do_not_import_sympy(begin) -> None:
    code = """
import sys, torch
from artcnn.backbones.tiled_autograd import value_and_gradient
from artcnn.backbones.base import load_backbone
from artcnn.engines.dream import dream
from artcnn.recipes import DreamRecipe
recipe = DreamRecipe(size=32, octaves=1, steps=1, precision="float32")
next(dream(torch.rand(1, 3, 32, 32), load_backbone(recipe), recipe))
sys.exit("sympy" in sys.modules)
"""
    with begin("-c", code) as process:
        assert process.communicate() == ("", "")
    assert process.returncode == 0
