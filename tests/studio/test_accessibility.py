"""Nobody is kept out: axe-core looks at every page, dark and light, on a desktop and on a phone."""

from importlib.resources import files

import pytest
from browser import LONG, SIZES, choose_photo, expect, is_done, make

AXE = (
    files(pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")) / "axe.min.js"
).read_text()

pytestmark = pytest.mark.slow


def assert_open_to_all(page) -> None:
    """Fail where axe-core finds what is serious or critical, in any theme and size."""
    found = set()
    page.evaluate(AXE)
    for size in SIZES:
        page.set_viewport_size(SIZES[size])
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            result = page.evaluate("axe.run({resultTypes: ['violations']})")
            found |= {
                f"{size}, {theme}: {rule['id']} ({rule['help']}): {node['html'][:120]}: {node['failureSummary'][-200:]}"
                for rule in result["violations"]
                if rule["impact"] in ("serious", "critical")
                for node in rule["nodes"]
            }
    assert not found, "\n".join(sorted(found))


@pytest.mark.exhaustive
def test_the_workshop_from_the_first_look_to_a_picture(open_page):
    page = open_page(reduced_motion="reduce")
    expect(page.get_by_role("heading", name="Begin with a photo")).to_be_visible()
    assert_open_to_all(page)
    choose_photo(page)
    page.get_by_role("button", name="Paint", exact=True).click()
    assert_open_to_all(page)
    page.keyboard.press("Escape")
    make(page, "Instant style", 64)
    is_done(page)
    assert_open_to_all(page)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", ["Painting", "Dream"])
def test_the_workshop_with_all_settings(open_page, kind):
    page = open_page(reduced_motion="reduce")
    choose_photo(page)
    page.get_by_role("radiogroup", name="What to do").locator("label", has_text=kind).click()
    for more in page.locator("details > summary").all():
        more.click()
    assert_open_to_all(page)


def test_the_page_on_go(open_page):
    page = open_page(path="/#/go?size=9&moves=eeGF", reduced_motion="reduce")
    expect(page.get_by_text("Your move: Black")).to_be_visible(timeout=LONG)
    assert_open_to_all(page)


@pytest.mark.exhaustive
def test_the_page_on_speech_with_a_word(open_page):
    page = open_page(path="/#/speech", reduced_motion="reduce")
    page.get_by_role("button", name="Try “three”").click()
    expect(page.locator("figure.tile")).to_have_count(10, timeout=LONG)
    for more in page.locator("details > summary").all():
        more.click()
    assert_open_to_all(page)


@pytest.mark.parametrize(
    ("page_name", "is_there"),
    [
        pytest.param(
            "digits?unit=conv2.7.3.4&ask=maximize",
            lambda page: page.locator(".finding img").first,
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            "photo?network=alexnet11&unit=3&at=50.50",
            lambda page: page.locator(".one .finding img").first,
            marks=pytest.mark.exhaustive,
        ),
        ("speech", lambda page: page.get_by_role("button", name="Record a word")),
    ],
)
def test_the_classroom(open_page, page_name, is_there):
    page = open_page(path=f"/#/{page_name}", reduced_motion="reduce")
    expect(is_there(page)).to_be_visible(timeout=LONG)
    assert_open_to_all(page)
