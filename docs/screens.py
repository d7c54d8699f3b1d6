"""Take pictures of pages in Chromium: of the studio, and of what artcnn inspect writes.

Run from the repository's root: python docs/screens.py NAME --out FILE, for the documents. With --all FOLDER [NAME ...],
the studio's pages are taken in both languages, both themes and both sizes, as PNG, to look at all of them.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

SAMPLES = Path("samples")
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
LONG = 300_000
"""Milliseconds that a picture may take."""

LARGEST = 40_000
"""Bytes of a picture for the documents."""


def workshop(page: Page) -> None:
    """Show a photo beside its instant picture."""
    with page.expect_file_chooser() as choosing:
        page.locator(".panel .photos .button, .photos .button").first.click()
    choosing.value.set_files(SAMPLES / "castle.jpg")
    page.locator(".make .primary:enabled").click()
    page.locator("a[download]").first.wait_for(timeout=LONG)
    page.wait_for_timeout(1000)


def mask(page: Page) -> None:
    """Show the dialog in which a mask is painted."""
    workshop(page)
    page.locator("button:has(svg)", has_text="Paint").or_(page.locator("button", has_text="涂抹")).first.click()
    box = page.get_by_role("application").bounding_box()
    if box is None:
        raise RuntimeError("there is no canvas")
    for y in (0.4, 0.5, 0.6):
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + (y + 0.05) * box["height"], steps=8)
        page.mouse.up()
    page.wait_for_timeout(500)


def word(page: Page) -> None:
    """Let a word that ships be heard."""
    page.locator(".sound .row button").last.click()
    settle(page)


def game(page: Page) -> None:
    """Play some moves against the network."""
    board = page.get_by_role("application")
    for across, down in ((0.42, 0.42), (0.63, 0.63), (0.42, 0.63)):
        settle(page)
        box = board.bounding_box()
        if box is not None:
            board.click(position={"x": across * box["width"], "y": down * box["height"]})
    settle(page)


def unit(page: Page) -> None:
    """Choose the map of a unit."""
    settle(page)
    page.locator(".unit-maps button").nth(4).click()
    page.get_by_text("150 of 150 pictures").wait_for(timeout=LONG)
    settle(page)


def settle(page: Page) -> None:
    """Wait until a page of the classroom has its answers."""
    with suppress(Late):
        page.wait_for_load_state("networkidle", timeout=20_000)
    page.wait_for_timeout(4000)


PLACES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "welcome": ("", settle),
    "workshop": ("", workshop),
    "mask": ("", mask),
    "digits": ("#/digits", settle),
    "photo": ("#/photo", unit),
    "speech": ("#/speech", word),
    "go": ("#/go?size=9", game),
}
"""What is taken: where it is, and what is done there."""

SHOWN = {
    "workshop": "desktop",
    "mask": "phone",
    "digits": "desktop",
    "photo": "desktop",
    "speech": "desktop",
    "go": "phone",
}
"""What studio.md shows, and in which size."""

LOOKS = {
    "inspect-report": ("report", (1200, 580), "#activations h3", "#activations figure[data-unit='conv1:8'] img"),
    "inspect-sums": (
        "convolution samples/digit.png --html",
        (1240, 440),
        "#convolution h3 >> nth=1",
        "#convolution figure[data-unit] img",
    ),
}
"""Pages of artcnn inspect: what is typed, the size of the window, what is at its top, and what is pointed at."""


class Studio:
    """The studio with a folder of its own, and a browser that it has let in."""

    def __init__(self, browser: Browser, folder: str) -> None:
        command = [sys.executable, "-m", "artcnn", "studio", "--no-browser", "--folder", folder]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        url = self._process.stdout.readline().split()[-1] if self._process.stdout else ""
        self._address, self._browser = url.partition("/enter")[0], browser
        with browser.new_context() as context:
            context.new_page().goto(url)
            self._key = [
                {"name": one["name"], "value": one["value"], "url": self._address} for one in context.cookies()
            ]

    def take(
        self, name: str, size: str, language: str = "en-US", theme: str = "light", *, whole: bool = False
    ) -> bytes:
        """Return a PNG of a page, or of ``whole`` of it as far as it can be scrolled."""
        path, prepare = PLACES[name]
        phone = size == "phone"
        with self._browser.new_context(
            viewport=SIZES[size], locale=language, color_scheme=theme, has_touch=phone, is_mobile=phone
        ) as context:
            context.add_cookies(self._key)
            page = context.new_page()
            page.goto(f"{self._address}/{path}")
            prepare(page)
            return page.screenshot(full_page=whole)

    def end(self) -> None:
        """End the studio."""
        self._process.terminate()
        self._process.wait()


def to_webp(content: bytes) -> bytes:
    """Return a picture as WebP, as large and as good as fits into some kilobytes."""
    image = Image.open(BytesIO(content)).convert("RGB")
    for percent in range(100, 40, -5):
        scaled = image.resize((image.width * percent // 100, image.height * percent // 100), Image.Resampling.LANCZOS)
        for quality in range(85, 55, -5):
            made = BytesIO()
            scaled.save(made, "WEBP", quality=quality, method=6)
            if made.tell() <= LARGEST:
                return made.getvalue()
    raise ValueError(f"this picture does not fit into {LARGEST} bytes")


def take_look(browser: Browser, name: str, folder: str) -> bytes:
    """Return a PNG of a page of artcnn inspect, where something is pointed at."""
    typed, (width, height), top, tile = LOOKS[name]
    command = [sys.executable, "-m", "artcnn", "inspect", *typed.split(), "--quiet", "--out", f"{folder}/{name}"]
    subprocess.run(command, check=True)
    with browser.new_context(viewport={"width": width, "height": height}, locale="en-US") as context:
        page = context.new_page()
        page.goto(next(Path(folder, name).glob("*.html")).as_uri())
        page.locator(top).first.evaluate("one => window.scrollTo(0, one.getBoundingClientRect().top + scrollY - 16)")
        page.wait_for_timeout(1000)
        box = page.locator(tile).first.bounding_box()
        if box is None:
            raise RuntimeError(f"there is no {tile}")
        page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.45 * box["height"])
        page.wait_for_timeout(500)
        return page.screenshot()


def main() -> None:
    """Take a page for the documents, or everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*SHOWN, *LOOKS]))
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if options.all is None and options.names[0] in LOOKS:
            options.out.write_bytes(take_look(browser, options.names[0], folder))
        else:
            studio = Studio(browser, folder)
            try:
                if options.all is not None:
                    take_all(studio, options.all, options.names)
                else:
                    options.out.write_bytes(to_webp(studio.take(options.names[0], SHOWN[options.names[0]])))
            finally:
                studio.end()
        browser.close()


def take_all(studio: Studio, folder: Path, names: list[str]) -> None:
    """Take pages, of none are named all, in both languages, themes and sizes; the whole of it in English and light."""
    folder.mkdir(parents=True, exist_ok=True)
    looks = [("en-US", "light"), ("en-US", "dark"), ("zh-CN", "light")]
    for name in names or PLACES:
        for size in SIZES:
            for language, theme in looks:
                taken = studio.take(name, size, language, theme, whole=theme == "light")
                (folder / f"{name}-{size}-{language[:2]}-{theme}.png").write_bytes(taken)
                print(name, size, language, theme, flush=True)  # noqa: T201 - it takes minutes


if __name__ == "__main__":
    main()
