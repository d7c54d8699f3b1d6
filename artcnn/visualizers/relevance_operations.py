"""Which operations of torch hand relevance on, and how: whatever a network's forward does with them.

While a :class:`RelevanceTracer` is on, every operation on something that was made of the picture gets another backward
pass: what comes back through it is relevance, and not a gradient.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils.weak import WeakTensorKeyDictionary

from artcnn.visualizers.relevance_rules import Bounds, Linear, Rule
from artcnn.visualizers.traced_fields import tensors_in

_ARRANGING = frozenset(
    {
        Tensor.flatten, Tensor.view, Tensor.reshape, Tensor.permute, Tensor.transpose, Tensor.contiguous,
        Tensor.__getitem__, Tensor.squeeze, Tensor.unsqueeze, Tensor.clone, Tensor.expand, Tensor.chunk, Tensor.split,
        Tensor.masked_fill, Tensor.index_copy, Tensor.unflatten, Tensor.narrow, Tensor.T.__get__,  # type: ignore[attr-defined]
        torch.flatten, torch.reshape, torch.permute, torch.transpose, torch.squeeze, torch.unsqueeze, torch.clone,
        torch.chunk, torch.split, torch.cat, torch.concat, torch.stack, torch.masked_fill, F.pad, F.pixel_shuffle,
    }
)  # fmt: skip
"""They move numbers elsewhere: their gradient moves relevance back."""

_MAXIMUM = frozenset({F.max_pool2d, torch.max_pool2d, F.adaptive_max_pool2d})
"""The one that won gets everything, as their gradient has it."""

_ACTIVATIONS = frozenset(
    {
        F.relu, torch.relu, Tensor.relu, F.relu6, F.hardtanh, F.leaky_relu, F.elu, F.gelu, F.silu, F.hardswish,
        F.tanh, torch.tanh, Tensor.tanh, F.dropout, F.dropout2d,
    }
)  # fmt: skip
"""Of 0 they make 0. They hand on what they are given."""

_MEANS = frozenset({F.avg_pool2d, F.adaptive_avg_pool2d, Tensor.mean, torch.mean})
_AFFINE = "running_mean", "running_var", "weight", "bias"
_SUMS = frozenset({Tensor.add, Tensor.add_, torch.add})
"""``x += y`` is ``add_``; here it makes a new tensor, and x is the name of that."""
_DIFFERENCES = frozenset({Tensor.sub, torch.sub})
_SCALINGS = frozenset({Tensor.mul, torch.mul, Tensor.div, torch.div})
_EITHER_WAY = _SUMS | {Tensor.mul, torch.mul}


class UnknownOperation(Exception):  # noqa: N818 - what it says is the operation's name
    """An operation that there is no rule for."""


class _Relevance(torch.autograd.Function):
    """A result that is known, through which what comes back is handed on to the inputs by a function."""

    @staticmethod
    def forward(ctx: Any, result: Tensor, hand_on: Callable[[Tensor], tuple[Tensor, ...]], *_: Tensor) -> Tensor:  # noqa: ANN401
        ctx.hand_on = hand_on
        return result.view_as(result)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> Any:  # noqa: ANN401
        return None, None, *ctx.hand_on(relevance)


class RelevanceTracer(TorchFunctionMode):
    """While it is on, what comes back from an output of a network to its input is relevance.

    A normalization behind a convolution or a fully connected layer is one linear operation with it.

    Args:
        inputs: what the network's first layer takes, shape (N, C, H, W).
        bounds: between which numbers they are.
        rule: how linear operations hand relevance on.
    """

    def __init__(self, inputs: Tensor, bounds: Bounds, rule: Rule) -> None:
        super().__init__()
        self._rule = rule
        self._made_of_picture: MutableMapping[Tensor, bool] = WeakTensorKeyDictionary({inputs: True})
        self._bounds: MutableMapping[Tensor, Bounds] = WeakTensorKeyDictionary({inputs: bounds})
        self._linear: MutableMapping[Tensor, Linear] = WeakTensorKeyDictionary()

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operation of torch, and see to it that relevance goes back through it."""
        kwargs = kwargs or {}
        if not any(x in self._made_of_picture for x in tensors_in((*args, *kwargs.values()))):
            return function(*args, **kwargs)
        result = self._run(function, args, kwargs)
        for output in tensors_in([result]):
            if output.requires_grad:
                self._made_of_picture[output] = True
        return result

    def _run(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        x: Any = args[0] if args else None
        if function in _ARRANGING:
            return self._arrange(function, args, kwargs)
        if function in _MAXIMUM:
            return function(*args, **kwargs)
        if function in _ACTIVATIONS:
            return _Relevance.apply(function(x.clone(), *args[1:], **kwargs).detach(), lambda given: (given,), x)
        if function in (F.conv2d, torch.conv2d, F.linear):
            return self._weighted(function, *args, **kwargs)
        if function is F.batch_norm and not _argument(args, kwargs, 5, "training", False):
            eps = _argument(args, kwargs, 7, "eps", 1e-5)
            return self._normalize(x, [_argument(args, kwargs, 1 + at, name) for at, name in enumerate(_AFFINE)], eps)
        if function in _MEANS:
            return self._hand_on(Linear(lambda part, _: function(part, *args[1:], **kwargs), x))
        if function in _DIFFERENCES and len(args) == 2 and not self._is_made(args[1]):
            return self._combine(torch.add, args[0], -args[1])
        if function in _SUMS | _SCALINGS and len(args) == 2 and not kwargs:
            one, other = ([part] if self._is_made(part) else [] for part in args)
            if one and other and function in _SUMS:
                stacked = torch.stack([x + torch.zeros_like(args[1]), args[1] + torch.zeros_like(x)])
                return self._hand_on(Linear(lambda parts, _: parts.sum(0), stacked))
            if len(one + other) == 1 and (one or function in _EITHER_WAY):
                return self._combine(function, *((*one, args[1]) if one else (*other, args[0])))
            raise UnknownOperation("products of what it computes")
        result = function(*args, **kwargs)
        if any(output.requires_grad for output in tensors_in([result])):
            raise UnknownOperation((resolve_name(function) or function.__name__).removeprefix("torch."))
        return result

    def _arrange(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        result = function(*args, **kwargs)
        if isinstance(result, Tensor) and isinstance(args[0], Tensor) and args[0] in self._bounds:
            self._bounds[result] = Bounds(*(function(end, *args[1:], **kwargs) for end in self._bounds[args[0]]))
        return result

    def _weighted(
        self,
        function: Callable[..., Tensor],
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        *more: Any,  # noqa: ANN401
        **named: Any,  # noqa: ANN401
    ) -> Tensor:
        weight = weight.detach()
        shape = (-1, *(1 for _ in weight.shape[2:]))
        added = 0.0 if bias is None else bias.detach().view(shape)

        def apply(part: Tensor, weights: Tensor | None) -> Tensor:
            return function(part, weights, None, *more, **named)

        return self._hand_on(Linear(apply, x, weight, added, self._bounds.get(x)))

    def _normalize(self, x: Tensor, known: list[Tensor | None], eps: float) -> Tensor:
        """Normalize by known means and variances: in one with the operation before, where that has weights."""
        mean, variance, weight, bias = known
        if mean is None or variance is None:
            raise UnknownOperation("a normalization by the picture's own mean")
        scale = (1.0 if weight is None else weight.detach()) / (variance + eps).sqrt()
        added = (0.0 if bias is None else bias.detach()) - mean * scale
        before = self._linear.get(x)
        if before is None or before.weight is None:
            shape = (-1, *(1 for _ in x.shape[2:]))
            before = Linear(torch.mul, x, torch.ones(1), 0.0, self._bounds.get(x))
            weighted, added = scale.view(shape), added.view(shape)
        else:
            shape = (-1, *(1 for _ in before.weight.shape[2:]))
            weighted = before.weight * scale.view(-1, *(1 for _ in before.weight.shape[1:]))
            added = before.bias * scale.view(shape) + added.view(shape)
        return self._hand_on(Linear(before.apply, before.x, weighted, added, before.bounds))

    def _is_made(self, part: object) -> bool:
        return isinstance(part, Tensor) and part in self._made_of_picture

    def _combine(self, function: Callable[..., Tensor], x: Tensor, number: Tensor | float) -> Tensor:
        """Scale or shift by what was not made of the picture: pixels stay pixels, else what is added is a bias."""
        bounds = self._bounds.get(x)
        if function in _SUMS and bounds is None:
            added = torch.as_tensor(number).detach()
            return self._hand_on(Linear(lambda part, _: part, x + torch.zeros_like(added), None, added))
        function = torch.add if function is Tensor.add_ else function
        result: Tensor = function(x.detach(), number).detach()
        found: Tensor = _Relevance.apply(result, lambda given: (given.sum_to_size(x.shape),), x)
        if bounds is not None:
            ends = torch.stack([function(end, number) for end in bounds]).detach()
            self._bounds[found] = Bounds(ends.amin(0), ends.amax(0))
        return found

    def _hand_on(self, operation: Linear) -> Tensor:
        """Return the operation's result, through which relevance goes back by the rule."""
        rule = self._rule
        fixed = Linear(operation.apply, operation.x.detach(), operation.weight, operation.bias, operation.bounds)
        with torch.no_grad():
            result = operation.apply(operation.x, operation.weight) + operation.bias
        found: Tensor = _Relevance.apply(result, lambda given: (rule.redistribute(fixed, given),), operation.x)
        self._linear[found] = operation
        return found


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, name: str, default: Any = None) -> Any:  # noqa: ANN401
    return args[place] if len(args) > place else kwargs.get(name, default)
