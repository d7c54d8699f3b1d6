"""Whether the studio answers as fast as it promises.

start: from ``artcnn studio`` to a page that can be used, in a browser that is open. preview: from the button to the
first look at a painting of 512 pixels. crowd: 200 jobs wait, 20 pages follow the events, and pictures of 50 megapixels
are uploaded; the time of each of many requests while the worker computes, and the memory of the server. slider: an
instant style of a square photo of 512 pixels, asked for anew while settings change.

Run from the repository's root, on a quiet machine: python benchmarks/studio.py [start] [preview] [crowd] [slider]
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread

import httpx2 as httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

SQUARE = Path("samples/astronaut.png")
PHOTO, PAINTING = Path("samples/castle.jpg"), Path("samples/church_at_auvers.jpg")
RUNS = 5
JOBS, PAGES, SECONDS = 200, 20, 60


class Program:
    """``artcnn studio`` as a program, and a client that it has let in."""

    def __init__(self, folder: Path, port: str = "0") -> None:
        command = [sys.executable, "-m", "artcnn", "studio", "--no-browser", "--folder", str(folder), "--port", port]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        self.url = self.process.stdout.readline().split()[-1]
        self.address = self.url.partition("/enter")[0]

    def enter(self) -> httpx.Client:
        """Return a client with the cookie."""
        client = httpx.Client(base_url=self.address, headers={"origin": self.address}, timeout=120)
        client.get(self.url)
        return client

    def end(self, number: int = signal.SIGINT) -> None:
        """End it by a signal."""
        self.process.send_signal(number)
        self.process.wait(60)

    def peak_memory(self) -> float:
        """Return the most memory that the server has had, in megabytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e3


@contextmanager
def studio() -> Iterator[Program]:
    """Yield a studio with a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder) / "studio")
        try:
            yield program
        finally:
            program.end()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def start() -> None:
    """Print the time until the page can be used."""
    first, later = [], []
    with chromium() as browser:
        for _ in range(RUNS):
            with tempfile.TemporaryDirectory() as folder:
                for times in (first, later):
                    with browser.new_page(locale="en-US") as page:
                        began = time.perf_counter()
                        program = Program(Path(folder) / "studio")
                        page.goto(program.url)
                        page.get_by_role("button", name="Choose a photo").first.wait_for()
                        times.append(time.perf_counter() - began)
                        program.end()
    print(
        f"from the command to a page that can be used: {median(later):.2f} s, at the very first {median(first):.2f} s"
    )


def preview() -> None:
    """Print the time from the button to the first preview of a painting."""
    times = []
    with chromium() as browser, studio() as program:
        page = browser.new_page(locale="en-US")
        page.goto(program.url)
        with page.expect_file_chooser() as choosing:
            page.get_by_role("button", name="Choose a photo").first.click()
        choosing.value.set_files(PHOTO)
        page.get_by_role("radiogroup", name="What to do").locator("label", has_text="Painting").click()
        page.locator(".paintings label.card").first.click()
        for seed in range(RUNS):
            times.append(_first_preview(page, seed))
    print(f"from the button to the first preview at 512 px: {median(times):.2f} s, at first {times[0]:.2f} s")


def _first_preview(page: Page, seed: int) -> float:
    for name, value in (("Size", 512), ("Seed", seed)):
        number = page.get_by_role("spinbutton", name=name, exact=True)
        number.fill(str(value))
        number.press("Tab")
    page.locator(".make .primary:enabled").wait_for()
    began = time.perf_counter()
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("img", name="The picture as it grows").wait_for(timeout=120_000)
    seconds = time.perf_counter() - began
    page.locator(".stage").get_by_role("button", name="Remove").click()
    page.locator(".queue").wait_for(state="detached")
    return seconds


def crowd() -> None:
    """Print how fast requests are answered, and the server's memory, while there is much to do."""
    with studio() as program:
        client = program.enter()
        photo = upload(client, PHOTO.read_bytes())
        dream = {"kind": "dream", "settings": {"size": 512}, "inputs": {"photo": photo}}
        jobs = [client.post("/api/jobs", json=dream).json()["id"] for _ in range(JOBS)]
        over, uploaded = Event(), list[str]()
        follow = [Thread(target=_follow, args=(program, client.cookies, over), daemon=True) for _ in range(PAGES)]
        large = Thread(target=_upload_large, args=(program, client.cookies, over, uploaded))
        for thread in [*follow, large]:
            thread.start()
        times = _ask_again_and_again(client, photo, jobs)
        over.set()
        large.join()
        memory = program.peak_memory()
        share = sum(one <= 0.1 for one in times) / len(times)
        print(
            f"{JOBS} jobs, {PAGES} pages, {len(uploaded)} uploads of 50 megapixels: "
            f"{share:.1%} of {len(times)} requests within 0.1 s "
            f"(median {median(times) * 1e3:.0f} ms, 95 % within {quantiles(times, n=20)[-1] * 1e3:.0f} ms, "
            f"longest {max(times) * 1e3:.0f} ms); memory of the server {memory:.0f} MB at most"
        )


def _ask_again_and_again(client: httpx.Client, photo: str, jobs: list[str]) -> list[float]:
    """Return the seconds that each of many requests takes, of all that pages ask for, twenty in a second."""
    asks: list[Callable[[], httpx.Response]] = [
        lambda: client.get("/"),
        lambda: client.get("/js/studio.js"),
        lambda: client.get("/api/words", params={"lang": "zh"}),
        lambda: client.get("/api/options"),
        lambda: client.get("/api/samples"),
        lambda: client.get(f"/api/files/{photo}"),
        lambda: client.get(f"/api/files/{photo}/thumbnail.jpg"),
        lambda: client.post(f"/api/jobs/{random.choice(jobs[1:])}", json={"do": "move", "before": jobs[1]}),  # noqa: S311
        lambda: client.post(f"/api/jobs/{jobs[-1]}", json={"do": "pause"}),
        lambda: client.post(f"/api/jobs/{jobs[-1]}", json={"do": "resume"}),
    ]
    times, until = [], time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        began = time.perf_counter()
        asks[len(times) % len(asks)]().raise_for_status()
        times.append(time.perf_counter() - began)
        time.sleep(0.05)
    return times


def _follow(program: Program, cookies: httpx.Cookies, over: Event) -> None:
    with httpx.stream("GET", f"{program.address}/api/events", cookies=cookies, timeout=None) as events:
        for _ in events.iter_raw():
            if over.is_set():
                break


def _upload_large(program: Program, cookies: httpx.Cookies, over: Event, uploaded: list[str]) -> None:
    with httpx.Client(
        base_url=program.address, headers={"origin": program.address}, cookies=cookies, timeout=None
    ) as client:
        for number in range(1000):
            if over.is_set():
                break
            content = BytesIO()
            kind = ("JPEG", "PNG")[number % 2]
            picture = Image.open(PHOTO).convert("RGB").resize((8660, 5774 + number))
            picture.save(content, kind, **({"quality": 90} if kind == "JPEG" else {"compress_level": 1}))
            uploaded.append(upload(client, content.getvalue()))


def slider() -> None:
    """Print how soon an instant style is there, by what changes: the last place of a slider, another style, a blend."""
    styles = ["cafe", "church", "harvest", "garden", "gold", "lake", "ink", "arles", "dots", "spring"]
    changes: dict[str, list[dict[str, object]]] = {
        "strength": [{"style": "wave", "strength": number / 10} for number in range(10)],
        "colors and strength": [{"style": "wave", "colors": "content", "strength": part / 10} for part in range(10)],
        "style": [{"style": name} for name in styles],
        "blend": [{"style": f"wave={0.1 + part / 20:.2f},cafe={0.9 - part / 20:.2f}"} for part in range(10)],
    }
    with studio() as program:
        client = program.enter()
        photo = upload(client, SQUARE.read_bytes())

        def ask(settings: dict[str, object]) -> float:
            began = time.perf_counter()
            question = {"photo": photo, "settings": settings, "size": 512}
            client.post("/api/live/instant", json=question).raise_for_status()
            return time.perf_counter() - began

        first = ask({"style": "wave"})
        for _ in range(3):
            ask({"style": "wave=0.5,ink=0.5"})  # torch needs some passes to be as fast as it gets
        print(f"the first picture in an instant style, torch loaded meanwhile: {first:.2f} s; then, at 512 px:")
        for what, settings in changes.items():
            times = [ask(one) for one in settings]
            print(f"  another {what}: {median(times):.3f} s, the longest {max(times):.3f} s")


def upload(client: httpx.Client, content: bytes) -> str:
    """Return the sha256 of a picture that is uploaded."""
    answer = client.post("/api/files", params={"name": "photo"}, content=content).raise_for_status()
    return str(answer.json()["sha256"])


def main() -> None:
    """Measure what the command line names, or all."""
    parts = {"start": start, "preview": preview, "crowd": crowd, "slider": slider}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
