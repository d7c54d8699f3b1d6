"""What a run made: a picture, to be shown or saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Self

from PIL.Image import Image
from torch import Tensor

from artcnn.files.metadata import Metadata
from artcnn.files.write import to_pillow, write_picture
from artcnn.jobs.provenance import Provenance

_SHOWN = 1024  # pixels, of the longer side in a notebook


@dataclass(frozen=True, eq=False)
class Result:
    """A picture that was made.

    Attributes:
        image: shape (1, 3, H, W), sRGB in [0, 1], on the CPU.
        alpha: the photo's opacity, shape (1, 1, H, W) in [0, 1], or None where it is opaque.
        provenance: how it was made.
        metrics: the objective or the loss that the last step started from, by that name, and the number of steps.
        usage: the seconds it took, and the most bytes of memory held.
        metadata: what the photo says about itself: when it was taken, whose it is, and where.
    """

    image: Tensor = field(repr=False)
    alpha: Tensor | None = field(repr=False)
    provenance: Provenance = field(repr=False)
    metrics: Mapping[str, float]
    usage: Mapping[str, float]
    metadata: Metadata = field(default_factory=Metadata, repr=False)

    @property
    def complete(self) -> bool:
        """Whether the run came to its last step."""
        return self.provenance.stopped_after is None

    def with_paths(self, inputs: Mapping[str, Path], folder: Path) -> Self:
        """Return a result that tells of its inputs, by name, as files elsewhere, to be in a folder when it is told."""
        made = self.provenance
        renamed = tuple(replace(entry, path=inputs.get(entry.name, entry.path)) for entry in made.inputs)
        return replace(self, provenance=replace(made, inputs=renamed, folder=folder))

    def save(self, path: Path | str, *, keep_gps: bool = False, replace: bool = True) -> Path:
        """Write the picture as the command line does: with its opacity, the photo's metadata and how it was made.

        Args:
            path: the file to write, ending in .png, .jpg, .webp or .tif; ``-`` for the standard output.
            keep_gps: whether to write where the photo was taken, too.
            replace: whether a file that is there may be replaced; if not, another name is chosen.

        Returns:
            Where it is.

        Raises:
            ArtcnnError: it cannot be written there; what was there before still is.
        """
        path = Path(path)
        text = self.provenance.to_json(path)
        return write_picture(path, self.image, self.alpha, text, replace, self.metadata, keep_gps=keep_gps)

    def to_pil(self) -> Image:
        """Return the picture as a Pillow image, RGB, or RGBA where it is not opaque."""
        picture: Image = to_pillow(self.image, self.alpha)
        return picture

    def _repr_png_(self) -> bytes:
        """Return what a notebook shows, and keeps in its file: a larger picture is shrunk."""
        content, image = BytesIO(), self.to_pil()
        image.thumbnail((_SHOWN, _SHOWN))
        image.save(content, "PNG")
        return content.getvalue()
