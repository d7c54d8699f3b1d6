"""The kinds of photos that reading digits is measured on, those that it was tuned on and those that it was not."""

import zlib
from dataclasses import replace
from functools import lru_cache

import numpy as np
from paper_photos import PENS, Change, Photo, Scene, change, common, take_photo, transparent

from artcnn.datasets.mnist import load_mnist

_GRAY, _BLUE, _DARK = (190, 190, 192), (160, 186, 226), (96, 96, 100)
_CHALK: dict[str, object] = {
    "paper": (38, 62, 52),
    "pen": (222, 222, 214),
    "stroke": (0.06, 0.12),
    "chalk": 0.35,
    "uneven": (0.1, 0.4),
}

TUNED: dict[str, Change] = {
    "plain": change(uneven=(0.1, 0.5)),
    "dark table": lambda scene, random: replace(scene, table="dark", sides=int(random.integers(1, 5))),
    "wooden table": lambda scene, random: replace(scene, table="wood", sides=int(random.integers(1, 5))),
    "light table": lambda scene, random: replace(scene, table="light", sides=int(random.integers(1, 5))),
    "red margin": change(extras=frozenset({"margin"}), ruling="lines", ruling_color=_BLUE, pitch=(0.06, 0.12)),
    "light lines": change(ruling="lines", ruling_color=_GRAY, pitch=(0.05, 0.12)),
    "dark lines": change(ruling="lines", ruling_color=_DARK, pitch=(0.06, 0.14)),
    "squares, large digit": change(ruling="squares", ruling_color=_BLUE, pitch=(0.05, 0.1)),
    "squares, small digit": change(ruling="squares", ruling_color=_BLUE, pitch=(0.05, 0.08), size=(0.1, 0.16)),
    "dots": change(ruling="dots", ruling_color=_DARK, pitch=(0.05, 0.08)),
    "shadow": change(shadow=(0.3, 0.6), crumple=(0.02, 0.07)),
    "spiral": change(extras=frozenset({"spiral"}), ruling="lines", ruling_color=_BLUE),
    "yellow note": lambda scene, random: replace(
        scene, paper=(245, 224, 110), table=["light", "dark"][int(random.integers(2))], sides=4
    ),
    "whiteboard": change(paper=(236, 240, 242), stroke=(0.05, 0.1), glare=(0.3, 0.8), noise=(3, 8)),
    "blackboard": change(**_CHALK),
    "scan, black rim": lambda scene, random: replace(
        scene, table="black", sides=int(random.integers(1, 5)), uneven=0, noise=1.0, turn=float(random.uniform(-2, 2))
    ),
    "tilted": change(
        turn=(-15, 15), perspective=(0.03, 0.07), ruling="lines", ruling_color=_BLUE, table="dark", sides=2
    ),
    "blurred": change(blur=(2, 3.5), noise=(4, 9), quality=35),
    "finger": change(extras=frozenset({"finger"})),
    "printed text": change(extras=frozenset({"text"})),
    "two digits": change(digits=2, size=(0.2, 0.35)),
    "empty page": change(digits=0, uneven=(0.1, 0.5), ruling="lines", ruling_color=_BLUE),
}
"""Kinds whose first photos the reading was tuned on."""

HELD_OUT: dict[str, Change] = {
    "checked cloth": lambda scene, random: replace(scene, table="cloth", sides=int(random.integers(1, 5))),
    "speckled stone": lambda scene, random: replace(scene, table="stone", sides=int(random.integers(1, 5))),
    "brown paper": change(paper=(176, 138, 98), uneven=(0.1, 0.4)),
    "faint pencil": change(pen=(150, 150, 154), stroke=(0.035, 0.06)),
    "millimeter paper": change(ruling="millimeters", ruling_color=(226, 160, 140), pitch=(0.08, 0.14)),
    "dark squares, tilted": change(ruling="squares", ruling_color=(120, 130, 160), pitch=(0.07, 0.12), turn=(-12, 12)),
    "folded": change(extras=frozenset({"fold", "holes"}), ruling="lines", ruling_color=_GRAY),
    "slate with lines": change(**(_CHALK | {"ruling": "lines", "ruling_color": (120, 130, 120), "pitch": (0.1, 0.14)})),
    "thick marker": change(stroke=(0.13, 0.18), pen=PENS["black"]),
    "corner of a desk": lambda scene, random: replace(
        scene, table="wood", sides=2, turn=float(random.uniform(-12, 12)), shadow=0.4, extras=frozenset({"finger"})
    ),
}
"""Kinds that were never looked at while it was tuned."""

UNREADABLE = {"printed text", "two digits", "empty page"}
"""Kinds that must be doubted, whatever is answered."""


@lru_cache(maxsize=1)
def _digits() -> tuple[np.ndarray, list[int]]:
    every = load_mnist("test")
    return every.inputs[:, 0].double().div(255).numpy(), every.labels.tolist()


def photo(kind: str, number: int) -> Photo:
    """Return a photo of a kind, always the same for the same number."""
    random = np.random.default_rng([zlib.crc32(kind.encode()), number])
    digits, labels = _digits()
    if kind == "white on nothing":
        return transparent(digits, labels, random)
    scene: Scene = ({**TUNED, **HELD_OUT})[kind](common(random), random)
    return take_photo(scene, digits, labels, random)


KINDS = [*TUNED, "white on nothing", *HELD_OUT]
