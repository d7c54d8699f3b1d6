"""The page of digits: what the browser computes is what torch computes, and what is written out adds up."""

import re

import pytest
import torch
from browser import DESKTOP_FIRST, LONG, expect

from artcnn.datasets.handwriting import find_digit
from artcnn.datasets.mnist import load_mnist
from artcnn.files.model import read_model
from artcnn.nets.pooling import pool2x2
from artcnn.studio.digits import EXAMPLES, NETWORK

pytestmark = pytest.mark.slow

THREE = [(0.35, 0.3), (0.5, 0.22), (0.62, 0.32), (0.5, 0.47), (0.66, 0.6), (0.52, 0.78), (0.34, 0.7)]
"""Points of a stroke, as parts of the drawing's width."""

COMPUTE = """async ([pixels, pooling]) => {
  const { loadNetwork } = await import('/js/digits/network.js');
  return (await loadNetwork()).forward(Float32Array.from(pixels), pooling).map((layer) => [...layer]);
}"""

INK = """async (text) => {
  const { SIDE, inkOf, unpack } = await import('/js/digits/strokes.js');
  const { prepare } = await import('/js/digits/prepare.js');
  const ink = inkOf(unpack(text));
  return [[...ink], [...prepare(ink, SIDE).pixels]];
}"""


def draw(page, points) -> None:
    """Draw a stroke with the mouse."""
    page.get_by_role("button", name="Clear and draw").click()
    box = page.get_by_role("application", name="Draw a digit here").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text.replace("−", "-"))]


def test_every_layer_is_torchs(open_page):
    page, model = open_page(path="/#/digits"), read_model(NETWORK)
    digits = load_mnist("test").batch(torch.tensor([EXAMPLES[3]]))[0]
    blank = torch.zeros_like(digits)
    for picture, pooling in ((digits, "max"), (digits, "average"), (blank, "max")):
        layers = page.evaluate(COMPUTE, [picture.flatten().tolist(), pooling])
        values = picture
        names = [name for name, _ in model.network.named_children()]
        assert len(layers) == 1 + len(names)
        for name, found in zip(names, layers[1:], strict=True):
            layer = pool2x2(pooling) if name.startswith("pool") else model.network.get_submodule(name)
            with torch.no_grad():
                values = layer(values)
            torch.testing.assert_close(torch.tensor(found), values.flatten(), atol=1e-4, rtol=0, msg=name)


@pytest.mark.parametrize("size", DESKTOP_FIRST)
def test_a_drawn_digit_is_read_as_from_a_picture_and_survives_a_reload(open_page, size):
    page = open_page(size, path="/#/digits")
    draw(page, THREE)
    best = page.locator(".answers .best")
    expect(best).to_contain_text("3", timeout=LONG)
    said = best.inner_text()
    drawing = re.search(r"drawing=([\w-]+)", page.url).group(1)
    assert len(drawing) < 120  # one stroke of fewer than 40 points, each two bytes
    page.reload()
    expect(best).to_have_text(re.compile(r"\s*".join(said.split())), timeout=LONG)
    ink, pixels = (torch.tensor(values) for values in page.evaluate(INK, drawing))
    found = find_digit(1 - ink.view(1, 1, 280, 280)).digit
    assert (found.flatten() - pixels).abs().max() < 0.02
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_arithmetic_of_a_number_adds_up_and_its_way_leads_to_the_answer(open_page):
    page = open_page(path="/#/digits?example=0&unit=conv2.7.3.4")
    one = page.get_by_role("complementary", name="conv2:7")
    value = numbers(one.locator("output").inner_text())[0]
    sums = [numbers(text)[0] for text in one.locator(".groups span").all_inner_texts()]
    assert len(sums) == 25
    total, bias, again = numbers(one.locator(".result").first.inner_text())
    assert again == value
    assert total + bias == pytest.approx(value, abs=0.0015)
    assert sum(sums) == pytest.approx(total, abs=25 * 0.005)
    one.get_by_text("Write out all 225 products").click()
    *factors, own_bias, written = numbers(one.locator(".terms").inner_text())
    products = sum(weight * number for number, weight in zip(factors[::2], factors[1::2], strict=True))
    assert len(factors) == 450
    assert products + own_bias == pytest.approx(written, abs=0.02)
    with torch.no_grad():
        picture = load_mnist("test").batch(torch.tensor([0]))[0]
        assert float(read_model(NETWORK).network[:3](picture)[0, 7, 3, 4]) == pytest.approx(value, abs=0.001)


def test_pointing_at_a_number_shows_it_and_the_way_is_walked_to_the_answer(open_page):
    page = open_page(path="/#/digits?example=0")
    maps = page.get_by_role("application", name=re.compile("^pool1"))
    box = maps.bounding_box()
    maps.hover(position={"x": box["width"] / 26, "y": box["height"] / 4})
    one = page.locator(".one")
    expect(one.get_by_role("heading", level=2)).to_have_text("pool1:0")
    four = numbers(one.locator(".result").inner_text())
    assert max(four[:4]) == four[4]
    maps.focus()
    maps.press("Home")
    maps.press("ArrowRight")
    expect(one.get_by_role("heading", level=2)).to_have_text("pool1:1")
    assert "unit=pool1.1." in page.url
    way = page.get_by_role("region", name="Its way from the pixels to the answer")
    for layer in ("conv2", "pool2", "flatten", "fc1", "relu1", "logits"):
        way.get_by_role("button", name=layer, exact=True).click()
        expect(one.get_by_role("heading", level=2)).to_have_text(re.compile(f"{layer}:"))
    expect(way.get_by_text("The largest of the ten numbers is the answer")).to_be_visible()


def test_the_network_is_fooled(open_page):
    page = open_page(path="/#/digits?example=0&ask=fool&class=3")
    expect(page.locator(".answers .best")).to_contain_text("7", timeout=LONG)
    page.get_by_role("button", name="Look at it in the network").click(timeout=LONG)
    expect(page.locator(".answers .best")).to_contain_text("3")
