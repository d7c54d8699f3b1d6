"""The lessons: what is made of them is up to date, their code runs, and what their texts claim is so."""

import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from programs import load_program

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "lessons"


lessons = load_program("docs/lessons/build.py")
NAMES = [path.stem for path in lessons.SOURCES]
LONG = "04-training", "07-why-and-fooled", "09-style"
"""Lessons whose code takes longest."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.exhaustive] if name in LONG else []) for name in NAMES]
)
def test_a_lesson_runs_and_its_claims_hold(name, tmp_path, monkeypatch):
    """Its code, and that for the tests: small sizes after those that are shown, and checks of what the text says."""
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    path = FOLDER / "source" / f"{name}.md"
    for part in lessons.read_lesson(path):
        if part.kind in ("code", "test"):
            code = compile("\n" * (part.line - 1) + part.text, str(path), "exec")
            exec(code, names)  # noqa: S102 - the project's own lessons


def test_pages_and_notebooks_are_up_to_date():
    made = lessons.build()
    old = [path.relative_to(ROOT) for path, text in made.items() if not path.exists() or path.read_text() != text]
    assert old == [], "run python docs/lessons/build.py"
    kept = {path for language in lessons.LANGUAGES for path in (FOLDER / language).iterdir()}
    assert kept == set(made), "a lesson was renamed: delete what was made of the old one"


@pytest.mark.parametrize("language", lessons.LANGUAGES)
def test_emphasis_is_shown_as_emphasis(language):
    """In CommonMark a star between a full stop and a Chinese character is a star."""
    for page in (FOLDER / language).glob("*.md"):
        shown = re.sub(r"<(pre|code)\b.*?</\1>", "", MarkdownIt().enable("table").render(page.read_text()), flags=re.S)
        assert re.findall(r".*\*.*", shown) == [], page


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_ask_the_same_questions_and_no_test_is_shown(name):
    parts = lessons.read_lesson(FOLDER / "source" / f"{name}.md")
    asked = {}
    for language in lessons.LANGUAGES:
        text = "\n\n".join(part.text for part in parts if part.kind == language)
        asked[language] = text.count("<details>"), len(re.findall("^#+ ", text, re.MULTILINE)), text.count("</details>")
        notebook = json.loads((FOLDER / language / f"{name}.ipynb").read_text())
        code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert code == [part.text for part in parts if part.kind == "code"]
        assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    assert asked["en"] == asked["zh"]
    assert asked["en"][0] >= 3, "questions whose answers are folded"
    assert asked["en"][0] == asked["en"][2]


@pytest.mark.parametrize("name", NAMES)
def test_emphasis_in_chinese_is_seen_as_such(name):
    """A mark of emphasis between a punctuation mark and a letter is shown as an asterisk (CommonMark 0.31, 6.2)."""
    text = "\n".join(part.text for part in lessons.read_lesson(FOLDER / "source" / f"{name}.md") if part.kind == "zh")
    emphasized = re.finditer(r"(?<!\*)(\*{1,2})(?![\s*])([^*\n]+?)\1(?!\*)", re.sub("`[^`]*`", "x", text))
    lost = [found[0] for found in emphasized if re.match(r"[，。：；？！”）]\*+\w", found.string[found.end(2) - 1 :])]
    assert lost == []


@pytest.mark.parametrize("text", ["Hello.\n", "<!-- en -->\nHello.\n", "<!-- zh -->\n你好。\n<!-- en -->\nHello.\n"])
def test_a_text_without_its_counterpart_is_refused(text, tmp_path):
    (tmp_path / "x.md").write_text(text)
    with pytest.raises(ValueError, match="line"):
        lessons.read_lesson(tmp_path / "x.md")


def test_the_list_of_lessons_names_each_in_both_languages():
    text = (FOLDER / "README.md").read_text()
    for name in NAMES:
        for language in lessons.LANGUAGES:
            assert f"({language}/{name}.md)" in text
            assert f"({language}/{name}.ipynb)" in text
