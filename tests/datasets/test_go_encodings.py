"""SGF in the encodings that people have: what half a character may look like acts as nothing, named rightly or not."""

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgfmill import sgf

from artcnn.datasets.go.board import OF_WHITE, POINT
from artcnn.datasets.go.encodings import decode
from artcnn.datasets.go.sgf import SgfError, parse_games

NAMES = {
    "cp932": ["ソ能表 V ソ", "能", "表", "十段戦 予選", "坂田栄男", "ゾンビ構"],
    "gb18030": ["谢尔豪", "芈昱廷", "柯洁 乗車", "周俊勲"],
    "big5hkscs": ["許功蓋", "功", "許", "周俊勳", "林海峰", "蓋"],
    "euc_kr": ["이세돌", "박정환", "조치훈", "신진서"],
    "euc_jp": ["ソ能表", "イ・セドル", "ゾンビ"],
    "cp1252": ["Müller", "André", "José García", "Çelik"],
    "cp1251": ["Иванов", "Динерштейн", "Петров Александр"],
    "utf-8": ["許功蓋", "ソ能表", "Müller", "이세돌"],
}
HALF = {"cp932": (0x40, 0x7E), "gb18030": (0x40, 0x7E), "big5hkscs": (0x40, 0x7E)}
SIGNS = b"[\\]"
WRONG = ["", "CA[nonsense]", "CA[utf-8]", "CA[ISO8859-1]", "CA[gb2312]", "CA[shift_jis]", "CA[big5]", "CA[euc-kr]"]


def theirs(text: str) -> list[list[tuple[str, tuple[int, int] | None]]]:
    """Return the moves of the games in a text as sgfmill has them: colors, and rows and columns from below."""
    games = sgf.sgf_grammar.parse_sgf_collection(text.encode())
    found = [sgf.Sgf_game.from_coarse_game_tree(game, override_encoding="utf-8") for game in games]
    return [[node.get_move() for node in game.get_main_sequence() if node.get_move()[0]] for game in found]


def ours(content: bytes) -> list[list[tuple[str, tuple[int, int] | None]]]:
    games = list(parse_games(decode(content)))
    assert not any(isinstance(game, SgfError) for game in games), games
    return [[("w" if move & OF_WHITE else "b", place(move & POINT)) for move in game.tolist()] for game in games]


def place(point: int) -> tuple[int, int] | None:
    return None if point == 361 else (18 - point // 19, point % 19)


def a_game(names: list[str], named: str = "", *, seed: int = 0) -> str:
    points = random.Random(seed).sample([f"{c}{r}" for c in "abcdefghijklmnopqrs" for r in "acegikmoqs"], 8)  # noqa: S311
    told = "".join(f"{key}[{name}]" for key, name in zip(("PB", "PW", "EV", "GN"), names, strict=False))
    moves = "".join(f";{'BW'[number % 2]}[{point}]" for number, point in enumerate(points))
    return f"(;GM[1]FF[4]{named}SZ[19]\n{told}{moves})\n"


@pytest.mark.parametrize("named", [None, *WRONG])
@pytest.mark.parametrize("encoding", NAMES)
def test_moves_are_right_whatever_the_file_says_of_itself(encoding, named):
    said = f"CA[{encoding}]" if named is None else named
    for number, name in enumerate(NAMES[encoding]):
        text = a_game([name, f"{name} 9"], said, seed=number)
        content = text.encode(encoding)
        assert ours(content) == theirs(text)
        if named is None or not named:
            assert decode(content) == text


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso2022_jp"])
def test_other_ways_to_write_text(mark):
    text = a_game(["ソ能表", "坂田栄男 [", "a"]).replace(" [", "")
    assert decode(text.encode(mark)) == text


@cache
def characters(encoding: str, *, signs: bool) -> list[str]:
    """Return the characters whose second byte is one of ``[``, ``\\`` and ``]``, or the other ones of two bytes."""
    found = []
    for first in range(0x81, 0xFF):
        for second in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            text = bytes([first, second]).decode(encoding, errors="replace")
            if len(text) == 1 and text.isalpha() and text.encode(encoding, errors="replace") == bytes([first, second]):
                found += [text] if (second in SIGNS) is signs else []
    return found


@pytest.mark.slow
@pytest.mark.parametrize("encoding", HALF)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_half_of_a_character_is_syntax_where_the_encoding_is_named(encoding, data):
    signs, others = (st.sampled_from(characters(encoding, signs=signs)) for signs in (True, False))
    name = st.lists(st.one_of(signs, others, st.sampled_from("aZ 9")), min_size=1, max_size=8).map("".join)
    text = a_game(data.draw(st.lists(name, min_size=1, max_size=4)), f"CA[{encoding}]")
    assert ours(text.encode(encoding)) == theirs(text)


def test_many_rare_characters_are_read_as_declared():
    text = a_game(["丂丂丂丂丂丂伬乗"], "CA[gb18030]")
    assert ours(text.encode("gb18030")) == theirs(text)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", HALF)
def test_collections_without_a_word_on_their_encoding_are_sgfmills(encoding):
    """Each name of usual characters, as names are, one with such a half among them."""
    rng = random.Random(0)  # noqa: S311
    usual = {"cp932": (0x88, 0x97), "gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6)}[encoding]
    frequent = [c for c in characters(encoding, signs=False) if usual[0] <= c.encode(encoding)[0] <= usual[1]]
    frequent = [c for c in frequent if encoding != "gb18030" or c.encode(encoding)[1] >= 0xA1]
    games = []
    for number in range(200):
        names = ["".join(rng.choices(frequent, k=rng.randint(1, 3))) for _ in range(2)]
        where = rng.randint(0, len(names[0]))
        names[0] = names[0][:where] + rng.choice(characters(encoding, signs=True)) + names[0][where:]
        games.append(a_game(names, seed=number))
    text = "".join(games)
    assert ours(text.encode(encoding)) == theirs(text)
    wrong = sum(ours(game.encode(encoding)) != theirs(game) for game in games)
    assert not wrong, "each alone, too"


def test_each_game_of_a_collection_may_have_its_own_encoding():
    games = [(a_game([NAMES[encoding][0]], f"CA[{encoding}]"), encoding) for encoding in NAMES]
    content = b"".join(game.encode(encoding) for game, encoding in games)
    assert decode(content) == "".join(game for game, _ in games)


@pytest.mark.parametrize("encoding", HALF)
@pytest.mark.parametrize("named", ["", "CA[{}]"])
def test_a_name_that_is_cut_within_a_character_takes_no_bracket_with_it(encoding, named):
    content = a_game(["NAME", "MORE"], named.format(encoding)).encode()
    expected = theirs(content.decode())
    for name in NAMES[encoding]:
        cut = name.encode(encoding)[:-1]
        assert ours(content.replace(b"MORE", cut)) == expected, "before the first move"
        assert ours(content.replace(b"NAME", cut).replace(b"MORE", name.encode(encoding))) == expected


def test_what_the_other_games_are_in_helps_one_that_could_be_anything():
    sure, unsure = a_game(["ソ能表 十段戦 ゾンビ"]), a_game(["構"])
    assert decode((sure + unsure).encode("cp932")) == sure + unsure


@pytest.mark.parametrize(
    "named", [b"", b"CA[zip]", b"CA[rot13]", b"CA[nonsense]", b"CA[utf-8]", b"CA[utf-16]", b"CA[cp037]"]
)
def test_no_byte_stops_the_reader(named):
    content = b"(;GM[1]" + named + b"C[" + bytes(range(128, 256)) + b"];B[aa];W[])"
    assert ours(content) == [[("b", (18, 0)), ("w", None)]]
