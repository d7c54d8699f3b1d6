"""Any torch.nn.Module as a network to look into: its layers by their own names, whatever its forward does."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from inspect import Parameter, signature
from threading import get_ident
from typing import Any

import torch
from torch import Tensor, nn

from artcnn.errors import ArtcnnError, unknown_layer
from artcnn.visualizers.layer import Layer, describe_layer, reset_weights
from artcnn.visualizers.network import Network, input_of
from artcnn.visualizers.receptive_field import ReceptiveField
from artcnn.visualizers.traced_fields import FieldTracer

FORWARD = "forward"
"""The last layer's name where no module of its own gives the output: no module can have a child of that name."""


_VARIADIC = Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD


class _StopForward(Exception):  # noqa: N818 - no error: there is nothing more to compute
    """All wanted layers have answered."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ModuleNetwork(Network):
    """A module whose forward may be any graph.

    ``layers`` are the modules without children, in the order in which they answer. Modules made of others, such as
    ``layer1`` of a ResNet, can be named as well. A module that is called several times is looked at in its first call.

    Attributes:
        module: the whole of it, in evaluation mode.
        alone: whether it takes only one picture at a time.
        channels_last: the modules that give (N, H, W, C), which is turned to (N, C, H, W) for whoever looks.
        outputs: the shape of what each module gives for one input of ``input_shape``; (C, H, W) or (C,) of those that
            can be looked at.
        blocks: the modules that are made of others.
    """

    module: nn.Module
    alone: bool = False
    channels_last: frozenset[str] = frozenset()
    outputs: Mapping[str, tuple[int, ...]]
    blocks: Mapping[str, Layer]

    def run(self, inputs: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """Return the named layers' outputs for inputs (N, C, H, W) in [0, 1]; nothing beyond the last is computed."""
        wanted, found = set(names), dict[str, Tensor]()
        if not wanted:
            return found
        if self.alone and len(inputs) > 1:
            each = [self.run(one, wanted) for one in torch.split(inputs, 1)]
            return {name: torch.cat([outputs[name] for outputs in each]) for name in wanted}

        def keep(name: str, output: Tensor) -> Tensor | None:
            if name not in wanted or name in found:
                return None
            last = name in self.channels_last
            found[name] = output.permute(0, 3, 1, 2) if last else output
            if found.keys() == wanted:
                raise _StopForward
            # A copy, because some modules overwrite what a layer gave them.
            return (found[name].permute(0, 2, 3, 1) if last else output).clone()

        with suppress(_StopForward), _hooked(self.module, keep):
            found[FORWARD] = self.module(self.prepare(inputs))
        return {name: found[name] for name in wanted}

    def finish(self, x: Tensor, first: int) -> Tensor:
        """Return the output for what the layer of that number takes; of any graph, only from the first layer on."""
        if first:
            raise ValueError("a module's forward cannot be begun in the middle")
        if self.alone and len(x) > 1:
            return torch.cat([self.finish(one, 0) for one in torch.split(x, 1)])
        found: Tensor = self.module(x)
        return found

    def map_layers(self) -> list[str]:
        """Return the layers that Grad-CAM can weigh: all that give maps of more than a place."""
        return [name for name, shape in self.outputs.items() if len(shape) == 3 and shape[1] * shape[2] > 1]

    def count_weights(self) -> int:
        """Return how many numbers the module has learned, some of them perhaps in no layer of its own."""
        return sum(parameter.numel() for parameter in self.module.parameters())

    def block_names(self) -> list[str]:
        """Return the blocks that give maps or a number for each unit."""
        return [name for name in self.blocks if len(self.outputs[name]) in (1, 3)]

    def check_classes(self) -> None:
        """Raise an ArtcnnError where the module gives no answers."""
        if not self.classes:
            raise ArtcnnError(f"{self.name} gives no answers: of one picture they are a tensor (1, K), K at least 2")

    def layer(self, name: str) -> Layer:
        """Return the layer of that name.

        Raises:
            ArtcnnError: there is none, or it gives neither maps nor a number for each of its units.
        """
        if name not in self.outputs:
            raise unknown_layer(self.name, name, list(self.outputs))
        if len(self.outputs[name]) in (1, 3):
            return self.blocks[name] if name in self.blocks else super().layer(name)
        shape = " x ".join(map(str, self.outputs[name]))
        raise ArtcnnError(f"{name} of {self.name} gives {shape} numbers: neither maps nor a number for each unit")

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each layer's output for one input of ``input_shape``."""
        return dict(self.outputs)

    def randomize_layer(self, name: str, seed: int) -> "ModuleNetwork":
        """Return a network whose layer of that name has weights as before any training; this one stays as it is."""
        module = deepcopy(self.module)
        reset_weights(module.get_submodule(name), seed)
        return replace(self, module=module, apply=partial(_apply, module))


def open_module(
    module: nn.Module,
    size: int | tuple[int, int],
    *,
    mean: Sequence[float] = (0.0,),
    std: Sequence[float] = (1.0,),
    channels: int = 3,
    classes: Sequence[str] = (),
    name: str = "",
) -> ModuleNetwork:
    """Return any module as a network to look into. Its layers have their own names, such as ``layer2.0.conv1``.

    A copy is looked into, on the CPU, in float32 and in evaluation mode; the module stays as it is.

    Args:
        module: takes pictures, shape (N, channels, height, width). What it gives, where that is (N, K), are K answers
            before the softmax.
        size: height and width of the pictures, in pixels; one number for squares.
        mean: of each channel, which is subtracted from pixels in [0, 1]; one number for all of them.
        std: of each channel, by which they are divided then.
        channels: of the pictures: 3 for color, 1 for gray.
        classes: what its answers are called; their numbers by default.
        name: what it is called; its class by default.

    Raises:
        ArtcnnError: it takes no such pictures, or gives another number of answers than there are classes.
    """
    input_shape = (channels, size, size) if isinstance(size, int) else (channels, *size)
    name = name or type(module).__name__
    _check_inputs(name, module)
    _check_normalization(name, channels, mean, std)
    own = _copy(module)
    prepare = partial(_normalized, mean=tuple(mean), std=tuple(std))
    traced = _trace(own, prepare(torch.zeros(1, *input_shape)), name)
    layers, blocks = _described(own, traced)
    return ModuleNetwork(
        name=name,
        layers=layers,
        input_shape=input_shape,
        kind=input_of(input_shape),
        classes=_classes(traced.output, classes, name),
        prepare=prepare,
        apply=partial(_apply, own),
        modules=dict(own.named_modules()),
        fields=traced.fields,
        module=own,
        channels_last=frozenset(traced.channels_last),
        outputs=traced.shapes,
        blocks=blocks,
    )


def _check_inputs(name: str, module: nn.Module) -> None:
    parameters = signature(module.forward).parameters.values()
    needed = [one.name for one in parameters if one.default is Parameter.empty and one.kind not in _VARIADIC]
    if len(needed) > 1:
        raise ArtcnnError(f"{name} takes {len(needed)} inputs ({', '.join(needed)}), and is shown one picture")


def _check_normalization(name: str, channels: int, mean: Sequence[float], std: Sequence[float]) -> None:
    for what, values in (("mean", mean), ("std", std)):
        if len(values) not in (1, channels):
            raise ArtcnnError(f"{what}: {name} takes {channels} channels, and there are {len(values)} numbers")
    if not all(value > 0 for value in std):
        raise ArtcnnError("std: every number must be above 0")


def _copy(module: nn.Module) -> nn.Module:
    """Return a copy on the CPU, in float32 and in evaluation mode, in which no layer overwrites its input."""
    own = deepcopy(module).cpu().float().eval().requires_grad_(False)
    for part in own.modules():
        if hasattr(part, "inplace"):
            setattr(part, "inplace", False)  # noqa: B010 - not every module has it
    return own


def _apply(module: nn.Module, name: str, x: Tensor) -> Tensor:
    found: Tensor = module.get_submodule(name)(x)
    return found


def _normalized(inputs: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    center, scale = (torch.tensor(values).view(1, -1, 1, 1).to(inputs) for values in (mean, std))
    return (inputs - center) / scale


@contextmanager
def _hooked(module: nn.Module, see: Callable[[str, Any], Any]) -> Iterator[None]:
    """Show each module's name and output as it answers; what comes back, where anything does, takes its place.

    A hook is the module's, whatever thread runs it: those of other threads are none of this one's business.
    """
    thread = get_ident()

    def hook(name: str, _: nn.Module, __: object, output: Any) -> Any:  # noqa: ANN401 - a module may give anything
        return see(name, output) if get_ident() == thread else None

    parts = [(name, part) for name, part in module.named_modules() if name]
    hooks = [part.register_forward_hook(partial(hook, name)) for name, part in parts]
    try:
        yield
    finally:
        for each in hooks:
            each.remove()


@dataclass(frozen=True)
class _Trace:
    """What a module does with one picture: the output, and of each part its shape and field, in order of answers."""

    output: Any
    shapes: dict[str, tuple[int, ...]]
    fields: dict[str, ReceptiveField | None]
    channels_last: set[str]


def _trace(module: nn.Module, picture: Tensor, name: str) -> _Trace:
    shapes: dict[str, tuple[int, ...]] = {}
    fields: dict[str, ReceptiveField | None] = {}
    channels_last: set[str] = set()
    last = None
    tracer = FieldTracer(picture)

    def see(part: str, output: object) -> None:
        nonlocal last
        whole = not list(module.get_submodule(part).children()) and part not in shapes
        last = output if whole or output is last else None
        if part not in shapes and isinstance(output, Tensor) and len(output) == 1:
            shapes[part], fields[part] = tuple(output.shape[1:]), tracer.field(output)
            if tracer.has_channels_last(output):
                height, width, channels = shapes[part]
                shapes[part] = channels, height, width
                channels_last.add(part)

    shape = " x ".join(map(str, picture.shape[1:]))
    with torch.no_grad(), tracer, _hooked(module, see):
        try:
            output = module(picture)
        except Exception as error:  # it is not our code that runs: anything may be raised
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise ArtcnnError(f"{name} does not take a picture of {shape} numbers: {first}") from error
        if isinstance(output, Tensor) and output is not last:
            shapes[FORWARD], fields[FORWARD] = tuple(output.shape[1:]), tracer.field(output)
    return _Trace(output, shapes, fields, channels_last)


def _described(module: nn.Module, traced: _Trace) -> tuple[tuple[Layer, ...], dict[str, Layer]]:
    """Return the layers, and the blocks that are made of them."""
    layers, blocks = [], {}
    for name in traced.shapes:
        if name == FORWARD:
            layers.append(Layer(name, "answer"))
            continue
        part = module.get_submodule(name)
        if any(other.startswith(f"{name}.") for other in traced.shapes):
            blocks[name] = Layer(name, "block", (0, 0), parameters=sum(p.numel() for p in part.parameters()))
        else:
            layers.append(describe_layer(name, part))
    return tuple(layers), blocks


def _classes(output: object, classes: Sequence[str], name: str) -> tuple[str, ...]:
    """Return what the outputs are called; none where a module gives anything but a number for each of them."""
    count = output.shape[1] if isinstance(output, Tensor) and output.ndim == 2 else 0
    count = 0 if count == 1 else count  # a single number is never compared with others
    if classes and len(classes) != count:
        raise ArtcnnError(f"classes: {name} has {count} outputs, and there are {len(classes)} names")
    return tuple(classes) or tuple(map(str, range(count)))
