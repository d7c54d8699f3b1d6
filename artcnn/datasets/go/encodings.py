r"""Decode SGF files of unknown encoding: for each game, choose the encoding that makes the most probable text.

In Shift-JIS, GBK and Big5 the second byte of a character can be ``[``, ``\`` or ``]``, so a wrong encoding turns half a
character into a bracket and loses moves. The declared encoding is often wrong or missing. It is taken as evidence,
together with the frequency of the characters and the syntax of the brackets. Costs are negative log probabilities, in
nats, roughly.
"""

import codecs
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from math import log

_BYTE_ORDERS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"(\0": "utf-16-le",
    b"\0(": "utf-16-be",
}
_NAME = re.compile(rb"(?<![A-Za-z])CA\s*\[\s*([\w.:-]{1,40})\s*\]")
_NEXT_GAME = re.compile(rb"\)\s*(?=\(\s*;\s*(?:FF|GM|CA|AP|SZ)\s*\[)")
_VALUE = re.compile(r"\[(?:[^\]\\]|\\.)*+(?:\]|\Z)", re.DOTALL)
_NOT_BETWEEN = re.compile(r"[^A-Za-z\s;()\ufeff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

_CUT = re.compile(r"[^\x00-\x7f](?=\s*(?:[;()]|[A-Z]{1,2}\s*\[))")
"""A character after which a value may have ended."""

_SAME = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "hz"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift_jisx0213", "shift_jis_2004", "cp932"), "cp932"),
    **dict.fromkeys(("big5", "cp950", "big5hkscs"), "big5hkscs"),
    **dict.fromkeys(("euc_kr", "cp949", "johab"), "cp949"),
    **dict.fromkeys(("iso8859-1", "iso8859-15", "ascii", "cp1252"), "cp1252"),
    **dict.fromkeys(("utf-8", "utf-8-sig"), "utf-8"),
}
"""The largest of several encodings that are mistaken for each other."""
_OTHER_NAMES = {"x-sjis": "cp932", "windows-31j": "cp932", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949"}

_SCORED = 1_000_000
_ENOUGH = 16
"""So many non-ASCII bytes are not valid UTF-8 by chance."""
_NAMED, _DOUBTED, _LIKE_THE_OTHERS = 20.0, 8.0, 6.0
"""Bonus of the declared encoding if no other has better syntax, or if one has; and of the other games' encoding."""
_BROKEN, _OUT_OF_PLACE = 15.0, 10.0
_ASCII, _BACKSLASH = 3.5, 4.5

_RARE = -log(0.01 / 10_000)
_RARE_IF_NAMED = 9.0
"""Cost of a rare character in the declared encoding: its two bytes cost no less in any single-byte one."""

_PAIRS: dict[str, tuple[tuple[int, int, int, float, int], ...]] = {
    "cp932": (
        (0x88, 0x97, 0x40, 0.50, 2965),
        (0x82, 0x83, 0x40, 0.38, 250),
        (0x81, 0x81, 0x40, 0.08, 147),
        (0x98, 0xEA, 0x40, 0.03, 3390),
    ),
    "gb18030": ((0xB0, 0xD7, 0xA1, 0.90, 3755), (0xD8, 0xF7, 0xA1, 0.05, 3008), (0xA1, 0xA9, 0xA1, 0.04, 700)),
    "big5hkscs": ((0xA4, 0xC6, 0x40, 0.90, 5401), (0xC9, 0xF9, 0x40, 0.04, 7652), (0xA1, 0xA3, 0x40, 0.05, 400)),
    "cp949": ((0xB0, 0xC8, 0xA1, 0.13, 2200), (0xCA, 0xFD, 0xA1, 0.15, 4888), (0xA1, 0xAC, 0xA1, 0.03, 900)),
    "euc_jp": (
        (0xB0, 0xCF, 0xA1, 0.50, 2965),
        (0xA4, 0xA5, 0xA1, 0.38, 170),
        (0xA1, 0xA1, 0xA1, 0.08, 94),
        (0xD0, 0xF4, 0xA1, 0.03, 3390),
    ),
}
"""Ranges of double-byte encodings: first byte from and to, smallest second byte, the part of usual text in this range,
and its number of characters. Frequent characters, such as kana, have ranges of their own."""

_OF_NAMES = frozenset(
    "가각간강개거건경고공관광교구국권규균근금기길김나남노단대덕도동라람래류리림마명모문미민박배백범병보복봉부비빈사상서석선설섭성세소손송수순숙승시신심"
    "아안양언엄여연열영예오옥완용우운원유윤은을의이익인일임자장재전정제조종주준중지진차찬창채천철청초최춘충치탁태택표하학한해향허헌혁현형혜호홍화환황효훈휘희"
)
"""Syllables of Korean names; others are no more frequent than a Chinese character."""


def decode(content: bytes) -> str:
    """Decode an SGF file, each game by its most probable encoding. Invalid bytes are replaced."""
    for mark, encoding in _BYTE_ORDERS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    games = _games_in(content.removeprefix(codecs.BOM_UTF8))
    named = "utf-8" if content.startswith(codecs.BOM_UTF8) else None
    found: list[str | dict[str, float]] = []
    for game in games:
        named = _named(game) or named
        found.append(_certain(game, named) or _costs(game, named))
    unsure = [costs for costs in found if isinstance(costs, dict)]
    usual = min(CANDIDATES, key=lambda name: sum(costs.get(name, 0.0) for costs in unsure))
    names = (
        each if isinstance(each, str) else min(each, key=lambda name: each[name] - _LIKE_THE_OTHERS * (name == usual))
        for each in found
    )
    return "".join(_text(game, name) for game, name in zip(games, names, strict=True))


def _text(game: bytes, name: str) -> str:
    """Decode a game; a character that was cut in half must not swallow the bracket after it."""
    text = game.decode(name, errors="replace")
    if name not in _PAIRS:
        return text
    mended = _CUT.sub(lambda match: "?]" if match[0].encode(name, errors="replace")[1:] == b"]" else match[0], text)
    return mended if _faults(mended) < _faults(text) else text


def _games_in(content: bytes) -> list[bytes]:
    """Split the content into games, as each declares its own encoding."""
    ends = [0, *(match.end() for match in _NEXT_GAME.finditer(content)), len(content)]
    return [content[start:end] for start, end in pairwise(ends)]


def _named(game: bytes) -> str | None:
    """Return the declared encoding of a game; None if there is none, or if it is no superset of ASCII."""
    found = _NAME.search(game[:100_000])
    if not found:
        return None
    name = found[1].decode("ascii", errors="replace").lower()
    try:
        known = codecs.lookup(_OTHER_NAMES.get(name, name)).name
        known = _SAME.get(known, known)
        ascii_stays = bytes(range(32, 127)).decode(known) == "".join(map(chr, range(32, 127)))
    except (LookupError, UnicodeError):
        return None
    return known if ascii_stays else None


def _certain(game: bytes, named: str | None) -> str | None:
    """Return the encoding if it is certain, else None."""
    if game.isascii():
        return "iso2022_jp" if b"\x1b$" in game else "ascii"
    try:
        game.decode()
    except UnicodeDecodeError:
        return None
    enough = named == "utf-8" or len(game.translate(None, bytes(range(128)))) >= _ENOUGH
    return "utf-8" if enough else None


def _costs(game: bytes, named: str | None) -> dict[str, float]:
    """Return the cost of a game in each encoding."""
    part = game[:_SCORED]
    of_characters = CANDIDATES if named is None else {named: _of_any_letter, **CANDIDATES}
    texts = {name: part.decode(name, errors="replace") for name in of_characters}
    faults = {name: _faults(text) for name, text in texts.items()}
    costs = {name: faults[name] + _cost(text, of_characters[name]) for name, text in texts.items()}
    if named is not None:
        sound = faults[named] <= min(faults.values()) and named != "cp1252"  # which many programs write by default
        if sound:
            of_named = of_characters[named]
            costs[named] = faults[named] + _cost(texts[named], lambda *at: min(of_named(*at), _RARE_IF_NAMED))
        costs[named] -= _NAMED if sound else _DOUBTED
    return costs


def _faults(text: str) -> float:
    """Return the cost of invalid characters, and of text where SGF allows none."""
    values: list[str] = _VALUE.findall(text)
    between = _VALUE.sub("", text)
    # A bracket inside a value usually should have ended it, or is half a character.
    out_of_place = sum(value.count("[") - 1 for value in values) + len(_NOT_BETWEEN.findall(between))
    return _OUT_OF_PLACE * out_of_place + _BROKEN * text.count("\ufffd")


def _cost(text: str, cost: Callable[[str, str], float]) -> float:
    """Return the cost of characters; ``cost`` gives it for a non-ASCII character and the one before."""
    others = [match.start() for match in _NOT_ASCII.finditer(text)]
    total = sum((cost(text[at], text[at - 1 : at]) for at in others), 0.0)
    return total + _ASCII * (len(text) - len(others)) + _BACKSLASH * text.count("\\")


def _of_pairs(name: str) -> Callable[[str, str], float]:
    @lru_cache(maxsize=20_000)
    def cost(character: str) -> float:
        if character in _OF_NAMES:
            return -log(0.68 / len(_OF_NAMES))
        code = character.encode(name, errors="replace")
        for first, last, least, part, count in _PAIRS[name] if len(code) == 2 else ():
            if first <= code[0] <= last and code[1] >= least:
                return -log(part / count)
        return _RARE

    return lambda character, _: cost(character)


def _of_unicode(character: str, _: str) -> float:
    return 5.5 if character < "\u0800" else 9.0


def _of_western(character: str, before: str) -> float:
    """Accented letters occur among unaccented ones."""
    if not character.isalpha():
        return 7.0
    return 4.0 if before.isascii() else 7.0


def _of_cyrillic(character: str, before: str) -> float:
    """Words have lowercase letters, sometimes a capital first, and no Latin letters."""
    inside = before.isalpha()
    if not ("\u0400" <= character <= "\u045f") or (inside and before.isascii()):
        return 7.5
    return (3.5 if inside else 6.5) if character.islower() else (7.0 if inside else 5.8)


def _of_any_letter(character: str, _: str) -> float:
    return 4.5 if character.isalpha() else 7.0


CANDIDATES: dict[str, Callable[[str, str], float]] = {
    "utf-8": _of_unicode,
    **{name: _of_pairs(name) for name in _PAIRS},
    "cp1252": _of_western,
    "cp1251": _of_cyrillic,
    "koi8-r": _of_cyrillic,
    "latin-1": lambda _character, _before: 5.5,  # stands for all other single-byte encodings: brackets stay brackets
}
"""Encodings by name, with the cost of a character after another."""
