"""What commands print for scripts: every test of the command line compares its keys with those that are promised."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from name_lists import Names, read_names

LIST = Path(__file__).parents[1] / "data" / "public-json.txt"

_GROUPS = {"mnist": (), "speech": (), "go": (), "inspect": (), "sheet": (), "instant": ("styles", "learn")}
"""The names behind which another names the command; where some are listed, it may be missing."""

_WHOLE = {"recipe", "video", "film", "settings", "packages", "probabilities", "versions", "limits"}
"""Keys whose objects have the names of settings, packages and the like."""

_BY_NAME = {"classes", "by_speaker", "by_size", "by_phase"}
"""Keys whose objects have names of classes and the like, and below each the same keys."""

_ERROR: tuple[set[str], set[str]] = set(), set()
"""Of what is no command there is nothing but an error."""


def check_json(arguments: Sequence[str], printed: str) -> None:
    """Assert that a command printed the keys that are promised, and no others.

    Args:
        arguments: of the command, ``--json`` among them.
        printed: its standard output.
    """
    required, allowed = _promised().get(f"artcnn {_command_of(arguments)}", _ERROR)
    for value in _values_in(printed):
        found = set(_keys_of(value))
        assert found <= allowed, f"not promised: {sorted(found - allowed)}, see {LIST}"
        if found and "done" not in found:  # a picture that was there already is only named
            assert required <= found, f"promised, and not there: {sorted(required - found)}, see {LIST}"


@cache
def _promised() -> dict[str, tuple[set[str], set[str]]]:
    """Return, by command, the keys that are always there, and all that there may be."""
    names: Names = read_names(LIST.read_text(encoding="utf-8"))
    return {
        command: ({key for key in keys if not key.endswith("?")}, {key.removesuffix("?") for key in keys})
        for command, keys in names.items()
    }


def _command_of(arguments: Sequence[str]) -> str:
    first, second = (*arguments, "", "")[:2]
    below = _GROUPS.get(first)
    return first if below is None or (below and second not in below) else f"{first} {second}"


def _values_in(text: str) -> Iterator[Any]:
    """Yield what was printed: one JSON value after the other."""
    decoder, rest = json.JSONDecoder(), text.lstrip()
    while rest:
        value, end = decoder.raw_decode(rest)
        yield value
        rest = rest[end:].lstrip()


def _keys_of(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each key; objects of a list have one path. What failed has none: it may lack any."""
    if isinstance(value, list):
        for entry in value:
            yield from _keys_of(entry, path)
    elif isinstance(value, dict) and not isinstance(value.get("error"), dict):
        for key, inner in value.items():
            named = f"{path}.{key}" if path else key
            yield named
            if key in _BY_NAME and isinstance(inner, dict):
                for entry in inner.values():
                    yield from _keys_of(entry, f"{named}.*")
            elif key not in _WHOLE:
                yield from _keys_of(inner, named)
