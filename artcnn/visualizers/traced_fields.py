"""What the units of any module see: receptive fields, followed through every operation of its forward."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

from artcnn.visualizers.receptive_field import ReceptiveField

_aten = torch.ops.aten
_POINTWISE = {
    _aten.clone,
    _aten.detach,
    _aten.alias,
    _aten._to_copy,
    _aten.native_batch_norm,
    _aten._native_batch_norm_legit_no_training,
    _aten.cudnn_batch_norm,
    _aten.native_dropout,
}
"""Operations that take each place by itself, in evaluation mode, beside those that torch marks as pointwise."""

_EVERYTHING = ReceptiveField((0, 0), (0, 0), (0, 0))


class FieldTracer(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is on, the receptive field of every tensor that is computed of a picture is known.

    Convolutions and poolings widen a field (Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional
    Neural Networks"). Where branches meet, it is what either sees. After any operation that is not known to keep places
    apart, each place may depend on all of the picture.

    Args:
        picture: what the module takes, shape (N, C, H, W).
    """

    def __init__(self, picture: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._fields: MutableMapping[Tensor, ReceptiveField] = WeakTensorKeyDictionary()
        self._fields[picture] = ReceptiveField((1, 1), (1, 1), (0, 0))
        self._channels_last: MutableMapping[Tensor, bool] = WeakTensorKeyDictionary()

    def field(self, x: Tensor) -> ReceptiveField | None:
        """Return what each place of ``x`` sees; None for everything, and for what does not depend on the picture."""
        found = self._fields.get(x, _EVERYTHING)
        return None if found is _EVERYTHING else found

    def has_channels_last(self, x: Tensor) -> bool:
        """Return whether ``x`` has shape (N, H, W, C), as many transformers have it."""
        return x.ndim == 4 and self._channels_last.get(x, False)

    def __torch_dispatch__(
        self,
        function: Any,  # noqa: ANN401 - torch's signature
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operation of torch, and note what its result sees."""
        result = function(*args, **(kwargs or {}))
        inputs = [x for x in tensors_in((*args, *(kwargs or {}).values())) if x in self._fields]
        if not inputs:
            return result
        outputs = list(tensors_in([result]))
        found = _after(function, args, inputs, [self._fields[x] for x in inputs], outputs)
        last = _order(function, args, any(self._channels_last.get(x, False) for x in inputs))
        for output in outputs:
            self._fields[output], self._channels_last[output] = found, last
        return result


def _order(function: Any, args: tuple[Any, ...], last: bool) -> bool:  # noqa: ANN401
    """Return whether the channels are last behind an operation, and they were before it or not."""
    packet = function.overloadpacket
    if packet in _WINDOWS:
        return False
    if packet is _aten.permute and args[0].ndim == 4:
        order = [axis % 4 for axis in args[1]]
    elif packet is _aten.transpose and args[0].ndim == 4:
        order, (one, other) = list(range(4)), (axis % 4 for axis in args[1:])
        order[one], order[other] = order[other], order[one]
    else:
        return last
    return order.index(3 if last else 1) == 3


def _after(
    function: Any,  # noqa: ANN401
    args: tuple[Any, ...],
    inputs: list[Tensor],
    fields: list[ReceptiveField],
    outputs: list[Tensor],
) -> ReceptiveField:
    """Return what each place of the result of an operation on some tensors sees."""
    packet = function.overloadpacket
    if any(field is _EVERYTHING for field in fields):
        return _EVERYTHING
    if packet in _WINDOWS and not (packet is _aten.convolution and args[6]):  # not transposed
        return _widened(fields[0], *_WINDOWS[packet](args))
    beside = packet is _aten.cat and len(args) > 1 and args[1] == 1
    if not (beside or packet in _POINTWISE or torch.Tag.pointwise in function.tags):
        return _EVERYTHING
    if any(x.ndim != 4 or x.shape[2:] != outputs[0].shape[2:] for x in (*inputs, outputs[0])):
        return _EVERYTHING
    return _united(fields)


def tensors_in(values: Iterable[Any]) -> Iterable[Tensor]:
    """Yield the tensors among an operation's arguments, those in lists with them."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from tensors_in(value)


_Window = tuple[list[int], list[int], list[int], list[int]]
"""Kernel, stride, padding and dilation, down and across."""


def _of_convolution(args: tuple[Any, ...]) -> _Window:
    _, weight, _, stride, padding, dilation, *_ = args
    return list(weight.shape[2:]), stride, padding, dilation


def _of_max_pooling(args: tuple[Any, ...]) -> _Window:
    kernel, stride, padding = _of_mean_pooling(args)[:3]
    return kernel, stride, padding, args[4] if len(args) > 4 else [1, 1]


def _of_mean_pooling(args: tuple[Any, ...]) -> _Window:
    stride = args[2] if len(args) > 2 else []
    return args[1], stride or args[1], args[3] if len(args) > 3 else [0, 0], [1, 1]


_WINDOWS: Mapping[Any, Callable[[tuple[Any, ...]], _Window]] = {
    _aten.convolution: _of_convolution,
    _aten.max_pool2d_with_indices: _of_max_pooling,
    _aten.avg_pool2d: _of_mean_pooling,
}


def _widened(
    field: ReceptiveField, kernel: list[int], stride: list[int], padding: list[int], dilation: list[int]
) -> ReceptiveField:
    size, step, start = [0, 0], [0, 0], [0, 0]
    for axis in (0, 1):
        kernels, strides, paddings, dilations = (side[axis % len(side)] for side in (kernel, stride, padding, dilation))
        size[axis] = field.size[axis] + (kernels - 1) * dilations * field.stride[axis]
        start[axis] = field.start[axis] - paddings * field.stride[axis]
        step[axis] = field.stride[axis] * strides
    return ReceptiveField((size[0], size[1]), (step[0], step[1]), (start[0], start[1]))


def _united(fields: list[ReceptiveField]) -> ReceptiveField:
    """Return what is seen where branches meet; everything, where their places are not as far apart."""
    if len({field.stride for field in fields}) > 1:
        return _EVERYTHING
    start = [min(field.start[axis] for field in fields) for axis in (0, 1)]
    end = [max(field.start[axis] + field.size[axis] for field in fields) for axis in (0, 1)]
    size = end[0] - start[0], end[1] - start[1]
    return ReceptiveField(size, fields[0].stride, (start[0], start[1]))
