"""The page on photos: from a photo to a unit, by a place or by a map, and what the unit is for."""

import re

import pytest
from browser import LONG, SIZES, choose_photo, expect

pytestmark = pytest.mark.slow


def test_a_place_leads_to_a_unit_and_a_unit_to_its_patches(open_page):
    page = open_page(path="/#/photo?network=alexnet11&layer=relu1")
    choose_photo(page)
    expect(page).to_have_url(re.compile("photo=[0-9a-f]{64}"), timeout=LONG)
    seen = page.get_by_role("application", name="The photo as the network is shown it")
    seen.click(position={"x": 100, "y": 90}, timeout=LONG)
    here = page.get_by_role("region", name="What relu1 finds here")
    expect(here).to_contain_text("11 × 11 pixels", timeout=LONG)
    first = here.get_by_role("button").first
    unit = first.locator("b").inner_text()
    first.click()
    page.reload()
    one = page.get_by_role("complementary", name=unit)
    expect(one.get_by_text("150 of 150 pictures were searched")).to_be_visible(timeout=LONG)
    expect(one.get_by_role("img", name=re.compile("what it answers to most"))).to_have_count(6, timeout=LONG)
    expect(here).to_contain_text(unit, timeout=LONG)
    one.get_by_role("button", name="Close").click()
    page.locator(".unit-maps").get_by_role("button").first.click()
    expect(page.locator(".one").get_by_role("heading", level=2)).to_have_text(re.compile(r"relu1:\d+"), timeout=LONG)
    page.set_viewport_size(SIZES["phone"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_link_that_names_nothing_that_there_is_shows_the_page(open_page):
    page = open_page(path="/#/photo?network=__proto__&layer=constructor&unit=99999&at=x&photo=%3Cb%3E")
    expect(page.get_by_role("heading", name="What the layers make of a photo")).to_be_visible(timeout=LONG)
    expect(page.locator(".one")).to_contain_text("Choose a map")
