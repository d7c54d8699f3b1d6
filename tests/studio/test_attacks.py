"""Attacks in a real browser that was let in: pages of others, foreign names, and scripts where names belong.

The other page is at another port of this machine: browsers send it the cookie, for to them it is the same site.
"""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from browser import LONG, choose_photo, expect, is_done, make, photo

pytestmark = pytest.mark.slow

SCRIPT = "<img src=x onerror=window.taken=1><script>window.taken=1</script>"


@pytest.fixture(scope="module")
def evil() -> Iterator[str]:
    """Return the address of another page, which is empty."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>evil</title>")

        def log_message(self, *arguments) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def evil_page(browser, key, evil):
    """Return another page in a browser that the studio has let in."""
    with browser.new_context() as context:
        context.add_cookies(key)
        page = context.new_page()
        page.goto(evil)
        yield page


WISH = '{"kind": "instant", "settings": {"size": 64}, "inputs": {"photo": "SHA"}}'

POST = """async ([address, type, wish]) => {
  const asked = {method: 'POST', mode: 'no-cors', credentials: 'include', headers: {'content-type': type}, body: wish};
  const answer = await fetch(`${address}/api/jobs`, asked).catch(error => error);
  return String(answer.type ?? answer);
}"""


def test_a_page_of_another_changes_nothing(program, evil_page):
    sample = evil_page.request.get(f"{program.address}/api/samples").json()[0]["sha256"]
    wish = WISH.replace("SHA", sample)
    answers = []
    evil_page.context.on("response", lambda answer: answers.append(answer.status))
    for kind in ("text/plain", "application/json"):
        evil_page.evaluate(POST, [program.address, kind, wish])
    form = (
        f"<form method=post enctype=text/plain action={program.address}/api/jobs><input name='{wish}' value=''></form>"
    )
    submit = "html => { document.body.innerHTML = html; document.querySelector('form').submit(); }"
    with evil_page.expect_navigation(timeout=LONG):
        evil_page.evaluate(submit, form)
    expect(evil_page.locator("body")).to_contain_text("not asked by a page of the studio")
    assert set(answers) == {403}
    own = evil_page.request.post(
        f"{program.address}/api/jobs", data=json.loads(wish), headers={"origin": program.address}
    )
    assert own.ok, "the wish itself is right"
    (order,) = program.orders()
    evil_page.request.delete(f"{program.address}/api/jobs/{order['id']}", headers={"origin": program.address})
    program.wait_for_none()


FRAME = """([address, wish]) => new Promise(resolve => {
  addEventListener('message', event => resolve(event.data));
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  const request = {method: 'POST', mode: 'no-cors', credentials: 'include', body: wish};
  const asked = JSON.stringify([`${address}/api/jobs`, request]);
  frame.srcdoc = `<script>
    fetch(...${asked}).then(() => parent.postMessage(origin, '*'), () => parent.postMessage(origin, '*'));
  </` + 'script>';
  document.body.append(frame);
})"""


def test_a_page_without_an_origin_changes_nothing(program, evil_page):
    """A frame in a sandbox says ``Origin: null``."""
    sample = evil_page.request.get(f"{program.address}/api/samples").json()[0]["sha256"]
    assert evil_page.evaluate(FRAME, [program.address, WISH.replace("SHA", sample)]) == "null"
    assert program.orders() == []


def test_a_page_of_another_reads_nothing(program, evil_page):
    read = """address => fetch(`${address}/api/words?lang=en`, {credentials: 'include'})
      .then(() => 'read', () => 'refused')"""
    assert evil_page.evaluate(read, program.address) == "refused"
    sample = evil_page.request.get(f"{program.address}/api/samples").json()[0]["sha256"]
    load = """([tag, address]) => new Promise(resolve => {
      const element = document.createElement(tag);
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('refused');
      element.src = address;
      document.body.append(element);
    })"""
    for tag, path in (("img", f"api/files/{sample}/thumbnail.jpg"), ("script", "vendor/htm-preact.js")):
        assert evil_page.evaluate(load, [tag, f"{program.address}/{path}"]) == "refused"
    connect = """address => new Promise(resolve => {
      const socket = new WebSocket(address.replace('http', 'ws'));
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    })"""
    assert evil_page.evaluate(connect, program.address) == "refused"


def test_a_page_of_another_shows_no_frame_of_ours_and_holds_no_window(program, evil_page):
    load = """address => new Promise(resolve => {
      const frame = document.createElement('iframe');
      frame.onload = resolve;
      frame.src = address;
      document.body.append(frame);
    })"""
    evil_page.evaluate(load, f"{program.address}/")
    frame = evil_page.frames[1]
    assert frame.locator("button").count() == 0
    assert not frame.url.startswith(program.address)
    with evil_page.context.expect_page() as opened:
        evil_page.evaluate("address => { window.held = open(address); }", program.address)
    expect(opened.value.get_by_role("button", name="Choose a photo").first).to_be_visible()
    assert evil_page.evaluate("window.held.closed"), "the window is out of reach"


def test_a_foreign_name_that_points_here_gets_nothing(program, browser, key):
    """DNS rebinding: the browser takes rebound.example for 127.0.0.1 (conftest.py)."""
    port = program.address.rpartition(":")[2]
    with browser.new_context() as context:
        context.add_cookies([{**key[0], "domain": "rebound.example"}])
        page = context.new_page()
        for path in ("", "/enter?token=guess", "/api/options"):
            answer = page.goto(f"http://rebound.example:{port}{path}")
            assert answer.status == 403
            expect(page.locator("body")).to_contain_text("this address is not the studio's")


def test_a_browser_without_the_cookie_gets_nothing(program, browser, key):
    with browser.new_context() as context:
        page = context.new_page()
        assert page.goto(program.url).status == 403, "another has used the key"
        assert page.goto(program.address).status == 403
        expect(page.locator("body")).to_contain_text("artcnn studio has printed")


def test_a_script_in_a_files_name_is_a_name(open_page, program):
    page = open_page()
    choose_photo(page, photo() | {"name": f"{SCRIPT}.jpg"})
    expect(page.get_by_text("<img src=x onerror=window.taken=1>").first).to_be_visible()
    make(page, "Instant style", 64)
    is_done(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    assert not set(coming.value.suggested_filename) & set("/\\<>")
    page.reload()
    is_done(page)
    assert page.evaluate("window.taken") is None


def test_a_script_in_an_order_is_a_text(open_page, program):
    page = open_page()
    sample = page.request.get(f"{program.address}/api/samples").json()[0]["sha256"]
    wish = {"kind": "dream", "inputs": {"photo": sample}, "names": {"photo": f"{SCRIPT}.jpg"}}
    own = {"origin": program.address}
    refused = page.request.post(
        f"{program.address}/api/jobs", data={**wish, "settings": {"layers": [SCRIPT]}}, headers=own
    )
    assert (refused.status, refused.headers["content-type"]) == (400, "application/json")
    asked = page.request.post(f"{program.address}/api/jobs", data={**wish, "settings": {"size": 64}}, headers=own)
    assert asked.ok, asked.text()
    page.get_by_role("region", name="Queue and pictures").get_by_role("button", name="Dream").first.click()
    expect(page.locator(".stage").get_by_role("heading", name="Dream")).to_be_visible()
    assert page.evaluate("window.taken") is None


def test_a_script_that_came_into_the_page_does_not_run(open_page):
    """The page has no such way in; if it had one, the policy would still refuse what comes."""
    page = open_page()
    page.evaluate(
        """html => {
          document.body.insertAdjacentHTML('beforeend', html);
          const script = document.createElement('script');
          script.textContent = 'window.taken = 1';
          document.body.append(script);
        }""",
        SCRIPT,
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.taken") is None
