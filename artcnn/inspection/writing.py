"""Write findings into a folder: sheet, numbers, settings and a page."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from artcnn.inspection.subject import Subject
from artcnn.reports.html_report import Page, render
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile, check_new_folder, unique_folder, write_finding, write_findings
from artcnn.reports.style import Style

_WHOLE = "saliency", "occlusion", "fool", "invert", "caricature", "maximize-fc", "maximize-class"
"""Methods whose tiles all are the input, or have a place for each pixel of it."""


def choose_folder(out: Path | None, command: str, subject: Subject, label: str = "") -> Path:
    """Return the folder to write into: ``out``, or a new one named after command, network and picture.

    Raises:
        ArtcnnError: it is there already, or cannot be made.
    """
    parts = [part for part in ("inspect", command, subject.network.name, label.replace(":", "-")) if part]
    folder = out or unique_folder("-".join(parts))
    check_new_folder(folder)
    return folder


def annotate(finding: Finding, subject: Subject) -> Finding:
    """Add doubts about the picture, and the axes of a spectrogram, to a finding."""
    if subject.doubt is not None:
        finding = replace(finding, note=subject.doubt)
    axes = subject.kind.axes()
    if axes is None:
        return finding
    tiles = [
        replace(tile, axes=axes) if _shows_input(finding.look, tile, number) else tile
        for number, tile in enumerate(finding.tiles)
    ]
    return replace(finding, tiles=tiles)


def write(
    folder: Path,
    command: str,
    subject: Subject,
    found: Finding | Mapping[str, Finding],
    style: Style,
    html: bool = False,
) -> Path:
    """Write findings, and with ``html`` a page of them; return the file or folder to open.

    Args:
        folder: a new one.
        command: the method's name.
        subject: what was inspected.
        found: a finding; or several, each for a folder of its own inside of the new one.
        style: of sheets and page.
        html: write ``page.html``, too.

    Raises:
        ArtcnnError: it cannot be written there.
    """
    if not isinstance(found, Finding):
        return _write_parts(folder, command, subject, found, style, html)
    finding = annotate(found, subject)
    run = {"command": command, **subject.facts, **doubt_of(subject), **finding.settings}
    if not html:
        written = write_finding(folder, finding, run, style)
        return written / ("values.csv" if finding.pictures is None else "sheet.png")
    title = message("What {network} has learned", network=subject.network.name)
    page = Page(title, [finding], subject.facts, subject.network.name, doubt=subject.doubt)
    return write_finding(folder, finding, run, style, render(page, style.catalog, style.projector)) / "page.html"


def _write_parts(
    folder: Path, command: str, subject: Subject, found: Mapping[str, Finding], style: Style, html: bool
) -> Path:
    # The lecture's example is no picture of anyone's.
    findings = {part: one if part == "example" else annotate(one, subject) for part, one in found.items()}
    run = {"command": command, "image": subject.name, **subject.facts, **doubt_of(subject)}
    if not html:
        return write_findings(folder, findings, run, style)
    title = message("What a convolution computes: {network}", network=subject.network.name)
    page = Page(title, list(findings.values()), subject.facts, subject.network.name, doubt=subject.doubt)
    return write_findings(folder, findings, run, style, render(page, style.catalog, style.projector))


def doubt_of(subject: Subject) -> dict[str, Any]:
    """Return the doubt about the picture, for ``run.json``."""
    return {} if subject.doubt is None else {"doubt": str(subject.doubt)}


def _shows_input(look: str, tile: Tile, number: int) -> bool:
    """Return whether a tile shows what a network takes, or has a place for each of its pixels."""
    if look == "check":
        return tile.key is not None
    return look in _WHOLE or (look == "activations" and number == 0)
