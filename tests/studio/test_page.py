"""The workshop in a browser, from drop to download. Everything is looked for as a person does: by its name."""

import json
import re
import shutil
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import pytest
from PIL import Image

from artcnn.locations import bundled_samples_dir

sync_api = pytest.importorskip("playwright.sync_api", reason="the page is tested by Playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="the page is tested in Chromium"),
]
expect = sync_api.expect

CHECKOUT = Path(__file__).parents[2]
LONG = 180_000
"""Milliseconds that a picture may take on a busy machine."""

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


class Program:
    """``artcnn studio``, at work on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start("0")

    def start(self, port: str) -> None:
        command = [sys.executable, "-m", "artcnn", "studio", "--no-browser", "--folder", str(self.folder)]
        self.process = subprocess.Popen([*command, "--port", port], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
        self.url = self.process.stdout.readline().split()[-1]
        self.address = self.url.partition("/enter")[0]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.process.stdout.close()

    def orders(self) -> list[dict]:
        return [json.loads(path.read_text()) for path in (self.folder / "jobs").glob("*/order.json")]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("workshop") / "studio")
    yield program
    program.stop()


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def key(program, browser):
    """Return the cookies of a browser that was let in."""
    with browser.new_context() as context:
        context.new_page().goto(program.url)
        return context.cookies()


@pytest.fixture
def open_page(program, browser, key):
    """Return what opens the studio in a browser of its own; an error in the page fails the test. Jobs are removed."""
    contexts, errors = [], []

    def go(size: str = "desktop", language: str = "en-US", **more):
        context = browser.new_context(
            viewport=SIZES[size], locale=language, has_touch=size == "phone", is_mobile=size == "phone", **more
        )
        contexts.append(context)
        context.add_cookies(key)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(program.address)
        return page

    yield go
    for order in program.orders():
        contexts[0].request.delete(f"{program.address}/api/jobs/{order['id']}", headers={"origin": program.address})
    for context in contexts:
        context.close()
    for _ in range(600):  # one that is being made stops behind its step
        if not program.orders():
            break
        sleep(0.1)
    assert errors == []
    assert program.orders() == []


def photo(size: tuple[int, int] = (300, 200)) -> dict:
    """Return a photo, as a browser takes it."""
    content = BytesIO()
    Image.open(bundled_samples_dir() / "coffee.png").convert("RGB").resize(size).save(content, "JPEG")
    return {"name": "my coffee.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def choose_photo(page, file: dict | None = None) -> None:
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Choose a photo").first.click()
    choosing.value.set_files(file or photo())


def make(page, kind: str, size: int) -> None:
    page.get_by_role("radiogroup", name="What to do").locator("label", has_text=kind).click()
    number = page.get_by_role("spinbutton", name="Size", exact=True)
    number.fill(str(size))
    number.press("Tab")
    page.get_by_role("button", name="Make it").click()


def is_done(page) -> None:
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=LONG)


@pytest.mark.parametrize("size", SIZES)
def test_from_a_photo_to_the_download_of_an_instant_picture(open_page, program, size):
    page = open_page(size)
    choose_photo(page)
    expect(page.get_by_text("my coffee.jpg · 300 × 200 pixels")).to_be_visible()
    make(page, "Instant style", 96)
    is_done(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    assert coming.value.suggested_filename == "my coffee-wave.png"
    with Image.open(coming.value.path()) as made:
        assert made.size == (96, 64)

    curtain = page.get_by_role("slider", name="Curtain between before and after")
    curtain.focus()
    curtain.press("Home")
    expect(curtain).to_have_attribute("aria-valuetext", "0 % before")
    page.get_by_role("button", name="100 %").click()
    expect(page.get_by_role("img", name="Picture made:").first).to_have_js_property("clientWidth", 96)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_dream_is_paused_goes_on_and_survives_a_reload(open_page, program):
    page = open_page()
    choose_photo(page)
    make(page, "Dream", 288)
    stage = page.get_by_role("region", name="Picture", exact=True)
    expect(stage.get_by_text("left")).to_be_visible(timeout=LONG)
    page.reload()
    expect(stage.get_by_text("left")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("spinbutton", name="Size", exact=True)).to_have_value("288")
    stage.get_by_role("button", name="Pause").click()
    expect(stage.get_by_text("Paused:")).to_be_visible(timeout=LONG)
    stage.get_by_role("button", name="Go on").click()
    is_done(page)
    page.get_by_role("button", name="Again with changes").click()
    expect(page.get_by_role("radiogroup", name="What to do").get_by_role("radio", name="Dream")).to_be_checked()


def test_the_page_goes_on_when_the_server_is_started_again(open_page, program):
    page = open_page()
    choose_photo(page)
    make(page, "Instant style", 64)
    is_done(page)
    port = str(urlsplit(program.url).port)
    program.stop()
    expect(page.get_by_text("The studio does not answer")).to_be_visible(timeout=LONG)
    program.start(port)
    expect(page.get_by_text("The studio does not answer")).to_be_hidden(timeout=LONG)
    make(page, "Instant style", 80)
    expect(page.get_by_text("80 × 53 pixels")).to_be_visible(timeout=LONG)
    assert len(program.orders()) == 2


def test_a_painted_mask_reaches_the_job(open_page, program):
    page = open_page()
    choose_photo(page)
    page.get_by_role("button", name="Paint", exact=True).click()
    canvas = page.get_by_role("application", name="Protect a part")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_role("img", name="The protected part is white")).to_be_visible()
    make(page, "Instant style", 96)
    is_done(page)
    (order,) = program.orders()
    with Image.open(program.folder / "files" / order["inputs"]["protect"]) as mask:
        assert mask.size == (300, 200)
        levels = mask.convert("L")
    assert [levels.getpixel(place) for place in ((75, 100), (110, 100), (150, 100))] == [255, 255, 255]
    assert [levels.getpixel(place) for place in ((20, 100), (220, 100), (110, 30))] == [0, 0, 0]


def test_a_mask_is_painted_with_the_keyboard_and_what_was_done_is_undone(open_page, program):
    page = open_page()
    choose_photo(page)
    page.get_by_role("button", name="Paint", exact=True).click()
    canvas = page.get_by_role("application", name="Protect a part")
    expect(canvas).to_be_focused()
    for key in ("Space", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    undo = page.get_by_role("button", name="Undo")
    page.get_by_role("button", name="Invert").click()
    undo.click()
    canvas.focus()
    page.keyboard.press("Control+z")
    expect(undo).to_be_disabled()
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_role("img", name="The protected part is white")).to_be_visible()


def test_what_is_no_photo_is_a_sentence(open_page):
    page = open_page()
    choose_photo(page, {"name": "<b>letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear reader"})
    expect(page.get_by_role("alert")).to_contain_text("<b>letter.jpg")
    expect(page.get_by_role("button", name="Make it")).to_be_disabled()
    page.get_by_role("button", name="Close this message").click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_pasted_photo_and_a_dropped_one_come_in(open_page):
    page = open_page()
    give = """async ([kind, bytes]) => {
      const carried = new DataTransfer();
      carried.items.add(new File([new Uint8Array(bytes)], `${kind}.jpg`, {type: 'image/jpeg'}));
      const how = {bubbles: true, cancelable: true};
      const event = kind === 'paste' ? new ClipboardEvent('paste', {clipboardData: carried, ...how})
        : new DragEvent('drop', {dataTransfer: carried, ...how});
      document.querySelector('.stage').dispatchEvent(event);
    }"""
    expect(page.get_by_role("heading", name="Begin with a photo")).to_be_visible()
    for kind, size in (("paste", (120, 90)), ("drop", (150, 90))):
        page.evaluate(give, [kind, [*photo(size)["buffer"]]])
        expect(page.get_by_text(f"{kind}.jpg · {size[0]} × 90 pixels")).to_be_visible()


def test_the_queue_is_put_in_order_with_buttons(open_page, program):
    page = open_page()
    choose_photo(page)
    make(page, "Dream", 512)
    for look in ("Animals", "Carved"):
        page.locator("label.card", has_text=look).click()
        page.get_by_role("button", name="Make it").click()
    queue = page.get_by_role("region", name="Queue and pictures").locator("ol")
    expect(queue.get_by_role("listitem")).to_have_count(3)
    page.get_by_role("button", name="Make earlier: Dream: Carved").click()
    expect(queue.get_by_role("listitem").nth(1)).to_contain_text("Carved")
    for _ in range(3):
        queue.get_by_role("button", name=re.compile("Remove: ")).last.click()
        page.wait_for_timeout(200)
    expect(page.get_by_role("heading", name="Queue")).to_be_hidden(timeout=LONG)


def test_a_thing_is_chosen_by_name(open_page, program):
    page = open_page()
    choose_photo(page)
    page.get_by_role("radiogroup", name="What to do").locator("label", has_text="Dream").click()
    page.locator("label.card", has_text="A thing by name").click()
    thing = page.get_by_role("combobox", name="The thing")
    expect(thing).to_have_value("tabby")
    thing.fill("unicorn")
    thing.press("Tab")
    expect(page.get_by_text("does not know “unicorn”")).to_be_visible()
    thing.fill("Castle")
    thing.press("Tab")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("listitem").filter(has_text="A thing by name")).to_be_visible(timeout=LONG)
    (order,) = program.orders()
    assert order["recipe"]["layers"] == ["class:483"]


def test_the_page_speaks_chinese_and_is_dark_where_the_browser_is(open_page):
    page = open_page(language="zh-CN", color_scheme="dark")
    expect(page.get_by_role("heading", name="从一张照片开始")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("combobox", name="语言").select_option("en")
    page.get_by_role("button", name="Light colors").click()
    page.reload()
    expect(page.get_by_role("heading", name="Begin with a photo")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
