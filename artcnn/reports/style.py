"""How findings are shown: in which language, and for which kind of screen."""

from dataclasses import dataclass

from artcnn.errors import ArtcnnError, did_you_mean
from artcnn.reports.i18n import Catalog, load_catalog

SCALES = "screen", "projector"


@dataclass(frozen=True)
class Style:
    """How sheets and pages are made.

    Attributes:
        catalog: of the language.
        projector: whether they are for a projector: large letters, few pictures on each sheet.
    """

    catalog: Catalog
    projector: bool = False


def read_style(lang: str = "en", scale: str = "screen") -> Style:
    """Return the style of these names.

    Args:
        lang: en or zh.
        scale: screen or projector.

    Raises:
        ArtcnnError: there is no such language or scale.
    """
    if scale not in SCALES:
        raise ArtcnnError(f"invalid --scale {scale}", hint=did_you_mean(scale, SCALES))
    return Style(load_catalog(lang), scale == "projector")
