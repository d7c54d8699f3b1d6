"""The classroom's page on Go, as a person uses it."""

import re
from urllib.parse import parse_qs

import pytest
from browser import DESKTOP_FIRST, LONG, expect

from artcnn.datasets.go.position import position_in
from artcnn.datasets.go.sgf import main_lines

pytestmark = pytest.mark.slow

MINE = ["cc", "gg", "gc", "cg", "ee", "ec", "eg", "ce", "ge"]


def moves_of(page) -> list[str]:
    """Return the moves in the address: small letters are Black's."""
    return re.findall("..", parse_qs(page.url.partition("?")[2]).get("moves", [""])[0])


def wait_for_moves(page, count: int) -> list[str]:
    page.wait_for_url(re.compile(rf"[?&]moves=(..){{{count}}}(&|$)"), timeout=LONG)
    expect(page.get_by_text("Your move: Black")).to_be_visible(timeout=LONG)
    return moves_of(page)


def click_point(page, place: str) -> None:
    board = page.get_by_role("application", name="Board of Go")
    box = board.bounding_box()
    scale = box["width"] / 9.55
    x, y = (ord(letter) - 96 for letter in place)
    board.click(position={"x": (x - 0.05) * scale, "y": (y - 0.4) * scale})


def open_sgf(page, content: bytes) -> None:
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Open SGF").click()
    choosing.value.set_files({"name": "game.sgf", "mimeType": "application/x-go-sgf", "buffer": content})


@pytest.mark.parametrize("size", DESKTOP_FIRST)
def test_ten_moves_against_the_network_are_taken_back_saved_and_opened(open_page, tmp_path, size):
    page = open_page(size, path="/#/go?size=9")
    expect(page.get_by_text("Your move: Black")).to_be_visible(timeout=LONG)
    played: list[str] = []
    for turn in range(5):
        free = next(place for place in MINE if place not in {move.lower() for move in played})
        click_point(page, free)
        before, played = played, wait_for_moves(page, 2 * turn + 2)
        assert played[:-1] == [*before, free]
        assert played[-1].isupper()
    expect(page.get_by_text(re.compile(r"It played [A-J]\d, to which it gave \d+ %"))).to_be_visible()
    expect(page.locator(".goban .stone.black")).to_have_count(5)

    page.get_by_role("button", name="Take back").click()
    assert wait_for_moves(page, 8) == played[:8]
    with page.expect_download() as coming:
        page.get_by_role("button", name="Save as SGF").click()
    saved = coming.value.path().read_bytes()
    (line,) = main_lines(saved.decode())
    position = position_in(line)
    assert (position.size, position.count, position.komi) == (9, 8, 7.5)

    page.get_by_role("combobox", name="Board").select_option("13")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("application", name="Board of Go, 13 × 13")).to_be_visible(timeout=LONG)
    assert moves_of(page) == []
    open_sgf(page, saved)
    assert wait_for_moves(page, 8) == played[:8]
    expect(page.get_by_role("application", name="Board of Go, 9 × 9")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_go_is_played_with_the_keyboard_and_ends_with_two_passes(open_page):
    page = open_page(path="/#/go?size=7&you=both&komi=0.5&heat=0")
    expect(page.get_by_text("Black to move")).to_be_visible(timeout=LONG)
    board = page.get_by_role("application", name="Board of Go")
    board.focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp"):
        board.press(key)
    expect(page.get_by_text("C5: empty")).to_be_attached()
    board.press("Enter")
    expect(page.get_by_text("White to move")).to_be_visible(timeout=LONG)
    board.press("Enter")
    expect(page.get_by_text("C5 is no legal move")).to_be_attached()
    for whose in ("Black", "White"):
        page.get_by_role("button", name="Pass").click()
        if whose == "Black":
            expect(page.get_by_text("Black to move")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Black wins by 48.5 points")).to_be_visible(timeout=LONG)
    assert moves_of(page) == ["cc", "TT", "tt"]
    open_sgf(page, b"(;GM[2])")
    expect(page.get_by_role("alert")).to_have_text("this SGF cannot be read: it is no game of Go")


def test_an_address_that_makes_no_sense_is_a_sentence_or_left_out(open_page):
    page = open_page(path="/#/go?size=1e9&you=<b>&komi=NaN&moves=eeEE")
    expect(page.get_by_role("alert")).to_have_text("move 2: E5 is not a legal move", timeout=LONG)
    page.goto(page.url.partition("#")[0] + "#/go?size=9&moves=(((&ab=zz")
    expect(page.get_by_text("Your move: Black")).to_be_visible(timeout=LONG)


def test_on_a_large_board_a_finger_aims_before_it_plays(open_page):
    page = open_page("phone", path="/#/go?size=13&you=both")
    expect(page.get_by_text("Black to move")).to_be_visible(timeout=LONG)
    box = page.get_by_role("application", name="Board of Go").bounding_box()
    point = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3
    page.touchscreen.tap(*point)
    expect(page.locator(".goban .ghost")).to_be_visible()
    assert moves_of(page) == []
    page.touchscreen.tap(*point)
    expect(page.get_by_text("White to move")).to_be_visible(timeout=LONG)
    assert moves_of(page) == ["dd"]
