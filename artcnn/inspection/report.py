"""Everything that can be found within a time, as one page."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import monotonic
from typing import Any

from torch import Tensor

from artcnn.inspection.methods import SECTIONS
from artcnn.inspection.plans import Plan, plan_report
from artcnn.inspection.prediction import predict
from artcnn.inspection.progress import Progress, silent
from artcnn.inspection.subject import Subject
from artcnn.inspection.writing import annotate, doubt_of
from artcnn.reports import results
from artcnn.reports.html_report import Page, render
from artcnn.reports.messages import Message, message
from artcnn.reports.results import Finding
from artcnn.reports.style import Style
from artcnn.visualizers.network import Network

_LIKELIEST = 5  # classes


@dataclass(frozen=True, eq=False)
class Report:
    """A page of many findings.

    Attributes:
        page: HTML that opens without a network.
        run: how it was made, for ``run.json``.
    """

    page: str
    run: dict[str, Any]

    def write(self, folder: Path) -> Path:
        """Write ``report.html`` and ``run.json`` into a new folder; return where the page is.

        Raises:
            ArtcnnError: it cannot be written there.
        """
        return results.write_report(folder, self.page, {"command": "report", **self.run}) / "report.html"


def make_report(
    subject: Subject, style: Style, minutes: float = 3, started: float | None = None, on_progress: Progress = silent
) -> Report:
    """Find everything that can be found within a time, and return the page.

    Args:
        subject: a network and a picture.
        style: of the page.
        minutes: what would take longer is left out, and named on the page.
        started: when the time began, as ``time.monotonic`` has it; now by default.
        on_progress: is told each section and how long it took.
    """
    began = monotonic() if started is None else started
    network = subject.network
    layers = [layer.name for layer in network.layers]
    done = _carry_out(plan_report(subject), began, minutes, on_progress)
    # On the page they stand as one learns, and from shallow to deep.
    done.sort(
        key=lambda pair: (SECTIONS.index(pair[0].section), layers.index(pair[0].layers[0]) if pair[0].layers else 0)
    )
    found = [annotate(result, subject) for _, result in done if not isinstance(result, Message)]
    answers = _likeliest(network, subject.picture) if network.classes else []
    seconds = round(monotonic() - began, 1)
    image = subject.facts.get("image", subject.name)
    run = {**subject.facts, "image": image, "minutes": minutes, "seconds": seconds}
    page = Page(
        title=message("What {network} has learned", network=network.name),
        findings=found,
        facts=run,
        network=network.name,
        picture=subject.picture,
        answers=answers,
        doubt=subject.doubt,
        axes=subject.kind.axes(),
        omitted=[(plan.section, ", ".join(plan.layers), why) for plan, why in done if isinstance(why, Message)],
    )
    looks = [{"look": finding.look, **finding.settings} for finding in found]
    return Report(render(page, style.catalog, style.projector), run | doubt_of(subject) | {"looks": looks})


def _carry_out(
    plans: Iterator[Plan], began: float, minutes: float, on_progress: Progress
) -> list[tuple[Plan, Finding | Message]]:
    """Carry out plans in turn, but for those that take longer than there is time left; return findings or reasons."""
    done: list[tuple[Plan, Finding | Message]] = []
    short = 0.0
    for plan in plans:
        start = monotonic()
        left = max(0.0, began + 60 * minutes - start)
        needed = plan.cost.seconds() if plan.cost else 0.0
        if isinstance(plan.find, Message):
            done.append((plan, plan.find))
            continue
        if needed > left:
            short += needed
            says = "it would have taken about {seconds:.0f} s, and {left:.0f} s were left"
            done.append((plan, message(says, seconds=needed, left=left)))
            outcome = f"left out, it would take about {needed:.0f} s"
        else:
            done.append((plan, plan.find()))
            outcome = f"{monotonic() - start:.1f} s"
        on_progress(f"{' '.join([plan.section, *plan.layers])}: {outcome}")
    if short:
        on_progress(f"for what is left out: --minutes {ceil((monotonic() - began + short) / 60) + 1}")
    return done


def _likeliest(network: Network, picture: Tensor) -> list[tuple[str, float]]:
    _, probabilities = predict(network, picture)
    best = probabilities.topk(min(_LIKELIEST, len(probabilities)))
    return [(network.classes[at], p) for p, at in zip(best.values.tolist(), best.indices.tolist(), strict=True)]
