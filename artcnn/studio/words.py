"""The words of the studio's pages, in each language."""

import tomllib
from functools import cache
from typing import Any

from artcnn.errors import ArtcnnError
from artcnn.locations import bundled_words_dir


@cache
def studio_words(lang: str) -> dict[str, Any]:
    """Return the words in a language: by key, and, of a language that is not English, ``phrases`` by the English one.

    Phrases are what stands elsewhere in English only: what presets look like, what settings mean, titles of samples.

    Raises:
        ArtcnnError: there are none in this language.
    """
    known = sorted(path.stem for path in bundled_words_dir().glob("*.toml"))
    if lang not in known:
        raise ArtcnnError(f"there is no language '{lang}'", hint=f"choose from {', '.join(known)}")
    text = (bundled_words_dir() / f"{lang}.toml").read_text(encoding="utf-8")
    words: dict[str, Any] = tomllib.loads(text)["studio"]
    return words
