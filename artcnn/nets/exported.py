"""A network that torch.export saved, as a module again: its operations one after the other, its layers by their names.

Nothing but the operations of a list is run, and each is looked up by its name: no file decides what code runs.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from artcnn.errors import ModelError
from artcnn.nets.exported_graph import Graph, Name, Operation, filled, flat, names, without_overwriting
from artcnn.nets.exported_layers import LAYERS
from artcnn.nets.exported_operations import find_operation

_SIZES = "_operator.", "aten.sym_"
"""What gives numbers, not tensors, begins so."""


class Block(nn.Module):
    """What modules that are made of others leave: it gives what they gave."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what it is given."""
        return x


@dataclass(frozen=True)
class _Step:
    """What is done in turn: an operation, or a layer or a block by its path."""

    run: Callable[..., Any] | str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    outputs: tuple[str | tuple[str, ...], ...]
    done_with: frozenset[str] = frozenset()


class ExportedModule(nn.Module):
    """A network from the operations that torch.export saved.

    A module that is one operation, such as a convolution, is torch's own again. One that is made of others is a
    ``Block``, which shows what comes out of it to hooks.

    Args:
        graph: what was saved.

    Attributes:
        shape: of the input, with the batch; 0 where it may be of any size.

    Raises:
        ModelError: it has operations that are not of the list.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        graph = without_overwriting(graph)
        self.shape = graph.shape
        self._picture, self._output, self._paths = graph.picture, graph.output, dict(graph.paths)
        calls = _calls(graph)
        layers = self._place_layers(graph, calls)
        ends = _block_ends(graph, calls)
        steps: list[_Step] = []
        for number, operation in enumerate(graph.operations):
            layer = layers.get(number)
            if layer is None:
                steps += [_operation(operation)] if operation.outputs else []  # else it only checks sizes
            else:
                given = next(iter(operation.arguments.values()))
                steps.append(_Step(layer, (given,), {}, operation.outputs))
            for path, output in ends.get(number, ()):
                if isinstance(_place(self, path, Block()), Block):
                    steps.append(_Step(path, (Name(output),), {}, (output,)))
        self._place_tensors(graph)
        self._steps = _forgetful(steps, graph.output)

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network gives for a batch of pictures."""
        values: dict[str, Any] = {self._picture: x}
        for name, path in self._paths.items():
            values[name] = _at(self, path)
        for step in self._steps:
            arguments, keywords = filled(step.arguments, values), filled(step.keywords, values)
            run = self.get_submodule(step.run) if isinstance(step.run, str) else step.run
            found = run(*arguments, **keywords)
            for given, value in zip(step.outputs, [found] if len(step.outputs) == 1 else found, strict=True):
                values.update([(given, value)] if isinstance(given, str) else zip(given, value, strict=True))
            for dead in step.done_with:
                del values[dead]
        output: Tensor = values[self._output]
        return output

    def _place_layers(self, graph: Graph, calls: Mapping[tuple[str, str], Sequence[int]]) -> dict[int, str]:
        """Make the layers, and return their paths by the number of the operation."""
        found: dict[int, str] = {}
        for (_, path), numbers in calls.items():
            operation = graph.operations[numbers[0]]
            make = LAYERS.get(operation.target)
            if len(numbers) > 1 or make is None or operation.stack[-1][1] != path:
                continue
            named = {key: value for key, value in operation.arguments.items() if isinstance(value, Name)}
            own = {key: graph.paths[value] for key, value in named.items() if value in graph.paths}
            if any(at != f"{path}.{key}" for key, at in own.items()):
                continue  # its weights are those of another module
            layer = make(dict(operation.arguments), {key: graph.tensors[at] for key, at in own.items()})
            if repr(_place(self, path, layer)) == repr(layer):
                found[numbers[0]] = path
        return found

    def _place_tensors(self, graph: Graph) -> None:
        """Register what no layer has."""
        for path, tensor in graph.tensors.items():
            above, _, name = path.rpartition(".")
            parent = _place(self, above, Block()) if above else self
            if name in {**parent._parameters, **parent._buffers}:
                continue
            if isinstance(tensor, nn.Parameter):
                parent.register_parameter(name, tensor)
            else:
                parent.register_buffer(name, tensor)


def _calls(graph: Graph) -> dict[tuple[str, str], list[int]]:
    """Return the numbers of the operations in each call of each module but the outermost."""
    found = defaultdict[tuple[str, str], list[int]](list)
    for number, operation in enumerate(graph.operations):
        for call in operation.stack:
            found[call].append(number)
    return dict(found)


def _block_ends(graph: Graph, calls: Mapping[tuple[str, str], Sequence[int]]) -> dict[int, list[tuple[str, str]]]:
    """Return behind which operation a block is done, its path, and its output: the one value that others use."""
    users = defaultdict[str, set[int]](set, {graph.output: {len(graph.operations)}})
    for number, operation in enumerate(graph.operations):
        for name in names(operation.arguments.values()):
            users[name].add(number)
    found = defaultdict[int, list[tuple[str, str]]](list)
    for (_, path), numbers in calls.items():
        inside = set(numbers)
        operations = (graph.operations[number] for number in numbers)
        given = [name for one in operations if not one.target.startswith(_SIZES) for name in flat(one.outputs)]
        used = [name for name in given if users[name] - inside]
        if len(used) == 1:
            found[numbers[-1]].append((path, used[0]))
    for ended in found.values():
        ended.sort(key=lambda pair: -pair[0].count("."))  # the innermost first
    return found


def _place(root: nn.Module, path: str, module: nn.Module) -> nn.Module:
    """Put a module where a path leads, if there is none yet; return what is there."""
    parent = root
    *above, last = path.split(".")
    for name in above:
        parent = parent._modules.get(name) or _add(parent, name, Block())
    return parent._modules.get(last) or _add(parent, last, module)


def _add(parent: nn.Module, name: str, module: nn.Module) -> nn.Module:
    try:
        parent.add_module(name, module)
    except KeyError as error:
        raise ModelError(f"a layer of it is called '{name}', which no module can be") from error
    return module


def _at(root: nn.Module, path: str) -> Tensor:
    above, _, name = path.rpartition(".")
    found: Tensor = getattr(root.get_submodule(above), name)
    return found


def _operation(operation: Operation) -> _Step:
    """Return an operation of the list as a step."""
    run = find_operation(operation.target)
    if run is None:
        raise ModelError(f"'{operation.target}' is an operation that is not read from files")
    plain = tuple(value for key, value in operation.arguments.items() if key not in operation.keywords)
    named = {key: value for key, value in operation.arguments.items() if key in operation.keywords}
    return _Step(run, plain, named, operation.outputs)


def _forgetful(steps: Sequence[_Step], output: str) -> list[_Step]:
    """Return steps that forget each value behind its last use: a network's maps together may be large."""
    last: dict[str, int] = {}
    for number, step in enumerate(steps):
        last |= dict.fromkeys((*names([*step.arguments, *step.keywords.values()]), *flat(step.outputs)), number)
    last.pop(output, None)
    dead = defaultdict[int, set[str]](set)
    for name, number in last.items():
        dead[number].add(name)
    return [
        _Step(step.run, step.arguments, step.keywords, step.outputs, frozenset(dead[number]))
        for number, step in enumerate(steps)
    ]
