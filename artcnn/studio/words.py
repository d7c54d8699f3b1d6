"""The words of the studio's pages, in each language."""

from functools import cache
from typing import Any

from artcnn.errors import ArtcnnError
from artcnn.reports.i18n import languages, read_words


@cache
def studio_words(lang: str) -> dict[str, Any]:
    """Return the words in a language: by key, and, of a language that is not English, ``phrases`` by the English one.

    Phrases are what stands elsewhere in English only: what presets look like, what settings mean, titles of samples.

    Raises:
        ArtcnnError: there are none in this language.
    """
    if lang not in languages():
        raise ArtcnnError(f"there is no language '{lang}'", hint=f"choose from {', '.join(languages())}")
    words: dict[str, Any] = read_words(lang)["studio"]
    return words
