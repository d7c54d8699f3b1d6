"""Message catalogs of the pages, in each language."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from artcnn.errors import ArtcnnError, did_you_mean
from artcnn.locations import bundled_words_dir
from artcnn.reports.messages import Message


@dataclass(frozen=True)
class Catalog:
    """The texts of a page in one language.

    Attributes:
        lang: for HTML's ``lang`` attribute.
        page: fixed texts of the page, by key.
        overview: paragraphs about the network as a whole, by case.
        looks: title and explanation of each method, by name.
        headings: of table columns, by key.
        values: translations of cell values, by key of the column.
        phrases: templates by the English template; empty for English.
    """

    lang: str
    page: Mapping[str, str]
    overview: Mapping[str, list[str]]
    looks: Mapping[str, Mapping[str, Any]]
    headings: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    phrases: Mapping[str, str]

    def translate(self, message: Message) -> str:
        """Return a message in this language."""
        if not message.template:
            return ""
        template = message.template if self.lang == "en" else self.phrases[message.template]
        return template.format(**{key: self._named(value, key) for key, value in message.fields.items()})

    def heading(self, key: str) -> str:
        """Return the heading of a column; a key such as ``correlation_conv1`` contains a layer."""
        if key in self.headings:
            return self.headings[key]
        first, _, rest = key.partition("_")
        return f"{self.headings[f'{first}_']} {rest}"

    def value(self, value: object, key: str) -> str:
        """Return the text of a table cell: translated, or a number to four digits."""
        if isinstance(value, bool):
            return self.page["yes" if value else "no"]
        if value is None or value == "":
            return "–"
        if isinstance(value, float):
            return f"{value:.4g}"
        return f"{value:,}" if isinstance(value, int) else str(self._named(value, key))

    def _named(self, value: object, key: str) -> object:
        """Translate a message or a known name; return any other value unchanged."""
        if isinstance(value, Message):
            return self.translate(value)
        names = self.values.get(key, {})
        return names.get(value, value) if isinstance(value, str) else value


def languages() -> list[str]:
    """Return the available languages."""
    return sorted(path.stem for path in bundled_words_dir().glob("*.toml"))


def read_words(lang: str) -> dict[str, Any]:
    """Return all words of one of the languages, as they stand in its file."""
    return tomllib.loads((bundled_words_dir() / f"{lang}.toml").read_text(encoding="utf-8"))


def load_catalog(lang: str) -> Catalog:
    """Load the catalog of a language.

    Raises:
        ArtcnnError: there is none.
    """
    if lang not in languages():
        raise ArtcnnError(f"invalid --lang {lang}", hint=did_you_mean(lang, languages()))
    data = read_words(lang)
    del data["studio"]  # of other pages
    return Catalog(lang=lang, **{"values": {}, "phrases": {}} | data)
