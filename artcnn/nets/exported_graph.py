"""The operations of a network that torch.export saved: what uses what, and what is overwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from artcnn.errors import ModelError
from artcnn.nets.exported_operations import VIEWS

Stack = tuple[tuple[str, str], ...]
"""From the outermost module to the innermost: which call of it, and its path."""


class Name(str):
    """The name of a value that an operation before gave, in place of a number."""


@dataclass(frozen=True)
class Operation:
    """One operation of a network.

    Attributes:
        target: what it does, such as ``aten.conv2d.default``.
        arguments: by the names that the operation has for them.
        keywords: which of them are given by name.
        outputs: names of what it gives; a list of names where it gives a list of tensors.
        stack: in which modules it is.
    """

    target: str
    arguments: Mapping[str, Any]
    keywords: frozenset[str]
    outputs: tuple[str | tuple[str, ...], ...]
    stack: Stack


@dataclass(frozen=True, eq=False)
class Graph:
    """What torch.export saved of a network.

    Attributes:
        operations: in order.
        tensors: parameters, buffers and constants by their path in the network.
        paths: the path of each of them, by the name that operations have for it.
        picture: the name of the input.
        shape: of the input, with the batch; 0 where it may be of any size.
        output: the name of what the network gives.
    """

    operations: Sequence[Operation]
    tensors: Mapping[str, Tensor]
    paths: Mapping[str, str]
    picture: str
    shape: tuple[int, ...]
    output: str


def without_overwriting(graph: Graph) -> Graph:
    """Return the same graph in which every operation gives a new tensor, where some overwrote what they were given.

    Raises:
        ModelError: a part of a tensor is overwritten that is needed as a whole.
    """
    new: dict[str, Name] = {}
    whole: dict[str, set[str]] = {}
    gone: set[str] = set()
    operations: list[Operation] = []
    for operation in graph.operations:
        arguments = {key: filled(value, new, strict=False) for key, value in operation.arguments.items()}
        if gone & set(names(arguments.values())):
            raise ModelError("it overwrites a part of a tensor, which is not read from files")
        kind, _, rest = operation.target.partition(".")
        name, _, overload = rest.partition(".")
        given = next((value for value in arguments.values() if isinstance(value, Name)), None)
        if kind == "aten" and name.endswith("_") and given is not None:
            gone |= whole.get(given, set())
            operation = replace(operation, target=f"aten.{name[:-1]}.{overload}")
            new[given] = Name(operation.outputs[0])
            new |= {old: new[given] for old, name in new.items() if name == given}
        elif name in VIEWS and given is not None:
            parts = {given, *whole.get(given, set())}
            whole |= dict.fromkeys(flat(operation.outputs), parts)
        operations.append(replace(operation, arguments=arguments))
    return replace(graph, operations=operations, output=new.get(graph.output, graph.output))


def names(values: Any) -> list[Name]:  # noqa: ANN401 - arguments of any kind
    """Return the names in arguments."""
    found: list[Name] = []
    for value in values:
        if isinstance(value, Name):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += names(value)
    return found


def flat(outputs: Sequence[str | tuple[str, ...]]) -> list[str]:
    """Return all names of outputs."""
    return [name for output in outputs for name in ([output] if isinstance(output, str) else output)]


def filled(value: Any, values: Mapping[str, Any], *, strict: bool = True) -> Any:  # noqa: ANN401
    """Return arguments with values in place of their names; if not ``strict``, a name without a value stays."""
    if isinstance(value, Name):
        return values[value] if strict else values.get(value, value)
    if isinstance(value, Mapping):
        return {key: filled(entry, values, strict=strict) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled(entry, values, strict=strict) for entry in value)
    return value
