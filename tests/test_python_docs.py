"""The Python code that documents show runs, at small sizes: each page from its top to its end, as a reader would."""

import re
from pathlib import Path

import pytest
from PIL import Image

from artcnn import presets

ROOT = Path(__file__).parent.parent
PAGES = [
    path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if "```python" in path.read_text()
]
SMALL = {
    "dream": {"octaves": 1, "steps": 1},
    "style": {"min_size": 48, "coarse_steps": 1, "fine_steps": 1},
    "texture": {"coarse_steps": 1, "fine_steps": 1},
}
"""Whatever a page says, its pictures are small and get few steps: what is tested is that the code runs."""


def blocks_of(page: Path) -> list[tuple[int, str]]:
    """Return the Python code of a page, with the line that each block begins at."""
    text = page.read_text()
    found = re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [(text.count("\n", 0, match.start(1)), match[1]) for match in found]


@pytest.fixture
def desk(samples, tmp_path, monkeypatch) -> Path:
    """Return a folder with the pictures that the pages name, small, as the current one."""
    for name, sample in {
        "photo.jpg": "castle.jpg",
        "painting.jpg": "church_at_auvers.jpg",
        "other.jpg": "cat.webp",
        "samples/castle.jpg": "castle.jpg",
        "samples/church_at_auvers.jpg": "church_at_auvers.jpg",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        picture = Image.open(samples / sample).convert("RGB")
        picture.thumbnail((96, 96))
        picture.save(path)
    for name in ("sky.png", "face.png"):
        mask = Image.new("L", (96, 72))
        mask.paste(255, (0, 0, 96, 30))
        mask.save(tmp_path / name)
    (tmp_path / "digit.png").write_bytes((samples / "digit.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(monkeypatch):
    """Let recipes that pages load be small."""
    load = presets.load_recipe

    def load_small(kind, preset=None, **settings):
        settings = SMALL.get(kind, {}) | settings | {"size": min(96, settings.get("size", 96))}
        return load(kind, preset, **settings)

    monkeypatch.setattr("artcnn.presets.load_recipe", load_small)
    monkeypatch.setattr("artcnn.api.load_recipe", load_small)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs(page, desk, small, capsys):
    names: dict[str, object] = {"__name__": "__main__"}
    for line, code in blocks_of(page):
        exec(compile("\n" * line + code, str(page), "exec"), names)  # noqa: S102 - the project's own pages
    if page.name == "python.md":
        written = {"painted.png", "half.png", "falling.webp", "dream.png", "copy.png", "why-3"}
        assert written <= {path.name for path in desk.iterdir()}
        said = capsys.readouterr().out
        assert "unknown setting 'strenght': did you mean 'strength'?" in said
        assert "Epoch(index=1" in said


def test_there_is_code_to_run():
    assert {page.name for page in PAGES} >= {"README.md", "python.md"}
