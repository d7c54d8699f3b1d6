"""Messages that pages can translate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """A message with fields.

    Attributes:
        template: in English, with fields as in ``str.format``; ``data/words`` has the translations.
        fields: their values.
    """

    template: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.fields)


def message(template: str, **fields: Any) -> Message:  # noqa: ANN401 - whatever can be formatted
    """Return a message with these fields."""
    return Message(template, fields)


EMPTY_MESSAGE = Message("")
