"""Make pages and notebooks of the lessons, in English and in Chinese: ``python docs/lessons/build.py``.

A source (``source/*.md``) is Markdown with marks on lines of their own:

- ``<!-- en -->`` begins a text in English, ``<!-- zh -->`` the same in Chinese. They come in pairs, in this order.
- A block of ``python`` is code. It is written once, for both languages.
- ``<!-- test`` to ``-->`` is code that only the tests run, at that place: small sizes, and checks of the text's claims.

``LANGUAGE/NAME.md`` is the page, ``LANGUAGE/NAME.ipynb`` the notebook. A test says when they are out of date.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

FOLDER = Path(__file__).parent
SOURCES = sorted((FOLDER / "source").glob("*.md"))

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, Language] = ("en", "zh")
WORDS = {
    "en": {"notebook": "notebook", "other": "中文", "next": "Next", "all": "all lessons"},
    "zh": {"notebook": "笔记本", "other": "English", "next": "下一课", "all": "全部课程"},
}

_PART = re.compile(r"<!-- (en|zh) -->\n|```python\n(.*?)^```\n|<!-- test\n(.*?)^-->\n", re.DOTALL | re.MULTILINE)


class Part(NamedTuple):
    """A part of a lesson: a text in a language, code, or code for the tests; and the number of its first line."""

    kind: Literal["en", "zh", "code", "test"]
    text: str
    line: int


def read_lesson(path: Path) -> list[Part]:
    """Return the parts of a lesson.

    Raises:
        ValueError: a text says no language, or lacks its counterpart in the other one.
    """
    source = path.read_text(encoding="utf-8")
    parts = list(_parts(source))
    kinds = [part.kind for part in parts]
    for number, part in enumerate(parts):
        before, after = kinds[number - 1 : number], kinds[number + 1 : number + 2]
        if (part.kind == "en" and after != ["zh"]) or (part.kind == "zh" and before != ["en"]):
            raise ValueError(f"{path.name}, line {part.line}: a text in English is followed by the same in Chinese")
    return parts


def _parts(source: str) -> Iterator[Part]:
    language, start = "", 0
    for found in [*_PART.finditer(source), None]:
        text = source[start : found.start() if found else len(source)].strip()
        line = source.count("\n", 0, start) + 1
        if text and not language:
            raise ValueError(f"line {line}: say which language this is")
        if text:
            yield Part(language, text, line)  # type: ignore[arg-type] - the pattern knows no other
        if found is None:
            return
        language, start = found[1] or "", found.end()
        for kind, code in (("code", found[2]), ("test", found[3])):
            if code is not None:
                yield Part(kind, code.strip("\n"), source.count("\n", 0, found.start()) + 2)  # type: ignore[arg-type]


def title(parts: list[Part], language: Language) -> str:
    """Return the title of a lesson: the first line of its first text."""
    return next(part.text for part in parts if part.kind == language).splitlines()[0].removeprefix("# ")


def page(name: str, parts: list[Part], language: Language) -> str:
    """Return the page of a lesson in a language."""
    words, other = WORDS[language], "zh" if language == "en" else "en"
    links = f"[{words['notebook']}]({name}.ipynb) · [{words['other']}](../{other}/{name}.md)"
    shown = [f"```python\n{part.text}\n```" if part.kind == "code" else part.text for part in _seen(parts, language)]
    names = [path.stem for path in SOURCES]
    following = names[names.index(name) + 1 :] if name in names else []
    end = f"[{words['all']}](../README.md)"
    if following:
        after = title(read_lesson(FOLDER / "source" / f"{following[0]}.md"), language)
        end = f"{words['next']}: [{after}]({following[0]}.md) · {end}"
    return "\n\n".join([f"<!-- made by build.py of source/{name}.md -->\n{links}", *shown, f"---\n\n{end}"]) + "\n"


def notebook(parts: list[Part], language: Language) -> str:
    """Return the notebook of a lesson in a language, without outputs (nbformat 4.5)."""
    cells = []
    for number, part in enumerate(_seen(parts, language), start=1):
        cell = {"cell_type": "code" if part.kind == "code" else "markdown", "id": f"part-{number}", "metadata": {}}
        cell["source"] = part.text.splitlines(keepends=True)
        cells.append(cell | ({"execution_count": None, "outputs": []} if part.kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _seen(parts: list[Part], language: Language) -> list[Part]:
    return [part for part in parts if part.kind in ("code", language)]


def build() -> dict[Path, str]:
    """Return what is made of the sources: by file."""
    made = {}
    for path in SOURCES:
        parts = read_lesson(path)
        for language in LANGUAGES:
            made[FOLDER / language / f"{path.stem}.md"] = page(path.stem, parts, language)
            made[FOLDER / language / f"{path.stem}.ipynb"] = notebook(parts, language)
    return made


if __name__ == "__main__":
    for file, content in build().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
