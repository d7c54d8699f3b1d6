"""The studio at work, and pages of it in a browser."""

import pytest


@pytest.fixture(scope="session")  # what it has loaded and made is there for all pages
def program(tmp_path_factory):
    """Return the studio as a program, with a folder of its own."""
    from browser import Program

    program = Program(tmp_path_factory.mktemp("studio") / "studio")
    yield program
    program.stop()


@pytest.fixture(scope="module")  # while it is open, nothing else in this process can run a loop of asyncio
def browser():
    """Return Chromium."""
    from browser import CHROMIUM, sync_api

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--host-resolver-rules=MAP rebound.example 127.0.0.1"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def key(program, browser):
    """Return the cookies of a browser that was let in."""
    if not program.cookies:  # its address lets in only one
        with browser.new_context() as context:
            context.new_page().goto(program.url)
            program.cookies = context.cookies()
    return program.cookies


@pytest.fixture
def open_page(program, browser, key):
    """Return what opens the studio in a browser of its own; an error in the page fails the test. Jobs are removed.

    It takes the name of a screen's size, a language, what follows the address, and more that a context can have.
    """
    from browser import LONG, SIZES

    contexts, errors = [], []

    def go(size: str = "desktop", language: str = "en-US", path: str = "", **more):
        context = browser.new_context(
            viewport=SIZES[size], locale=language, has_touch=size == "phone", is_mobile=size == "phone", **more
        )
        contexts.append(context)
        context.set_default_navigation_timeout(LONG)
        context.add_cookies(key)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(program.address + path)
        return page

    yield go
    ours = {"origin": program.address}
    for context in contexts[:1]:  # where another look is wanted, those that the page waited for are no more
        sample = context.request.get(f"{program.address}/api/samples").json()[0]["sha256"]
        wish = {"kind": "instant", "inputs": {"photo": sample}}
        assert context.request.post(f"{program.address}/api/looks", data=wish, headers=ours).ok
    for order in program.orders():
        contexts[0].request.delete(f"{program.address}/api/jobs/{order['id']}", headers=ours)
    for context in contexts:
        context.close()
    program.wait_for_none()
    assert errors == []
