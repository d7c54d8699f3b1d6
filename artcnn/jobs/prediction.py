"""The answer of a network to one input."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from artcnn.datasets.utterance import OTHER
from artcnn.errors import ArtcnnError
from artcnn.files.model import Model
from artcnn.files.read_each import read_each

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer of a network.

    Attributes:
        label: the most probable class; None where there is nothing to read or to hear, or it is none of the classes.
        probabilities: of each class; empty where there is nothing to read or to hear.
        doubt: why the answer may be wrong, or None.
        input: what the network was shown, shape (C, H, W) in [0, 1].
    """

    label: str | None
    probabilities: dict[str, float]
    doubt: str | None
    input: Tensor


def answer(model: Model, inputs: Tensor, doubt: object) -> Answer:
    """Return the answer to an input, shape (1, C, H, W); to an empty one there is none."""
    reason = None if doubt is None else str(doubt)
    if not inputs.any():
        return Answer(None, {}, reason, inputs[0])
    with torch.no_grad():
        probabilities = model.network(inputs).softmax(1)[0].tolist()
    by_class = dict(zip(model.card.classes, (round(p, 6) for p in probabilities), strict=True))
    best = max(by_class, key=by_class.__getitem__)
    return Answer(None if best == OTHER else best, by_class, reason, inputs[0])


def predict_each(
    paths: Sequence[Path], read: Callable[[Path], T], predict: Callable[[T], Answer]
) -> list[Answer | ArtcnnError]:
    """Return the answer to each file, or why it cannot be read; all are read before the first is answered.

    Raises:
        ArtcnnError: no file can be read.
    """
    return [found if isinstance(found, ArtcnnError) else predict(found) for found in read_each(paths, read)]
