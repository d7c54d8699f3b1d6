"""The words of the pages, in each of their languages."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from artcnn.errors import ArtcnnError, did_you_mean
from artcnn.locations import bundled_words_dir
from artcnn.reports.messages import Message


@dataclass(frozen=True)
class Catalog:
    """What a page says.

    Attributes:
        lang: of HTML's attribute.
        page: by what it is for.
        overview: paragraphs on the network as a whole, by when they are said.
        looks: each look's title and what it tells, by its name.
        headings: of the tables, by the key of a row.
        values: that a row can have, where they are words of ours, by its key.
        phrases: templates by the English one; none in English.
    """

    lang: str
    page: Mapping[str, str]
    overview: Mapping[str, list[str]]
    looks: Mapping[str, Mapping[str, Any]]
    headings: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    phrases: Mapping[str, str]

    def translate(self, message: Message) -> str:
        """Return a sentence in this language."""
        template = message.template if self.lang == "en" else self.phrases[message.template]
        return template.format(**{key: self._named(value, key) for key, value in message.fields.items()})

    def heading(self, key: str) -> str:
        """Return what stands above a column; a key such as ``correlation_conv1`` is one of its own for each layer."""
        if key in self.headings:
            return self.headings[key]
        first, _, rest = key.partition("_")
        return f"{self.headings[f'{first}_']} {rest}"

    def value(self, value: object, key: str) -> str:
        """Return what a table shows for a value under a heading: words in this language, numbers to four digits."""
        if isinstance(value, bool):
            return self.page["yes" if value else "no"]
        if value is None or value == "":
            return "–"
        if isinstance(value, float):
            return f"{value:.4g}"
        return f"{value:,}" if isinstance(value, int) else str(self._named(value, key))

    def _named(self, value: object, key: str) -> object:
        """Return one of our own names, such as that of a method, or a sentence in this language; else the value."""
        if isinstance(value, Message):
            return self.translate(value)
        names = self.values.get(key, {})
        return names.get(value, value) if isinstance(value, str) else value


def languages() -> list[str]:
    """Return the languages that there are words in."""
    return sorted(path.stem for path in bundled_words_dir().glob("*.toml"))


def load_catalog(lang: str) -> Catalog:
    """Return the words of a language.

    Raises:
        ArtcnnError: there are none.
    """
    if lang not in languages():
        raise ArtcnnError(f"invalid --lang {lang}", hint=did_you_mean(lang, languages()))
    data = tomllib.loads((bundled_words_dir() / f"{lang}.toml").read_text(encoding="utf-8"))
    return Catalog(lang=lang, **{"values": {}, "phrases": {}} | data)
