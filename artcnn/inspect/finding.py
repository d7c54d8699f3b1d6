"""What every function that looks into a network does with its method: open, check, show, find."""

from collections.abc import Mapping

from artcnn.inspection.method import Method
from artcnn.inspection.models import AnyNetwork, open_network
from artcnn.inspection.outline import outline_of
from artcnn.inspection.progress import Progress, silent
from artcnn.inspection.subject import Subject, show
from artcnn.inspection.writing import annotate
from artcnn.pictures import AnyPicture, in_memory
from artcnn.reports.results import Finding

Class = str | int


def find_one(
    method: Method, network: AnyNetwork, picture: AnyPicture | None = None, on_progress: Progress = silent
) -> Finding:
    """Return the one finding of a method."""
    subject, found = find(method, network, picture, on_progress)
    return annotate(found[""], subject)


def find(
    method: Method, network: AnyNetwork, picture: AnyPicture | None, on_progress: Progress = silent
) -> tuple[Subject, Mapping[str, Finding]]:
    """Return what was inspected, and what a method found; of a single finding, without a name."""
    side = method.size or method.side
    opened = open_network(network, side)
    method.check(outline_of(opened), None)
    subject = Subject(opened) if picture is None else show(opened, in_memory(picture), side)
    found = method.find(subject, on_progress)
    return subject, {"": found} if isinstance(found, Finding) else found


def text_of(value: Class | None) -> str | None:
    """Return a class as it is written."""
    return None if value is None else str(value)
