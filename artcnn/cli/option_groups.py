"""One parameter of a command that stands for several options."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields
from inspect import Parameter, Signature, signature
from typing import Any


class OptionGroup(ABC):
    """Several options: metadata of the annotation of a command's parameter, which gets the object made of them."""

    @abstractmethod
    def parameters(self) -> list[Parameter]:
        """Return the options, as a function that typer reads has them."""

    @abstractmethod
    def make(self, values: Mapping[str, Any]) -> object:
        """Return the object made of the options' values by name."""


class DataclassOptions(OptionGroup):
    """An option for each field of a dataclass that is annotated with one.

    Args:
        kind: the dataclass; all of its fields have a default.
        omit: fields that keep their default, without an option.
    """

    def __init__(self, kind: type, omit: Collection[str] = ()) -> None:
        self._kind, self._omit = kind, omit

    def parameters(self) -> list[Parameter]:
        """Return an option for each field."""
        shown = [field for field in fields(self._kind) if hasattr(field.type, "__metadata__")]
        return [option(field.name, field.type, field.default) for field in shown if field.name not in self._omit]

    def make(self, values: Mapping[str, Any]) -> object:
        """Return the dataclass."""
        return self._kind(**values)


def option(name: str, annotation: object, default: object = None) -> Parameter:
    """Return a parameter that typer makes an option of."""
    return Parameter(
        name, Parameter.KEYWORD_ONLY, annotation=annotation, default=None if default is MISSING else default
    )


def expand(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options of its groups in place of its parameters that stand for them."""
    groups: dict[str, OptionGroup] = {}
    parameters: list[Parameter] = []
    for parameter in signature(command).parameters.values():
        metadata = getattr(parameter.annotation, "__metadata__", ())
        group = next((entry for entry in metadata if isinstance(entry, OptionGroup)), None)
        if group is not None:
            groups[parameter.name] = group
        parameters += [parameter] if group is None else group.parameters()
    if not groups:
        return command

    def run(**values: Any) -> None:  # noqa: ANN401 - typer hands over what each option is
        made = {
            name: group.make({one.name: values.pop(one.name) for one in group.parameters()})
            for name, group in groups.items()
        }
        command(**values, **made)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = Signature(  # type: ignore[attr-defined]
        [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in parameters]
    )
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
