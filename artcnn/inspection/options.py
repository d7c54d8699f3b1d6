"""Defaults and choices of the methods, and their checks: known before torch is loaded."""

from artcnn.errors import ArtcnnError

CAM_METHODS = "gradcam", "layercam", "scorecam"
"""They weigh the maps of a layer."""

_BACKWARD = "gradient", "smoothgrad", "integrated", "guided", "gradcam", "layercam", "lrp-epsilon", "lrp-zplus"
_MASKS = "scorecam", "rise"
METHOD_GROUPS: dict[str, tuple[str, ...]] = {"backward": _BACKWARD, "masks": _MASKS, "all": (*_BACKWARD, *_MASKS)}
"""Attribution methods by what they do: go back through the network, or hide parts of the picture and run it again."""

SALIENCY_METHODS = METHOD_GROUPS["all"]
CHECKED_METHODS = "gradient,smoothgrad,integrated,guided,gradcam"
"""Those that are put to the test where none is named: each is computed for five networks."""

SALIENCY_CHOICES = *METHOD_GROUPS, *SALIENCY_METHODS
"""Several are written with commas."""

CONFIDENCE, ADVERSARIAL_STEPS = 0.99, 200

PHOTO_SIDE = 128
"""Pixels of the picture that a unit of a photographs' network wants to see."""

LECTURE_DIGIT = 32
"""Of MNIST's test set: a plain 3."""

BACKGROUND = "background"
_FILLS = BACKGROUND, "gray", "blur"


def check_fill(text: str) -> None:
    """Raise an ArtcnnError where a text names nothing that a square can show."""
    if text in _FILLS:
        return
    try:
        level = float(text)
    except ValueError:
        level = -1
    if not 0 <= level <= 1:
        raise ArtcnnError(
            f"invalid --fill {text}",
            hint=f"choose from {', '.join(_FILLS)}, or give a level from 0 (black) to 1 (white)",
        )
