"""Sentences of ours that a page can say in another language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """A sentence with what was found in it.

    Attributes:
        template: in English, its fields as ``str.format`` has them; other languages have their own for it
            (``data/words``).
        fields: what they stand for.
    """

    template: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.fields)


def message(template: str, **fields: Any) -> Message:  # noqa: ANN401 - whatever can be formatted
    """Return a sentence with these fields."""
    return Message(template, fields)


EMPTY_MESSAGE = Message("")
