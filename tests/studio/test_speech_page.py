"""The classroom's page on speech, as a person uses it."""

import re

import pytest
from browser import DESKTOP_FIRST, LONG, expect

from artcnn.locations import bundled_samples_dir

pytestmark = pytest.mark.slow

DROP = """async ([bytes, name]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], name, { type: 'audio/wav' }));
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    const how = { dataTransfer: carried, bubbles: true, cancelable: true };
    document.querySelector('.sound').dispatchEvent(new DragEvent(kind, how));
  }
}"""
MICROPHONE = """(sample) => { navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const word = await fetch(`/api/files/${sample}/original?download=word`).then((answer) => answer.arrayBuffer());
  const source = context.createBufferSource();
  source.buffer = await context.decodeAudioData(word);
  const out = context.createMediaStreamDestination();
  source.connect(out);
  source.start();
  return out.stream;
}; }"""
FORBIDDEN = """() => {
  navigator.mediaDevices.getUserMedia = () => { throw new DOMException('', 'NotAllowedError'); };
}"""


def drop(page, content: bytes, name: str) -> None:
    page.evaluate(DROP, [list(content), name])


def first_answer(page):
    return page.locator(".word .ranking li").first


@pytest.mark.parametrize("size", DESKTOP_FIRST)
def test_a_dropped_word_is_seen_answered_and_explained(open_page, size):
    page = open_page(size, path="/#/speech")
    expect(page.get_by_role("button", name="Record a word")).to_be_visible()
    drop(page, (bundled_samples_dir() / "word.wav").read_bytes(), "three.wav")
    expect(page.get_by_role("img", name="The word as a spectrogram")).to_have_js_property(
        "naturalWidth", 64, timeout=LONG
    )
    expect(first_answer(page)).to_contain_text("3", timeout=LONG)
    expect(page.get_by_text("p(3) with the square there")).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"integrated: adds up to\s+[\d.]+ of [\d.]+"))).to_be_visible(timeout=LONG)
    expect(page.locator("figure.tile")).to_have_count(10)
    page.get_by_role("combobox", name="Why, or why not:").select_option("8")
    expect(page.get_by_text("p(8) with the square there")).to_be_visible(timeout=LONG)
    page.reload()
    expect(page.get_by_text("p(8) with the square there")).to_be_visible(timeout=LONG)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_word_is_recorded_and_what_is_no_sound_is_a_sentence(open_page):
    page = open_page(path="/#/speech")
    page.get_by_role("button", name="Try “three”").click()
    page.wait_for_url(re.compile("file=[0-9a-f]{64}"))
    sample = page.url.partition("file=")[2]
    expect(first_answer(page)).to_contain_text("3", timeout=LONG)
    page.evaluate(MICROPHONE, sample)
    page.get_by_role("button", name="Record a word").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.wait_for_url(lambda url: "file=" in url and sample not in url, timeout=LONG)  # after three seconds
    expect(first_answer(page)).to_contain_text("3", timeout=LONG)

    drop(page, b"Dear reader", "<b>letter.wav")
    expect(page.get_by_role("alert")).to_contain_text("<b>letter.wav is not a sound that artcnn can read")
    page.evaluate(FORBIDDEN)
    page.get_by_role("button", name="Record a word").click()
    expect(page.get_by_role("alert")).to_contain_text("The browser does not let this page listen")
    page.goto(page.url.partition("file=")[0] + "file=" + "ab" * 32)
    expect(page.get_by_role("alert").last).to_contain_text("there is no such file")
