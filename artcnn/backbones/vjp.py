"""The vector-Jacobian product, as autograd computes it, without the half second that its import of sympy takes."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def vector_jacobian_product(outputs: Sequence[Tensor], inputs: Tensor, gradients: Sequence[Tensor]) -> Tensor:
    """Return the gradient by ``inputs``, given those by ``outputs``: the bits of ``torch.autograd.grad``.

    Given gradients of outputs, that function first imports all of sympy, to compare their shapes.

    Args:
        outputs: what was computed from the inputs.
        inputs: of any shape, which is the result's.
        gradients: for each output, of its shape.
    """
    with torch.enable_grad():
        scalar = _Dot.apply(len(outputs), *outputs, *gradients)
    return torch.autograd.grad(scalar, inputs)[0]


class _Dot(torch.autograd.Function):
    """Stands for the inner product of outputs and gradients: its gradient is right, its value is not computed."""

    @staticmethod
    def forward(ctx: Any, count: int, *tensors: Tensor) -> Tensor:  # noqa: ANN401 - torch's context
        ctx.save_for_backward(*tensors[count:])
        return tensors[0].new_zeros(())

    @staticmethod
    def backward(ctx: Any, _: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 - torch's context
        return None, *ctx.saved_tensors, *(None for _ in ctx.saved_tensors)
