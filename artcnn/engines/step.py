"""What every engine yields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from torch import Tensor

from artcnn.image import Size

STEP_PIXELS = 23_000
"""So many pixels cost as much as what a step does whatever its size: weights are put in order for each convolution."""

State = dict[str, Tensor]
"""All that an engine needs to go on from a step, bit for bit, as tensors by name."""


@dataclass(frozen=True)
class Step:
    """The picture after one step, and how far the engine has got.

    Attributes:
        image: shape (1, 3, H, W), sRGB in [0, 1]; no later step changes it.
        value: the objective (dream) or the loss (style) that the step started from, in the recipe's relative unit.
        index: this step's number, from 1 to ``total``.
        total: steps of the whole run.
        progress: share of the whole run's work that is behind it, 0 to 1, as :func:`progress_fractions` counts it.
        stage: where the run is, in words: ``"octave 2 of 4, 366 x 244"``.
        state: returns what the engine would need to go on from here; to be asked before the next step.
    """

    image: Tensor
    value: float
    index: int
    total: int
    progress: float
    stage: str
    state: Callable[[], State] = field(default=dict, repr=False, compare=False)


def progress_fractions(steps: Sequence[int], sizes: Sequence[Size]) -> list[float]:
    """Return, for each step of a run, the share of all its work that is done after it.

    A pixel costs the same anywhere, and a step as much again as ``STEP_PIXELS`` of them.

    Args:
        steps: how many there are at each size.
        sizes: (height, width) in pixels.
    """
    each = [
        height * width + STEP_PIXELS for count, (height, width) in zip(steps, sizes, strict=True) for _ in range(count)
    ]
    done = list(accumulate(each))
    return [pixels / done[-1] for pixels in done]
