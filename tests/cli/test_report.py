"""``artcnn inspect report`` and ``--html``, also in a real browser."""

import csv
import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from importlib import import_module

import pytest
import torch

from artcnn.datasets.mnist import load_mnist
from artcnn.inspection import collection
from artcnn.inspection import report as reporting
from artcnn.inspection.convolution import find_parts
from artcnn.inspection.models import open_model
from artcnn.inspection.plans import plan_report
from artcnn.reports.html_report import Page, render
from artcnn.reports.i18n import load_catalog
from artcnn.reports.messages import message
from artcnn.visualizers import maximize
from artcnn.visualizers.convolution import run_first_convolution

QUICK = {"layers", "filters", "activations", "saliency", "fool", "occlusion"}
SECTIONS = ["overview", "layers", "filters", "activations", "saliency", "occlusion", "fool", "about"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
def quick(monkeypatch):
    """Keep a report to the looks that take no time."""
    every = plan_report
    monkeypatch.setattr(reporting, "plan_report", lambda subject: (p for p in every(subject) if p.section in QUICK))


def sections(page):
    return re.findall(r'<section id="([\w-]+)">', page)


def texts(page, section):
    """Return what is to be read in a section, without its tables and captions."""
    body = page.split(f'<section id="{section}">')[1].split("</section>")[0]
    return re.findall(r"<(?:h2|p)[^>]*>(.*?)</(?:h2|p)>", body)


@pytest.mark.slow
def test_a_report_of_a_digit_of_the_package(artcnn, folder, quick):
    made = artcnn("inspect", "report", "--minutes", "5")
    assert made.exit_code == 0, made.output
    assert made.stdout.strip() == "inspect-report-mnist-lecture/report.html"
    assert made.stderr.count(" s\n") == 7, "a line for each look"
    page = (folder / made.stdout.strip()).read_text()
    assert sections(page) == SECTIONS
    filters = page.split('<section id="filters">')[1].split("</section>")[0]
    assert filters.count('data-unit="conv1:') == 25, "all of a first layer"
    run = json.loads((folder / "inspect-report-mnist-lecture" / "run.json").read_text())
    assert {look["look"] for look in run["looks"]} == QUICK
    assert run["image"] == "mnist-test 1290"
    assert re.search(r'<html lang="en">', page)


@pytest.mark.slow
def test_a_report_in_chinese_has_the_same_sections(artcnn, folder, quick):
    made = artcnn("inspect", "report", "--minutes", "5", "--lang", "zh", "-o", "found")
    assert made.exit_code == 0, made.output
    page = (folder / "found" / "report.html").read_text()
    assert sections(page) == SECTIONS
    assert '<html lang="zh">' in page
    for section in SECTIONS:
        words = texts(page, section)
        assert words
        assert all(re.search("[\u4e00-\u9fff]", text) for text in words), (section, words)


@pytest.mark.slow
def test_what_there_is_no_time_for_is_left_out_and_named(artcnn, folder):
    made = artcnn("inspect", "report", "--minutes", "0", "-o", "found")
    assert made.exit_code == 0, made.output
    page = (folder / "found" / "report.html").read_text()
    assert sections(page) == ["overview", "layers", "convolution", "filters", "maximize-conv", "left-out", "about"]
    left = page.split('<section id="left-out">')[1].split("</section>")[0]
    assert len(re.findall(r"<li>.*? it would have taken about \d+ s, and 0 s were left</li>", left)) == 19
    assert "for what is left out: --minutes " in made.stderr


@pytest.mark.slow
def test_a_network_without_answers_says_why_there_are_none(artcnn, folder, samples, monkeypatch):
    monkeypatch.setattr(import_module("artcnn.cli.inspect.report"), "_SIDE", 64)
    monkeypatch.setattr(collection, "_PHOTO_SIDE", 64)
    made = artcnn("inspect", "report", samples / "cat.webp", "-m", "vgg16", "--minutes", "0", "-o", "found")
    assert made.exit_code == 0, made.output
    page = (folder / "found" / "report.html").read_text()
    assert page.count("it has no output layer, so no answers to ask about") == 6
    assert "This network has no answers" in page
    made = artcnn("inspect", "report", "-m", "vgg16", "--minutes", "0", "--lang", "zh", "-o", "chinese")
    assert made.exit_code == 0, made.output
    assert (folder / "chinese" / "report.html").read_text().count("它没有输出层") == 6


@pytest.mark.slow
@pytest.mark.parametrize(
    "look",
    [
        "layers",
        "filters conv2",
        "activations digit.png",
        "saliency digit.png",
        "occlusion digit.png",
        "fool digit.png --to 5",
        "check digit.png",
        "invert digit.png conv1 --steps 2",
        "maximize class 3 --steps 2",
        "maximize fc fc1:0-1 --steps 2",
    ],
)
def test_every_look_has_a_page_with_every_row(artcnn, folder, noise, look):
    noise.save("digit.png")
    made = artcnn("inspect", *look.split(), "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[-1] == "found/page.html"
    page = (folder / "found" / "page.html").read_text()
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(re.findall(r'<tr id="r0-\d+">', page)) == len(rows)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--lang", "fr"], "--lang fr: choose from en, zh"),
        (["none.png"], "no such file"),
        (["--out", "none/found"], "there is no folder none"),
        (["--model", "mnist-lectur"], "did you mean 'mnist-lecture'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_nothing(refused, arguments, says):
    refused(says, "inspect", "report", *arguments)


def test_a_name_that_is_no_text(artcnn, folder, noise):
    name = b"<b>\xff.png".decode(errors="surrogateescape")
    noise.save("digit.png")
    (folder / "digit.png").rename(folder / name)
    made = artcnn("inspect", "activations", name, "conv1", "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    assert "&lt;b&gt;?.png" in (folder / "found" / "page.html").read_text()


@pytest.fixture
def few_steps(monkeypatch):
    """Let what units want to see be sought for a few steps: as many pictures as ever, noisier ones."""
    for name in ("NAIVE", "PATTERN", "SPARSE", "DIGIT"):
        monkeypatch.setattr(maximize, name, replace(getattr(maximize, name), steps=8))


@pytest.mark.slow
@pytest.mark.exhaustive
def test_the_whole_report(artcnn, folder, few_digits, few_steps):
    made = artcnn("inspect", "report", "--minutes", "30", "-o", "found")
    assert made.exit_code == 0, made.output
    looks = ["patches", "maximize-conv", "maximize-fc", "maximize-class"]
    page = (folder / "found" / "report.html").read_text()
    parts = ["convolution", *(f"convolution-{part}" for part in ("matrix", "moved", "shrunken", "pooling", "shapes"))]
    assert sections(page) == [
        *SECTIONS[:2],
        *parts,
        *SECTIONS[2:4],
        *looks,
        *SECTIONS[4:6],
        "invert",
        "caricature",
        "grid",
        "fool",
        "check",
        "about",
    ]
    assert len(page) < 2_000_000, "it can be sent by mail"


WATCH = """<script>window.wrong = []; addEventListener("error", (event) => wrong.push(event.message));</script>"""
VISIT = """<script>addEventListener("load", async () => {
  const pause = () => new Promise((done) => setTimeout(done, 50)), told = { wrong };
  const root = document.documentElement;
  told.width = innerWidth;
  told.overflow = root.scrollWidth - root.clientWidth;
  told.folded = getComputedStyle(document.getElementById("links")).display === "none";
  if (told.folded) document.getElementById("fold").click();
  told.unfolded = getComputedStyle(document.getElementById("links")).display !== "none";
  const table = document.querySelector("#layers table"), column = 6;
  const cells = () => [...table.tBodies[0].rows].map((row) => row.cells[column].dataset.v);
  table.tHead.rows[0].cells[column].querySelector("button").click();
  told.rising = cells();
  table.tHead.rows[0].cells[column].querySelector("button").click();
  told.falling = cells();
  told.sorted = table.tHead.rows[0].cells[column].getAttribute("aria-sort");
  root.style.scrollBehavior = "auto";
  document.querySelector('nav a[href="#occlusion"]').click();
  await pause();
  told.hash = location.hash;
  told.top = document.getElementById("occlusion").getBoundingClientRect().top;
  const chip = [...document.querySelectorAll(".units a")].find((link) => link.textContent === "7");
  chip.click();
  await pause();
  told.unit = document.getElementById("unit-name").textContent;
  told.elsewhere = document.querySelectorAll("#unit-others img").length;
  document.getElementById("close").click();
  const map = document.querySelector('figure[data-unit="conv2:0"][data-field] button');
  map.scrollIntoView();
  const area = map.getBoundingClientRect();
  map.dispatchEvent(new PointerEvent("pointermove", { clientX: area.left + 1, clientY: area.top + 1, bubbles: true }));
  told.tip = document.getElementById("tip").textContent;
  told.box = document.querySelector(".box").style.width;
  document.querySelector('figure[data-kernel="21"] button').click();
  const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  press(document.querySelector("#unit .map"), "ArrowUp");
  told.place = document.getElementById("unit-told").textContent;
  document.querySelector('figure[data-kernel="21"] button').dispatchEvent(new FocusEvent("blur"));
  told.boxes = document.querySelectorAll("#unit .box").length;
  told.cells = document.querySelectorAll("#unit-sum .grid span").length;
  told.overflowDialog = document.getElementById("unit").scrollWidth - document.getElementById("unit").clientWidth;
  document.getElementById("close").click();
  told.overflowAfter = root.scrollWidth - root.clientWidth;
  parent.postMessage(JSON.stringify(told), "*");
});</script>"""
# A window has a least width, a frame in it has not.
FRAME = """<!doctype html><script>addEventListener("message", (event) => {{ document.documentElement.dataset.told =
event.data; }});</script><iframe src="visited.html" style="width:{width}px;height:900px;border:0"></iframe>"""


def number(text):
    """Return a number as a page writes it."""
    return float(text.replace("−", "-").rstrip("."))


def browse(page):
    """Return the document as Chromium has it in the end."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000", "--dump-dom"]
    options += [f"--user-data-dir={page.parent / 'profile'}", "--window-size=1400,1000"]
    done = subprocess.run([CHROMIUM, *options, page.as_uri()], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_report_in_a_browser(artcnn, folder, quick):
    assert artcnn("inspect", "report", "--minutes", "5", "-o", "found").exit_code == 0
    page = (folder / "found" / "report.html").read_text()
    # A copy that is visited: its policy would forbid the visitor's script.
    visited = re.sub(r"<meta http-equiv[^>]*>", WATCH, page, count=1).replace("</body>", f"{VISIT}</body>")
    (folder / "visited.html").write_text(visited)
    picture = load_mnist("test").batch(torch.tensor([1290]))[0]
    maps = run_first_convolution(open_model("mnist-lecture"), picture).maps
    for width in (1280, 390):
        (folder / "frame.html").write_text(FRAME.format(width=width))
        told = json.loads(html.unescape(re.search(r'data-told="(.*?)"', browse(folder / "frame.html"))[1]))
        assert told["wrong"] == []
        assert told["width"] == width
        assert (told["overflow"], told["overflowAfter"]) == (0, 0)
        assert (told["folded"], told["unfolded"]) == (width == 390, True)
        rising = [float(value) for value in told["rising"]]
        assert rising == sorted(rising)
        assert len(set(rising)) > 3
        assert [float(value) for value in told["falling"]] == sorted(rising, reverse=True)
        assert told["sorted"] == "descending"
        assert told["hash"] == "#occlusion"
        assert -2 <= told["top"] < 120
        assert (told["unit"], told["elsewhere"] > 0) == ("conv1:7", True)
        assert "sees rows 0 to 7, columns 0 to 7" in told["tip"]
        assert re.search(r"value −?\d\.\d+ in row 0, column 0", told["tip"])
        value, total, bias, same = map(number, re.findall(r"(?:value|sum|bias|=) (−?[\d.]+)", told["place"]))
        assert value == pytest.approx(maps[21, 12, 13].item(), abs=6e-4)
        assert (total + bias, same) == (pytest.approx(value, abs=1e-3), pytest.approx(value, abs=1e-3))
        assert "sees rows 12 to 14, columns 13 to 15" in told["place"]
        assert (told["boxes"], told["cells"], told["overflowDialog"]) == (1, 27, 0), (
            "what the kernel lies on, its weights, the products"
        )
        assert float(told["box"].rstrip("%")) == pytest.approx(100 * 8 / 28, rel=1e-4)
    assert 'aria-current="true"' in browse(folder / "found" / "report.html"), "its policy lets its own script run"


ENTRIES = """<script>addEventListener("load", async () => {
  const told = { wrong }, box = document.querySelector(".matrix"), canvas = box.querySelector("canvas");
  const press = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const [nearer, farther, all] = box.querySelectorAll("button");
  const says = () => box.querySelector(".told").textContent;
  for (let i = 0; i < 9; i++) nearer.click();
  told.first = says();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"]) press(key);
  told.zero = says();
  press("ArrowDown");
  told.next = says();
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  told.colored = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const color = pixels.slice(i, i + 3);
    told.colored += Math.max(...color) - Math.min(...color) > 90;
  }
  told.pixels = pixels.length / 4;
  all.click();
  const area = canvas.getBoundingClientRect(), at = { clientX: area.right - 2, clientY: area.bottom - 2 };
  canvas.dispatchEvent(new PointerEvent("pointermove", { ...at, pointerId: 1, bubbles: true }));
  told.last = says();
  parent.postMessage(JSON.stringify(told), "*");
});</script>"""


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_matrix_in_a_browser(folder):
    network, picture = open_model("mnist-lecture"), load_mnist("test").batch(torch.tensor([32]))[0]
    found = find_parts(network, picture, "a digit")["matrix"]()
    page = render(Page(message("What {network} has learned", network="n"), [found], {}, "n"), load_catalog("en"))
    visited = re.sub(r"<meta http-equiv[^>]*>", WATCH, page, count=1).replace("</body>", f"{ENTRIES}</body>")
    (folder / "visited.html").write_text(visited)
    (folder / "frame.html").write_text(FRAME.format(width=390))
    told = json.loads(html.unescape(re.search(r'data-told="(.*?)"', browse(folder / "frame.html"))[1]))
    assert told["wrong"] == []
    kernel = network.layers[0].weight[0, 0]
    assert told["first"].startswith("row 0: unit 0, row 0 and column 0 of its map; column 0: ")
    assert number(told["first"].split("Weight ")[1]) == pytest.approx(kernel[0, 0].item(), abs=1e-4)
    assert "column 3: row 0 and column 3 of the picture. Always 0" in told["zero"]
    assert told["next"].startswith("row 1: unit 0, row 0 and column 1 of its map; column 3: ")
    assert number(told["next"].split("Weight ")[1]) == pytest.approx(kernel[0, 2].item(), abs=1e-4)
    assert 0.1 < told["colored"] / told["pixels"] < 0.6, "near by: three of the cells of each row"
    assert told["last"].startswith("row 168"), "the last of 16,900"
    assert "unit 24, " in told["last"]
