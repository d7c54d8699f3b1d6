"""What tests of pages share: the studio as a program, a browser, and what a person does in it.

To import this skips a module where there is no browser to test in.
"""

import json
import shutil
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from time import sleep

import pytest
from PIL import Image

from artcnn.locations import bundled_samples_dir

sync_api = pytest.importorskip("playwright.sync_api", reason="pages are tested by Playwright, which is not installed")
expect = sync_api.expect

_found = shutil.which("chromium") or shutil.which("chromium-browser")
if _found is None:
    pytest.skip("pages are tested in Chromium, which is not installed", allow_module_level=True)
CHROMIUM: str = _found

CHECKOUT = Path(__file__).parents[2]
LONG = 180_000
"""Milliseconds that a picture may take on a busy machine."""

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
DESKTOP_FIRST = "desktop", pytest.param("phone", marks=pytest.mark.exhaustive)
"""The names of both, of which the second is left to the longest tests."""


class Program:
    """``artcnn studio``, at work on a folder.

    Attributes:
        cookies: of the browser that its address has let in, if there was one since it was started.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start("0")

    def start(self, port: str) -> None:
        command = [sys.executable, "-m", "artcnn", "studio", "--no-browser", "--folder", str(self.folder)]
        self.process = subprocess.Popen([*command, "--port", port], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
        self.url = self.process.stdout.readline().split()[-1]
        self.address = self.url.partition("/enter")[0]
        self.cookies: list = []

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.process.stdout.close()

    def kill(self) -> None:
        """End it as nothing can prevent."""
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()

    def orders(self) -> list[dict]:
        return [json.loads(path.read_text()) for path in (self.folder / "jobs").glob("*/order.json")]

    def wait_for_none(self) -> None:
        """Wait until the jobs that were deleted are gone: one that is being made stops behind its step."""
        for _ in range(1800):
            if not self.orders():
                return
            sleep(0.1)
        raise AssertionError(self.orders())


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
