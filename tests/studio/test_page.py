"""The workshop in a browser, from drop to download. Everything is looked for as a person does: by its name."""

import re
from urllib.parse import urlsplit

import pytest
from browser import LONG, SIZES, choose_photo, expect, is_done, make, photo
from PIL import Image

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", SIZES)
def test_from_a_photo_to_the_download_of_an_instant_picture(open_page, program, size):
    page = open_page(size)
    choose_photo(page)
    expect(page.get_by_text("my coffee.jpg · 300 × 200 pixels")).to_be_visible(timeout=LONG)
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


def test_an_instant_style_is_seen_while_its_settings_change(open_page):
    page = open_page()
    choose_photo(page)
    preview = page.get_by_role("img", name=re.compile("^Your photo in the style of"))
    expect(preview).to_have_js_property("naturalWidth", 512, timeout=LONG)
    number = page.get_by_role("spinbutton", name="Size", exact=True)
    number.fill("96")
    number.press("Tab")
    expect(preview).to_have_js_property("naturalWidth", 96, timeout=LONG)
    before = preview.get_attribute("src")
    page.get_by_role("slider", name="Strength").press("Home")
    expect(preview).not_to_have_attribute("src", before, timeout=LONG)
    page.get_by_role("radiogroup", name="What to do").locator("label", has_text="Dream").click()
    expect(preview).to_be_hidden()


@pytest.mark.exhaustive
def test_a_clip_becomes_a_film_that_plays_in_the_page(open_page, tmp_path):
    pytest.importorskip("av")
    from clips import make_clip

    page = open_page()
    clip = make_clip(tmp_path / "clip.mp4", 6).read_bytes()
    choose_photo(page, {"name": "my clip.mp4", "mimeType": "video/mp4", "buffer": clip})
    expect(page.get_by_text("my clip.mp4 · 64 × 48 pixels · 0.6 s")).to_be_visible(timeout=LONG)
    end = page.get_by_role("spinbutton", name="To second")
    end.fill("0.3")
    end.press("Tab")
    make(page, "Instant style", 64)
    is_done(page)
    film = page.get_by_label("Picture made:").and_(page.locator("video"))
    expect(film).to_have_js_property("readyState", 4)
    assert film.evaluate("film => [film.videoWidth, film.videoHeight]") == [64, 48]
    assert film.evaluate("film => film.duration") == pytest.approx(0.3, abs=0.02)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    assert coming.value.suggested_filename == "my clip-wave.mp4"


@pytest.mark.exhaustive
def test_a_dream_is_paused_goes_on_and_survives_a_reload(open_page, program):
    page = open_page()
    choose_photo(page)
    make(page, "Dream", 240)
    stage = page.get_by_role("region", name="Picture", exact=True)
    expect(stage.get_by_text("left")).to_be_visible(timeout=LONG)
    page.reload()
    expect(stage.get_by_text("left")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("spinbutton", name="Size", exact=True)).to_have_value("240")
    stage.get_by_role("button", name="Pause").click()
    expect(stage.get_by_text("Paused:")).to_be_visible(timeout=LONG)
    stage.get_by_role("button", name="Go on").click()
    is_done(page)
    page.get_by_role("button", name="Again with changes").click()
    expect(page.get_by_role("radiogroup", name="What to do").get_by_role("radio", name="Dream")).to_be_checked()


BREAKS_OFF = """async () => {
  const { get } = await import('/js/api.js');
  const { ask } = await import('/js/live.js');
  window.fetch = async () => new Response(new ReadableStream({ start: (body) => body.error(new TypeError('gone')) }));
  const asked = [get('/api/words'), ask('digit', {})];
  return Promise.all(asked.map((one) => one.catch((error) => [error.name, error.hint])));
}"""


def test_an_answer_that_breaks_off_is_a_server_that_is_gone(open_page):
    assert open_page().evaluate(BREAKS_OFF) == [["Error", ""], ["Error", ""]]


@pytest.mark.exhaustive
def test_the_page_and_its_job_go_on_when_the_server_was_killed_and_is_started_again(open_page, program):
    page = open_page()
    choose_photo(page)
    make(page, "Dream", 128)
    stage = page.get_by_role("region", name="Picture", exact=True)
    expect(stage.get_by_text("left")).to_be_visible(timeout=LONG)
    port = str(urlsplit(program.url).port)
    program.kill()
    expect(page.get_by_text("The studio does not answer")).to_be_visible(timeout=LONG)
    program.start(port)
    expect(page.get_by_text("The studio does not answer")).to_be_hidden(timeout=LONG)
    is_done(page)
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


@pytest.mark.exhaustive
def test_two_paintings_each_rule_where_their_mask_says(open_page, program):
    page = open_page()
    choose_photo(page)
    page.get_by_role("radiogroup", name="What to do").locator("label", has_text="Painting").click()
    page.locator("label.card", has_text="The Harvest").click()
    page.get_by_role("button", name="Mix with another").click()
    expect(page.get_by_role("button", name="Make it")).to_be_disabled()
    page.locator("label.card", has_text="The Night Cafe").click()
    weight = page.get_by_role("slider", name="Weight: The Night Cafe")
    weight.focus()
    weight.press("End")
    page.get_by_role("listitem").filter(has_text="The Night Cafe").get_by_role("button", name="Paint").click()
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_role("img", name="Where it rules is white")).to_be_visible()
    make(page, "Painting", 64)
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    (order,) = program.orders()
    assert order["recipe"]["blend"] == [1, 3]
    files = "my coffee.jpg", "harvest.jpg", "night_cafe.jpg", "painting2-mask.png"
    assert tuple(order["names"].values()) == files
    assert tuple(order["inputs"]) == ("photo", "painting", "painting2", "painting2_mask")


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
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
