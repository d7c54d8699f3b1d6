"""What MkDocs is told about this repository's pages: documents of its root, lessons, and the first page.

Pages are written so that any viewer of Markdown shows them, with links between files. MkDocs calls these functions, by
their names.
"""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
OF_THE_ROOT = sorted(path.name for path in ROOT.glob("*.md") if path.name != "README.md")
"""Documents that lie beside ``docs/``, and become pages of the site."""

FILES = {name: name for name in OF_THE_ROOT} | {
    "NOTICE": "NOTICE.txt",
    "LICENSE": "LICENSE.txt",
    "CITATION.cff": "CITATION.txt",
}
"""What pages link to outside of ``docs/``, and where it is on the site."""

LANGUAGES = {"en": "English", "zh": "中文"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List lessons and documents of the root; leave out the page 404.html, whose links would be absolute."""
    for section in config.nav or []:
        if "Lessons" in section:
            for language, name in LANGUAGES.items():
                pages = sorted((ROOT / "docs" / "lessons" / language).glob("*.md"))
                section["Lessons"].append({name: [_lesson(path, config) for path in pages]})
        if "Project" in section:
            section["Project"].extend(OF_THE_ROOT)
    config.theme.static_templates.discard("404.html")
    return config


def _lesson(path: Path, config: MkDocsConfig) -> dict[str, str]:
    """Return a page by its title. MkDocs would look for that in the first line, where a lesson has its links."""
    title = re.search("^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {title[1] if title else path.stem: path.relative_to(config.docs_dir).as_posix()}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies beside ``docs/``."""
    for source, name in FILES.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Let links between the root and ``docs/`` lead to the pages that both become."""
    if page.file.src_uri == "index.md":
        page.meta["hide"] = ["navigation", "toc"]
    if page.file.src_uri in OF_THE_ROOT:
        return markdown.replace("](docs/", "](")
    markdown = markdown.replace("<details>", '<details markdown="1">')  # GitHub reads what is in it without being asked
    return re.sub(rf"\]\(\.\./({'|'.join(map(re.escape, FILES))})", lambda link: f"]({FILES[link[1]]}", markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Keep options of commands whole where a line ends: browsers would part them behind their hyphens.

    Raises:
        PluginError: lists, tables or blocks of code are not those that CommonMark makes of the page.
    """
    if ":::" not in (page.markdown or ""):
        _compare(page.file.src_uri, html, MarkdownIt().enable("table").render(page.markdown or ""))

    def whole(code: re.Match[str]) -> str:
        return re.sub(r"\S*-\S{1,24}(?!\S)", r'<span class="whole">\g<0></span>', code[0])

    return re.sub(r"(?<=<code>)[^<]+(?=</code>)", whole, html)


def _compare(name: str, here: str, elsewhere: str) -> None:
    """Raise an error if a page has other lists, tables or blocks here than in other viewers of Markdown."""
    for tag in ("li", "ol", "tr", "pre", "h2", "h3", "code", "em", "strong"):
        counts = [len(re.findall(rf"<{tag}[ >]", html)) for html in (here, elsewhere)]
        if counts[0] != counts[1]:
            raise PluginError(f"{name}: {counts[0]} <{tag}> here, {counts[1]} in other viewers of Markdown")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001
    """Refuse a page that loads anything from elsewhere. Name the theme's dialog for those who hear the page."""
    loaded = re.findall(r'<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)="((?:https?:)?//[^"]+)', output)
    if loaded:
        raise PluginError(f"{page.file.src_uri} loads from elsewhere: {', '.join(loaded)}")
    return output.replace('role="dialog"', 'role="dialog" aria-label="search"', 1)
