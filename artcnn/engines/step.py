"""The steps that every engine yields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from torch import Tensor

from artcnn.image import Size

STEP_PIXELS = 23_000
"""Cost of a step beside its pixels', in pixels: weights are reordered for each convolution."""

State = dict[str, Tensor]
"""All that an engine needs to continue from a step, bit for bit, as tensors by name."""


@dataclass(frozen=True)
class Step:
    """The picture after one step, and the progress of the run.

    Attributes:
        image: shape (1, 3, H, W), sRGB in [0, 1]; no later step changes it.
        value: the objective (dream) or the loss (style) before the step, in the recipe's relative unit.
        index: number of this step, from 1 to ``total``.
        total: steps of the whole run.
        progress: share of the run's work that is done, 0 to 1, from ``progress_fractions``.
        stage: the part of the run, for people: ``"octave 2 of 4, 366 x 244"``.
        state: returns what the engine needs to continue from here; call it before the next step.
    """

    image: Tensor
    value: float
    index: int
    total: int
    progress: float
    stage: str
    state: Callable[[], State] = field(default=dict, repr=False, compare=False)


def progress_fractions(steps: Sequence[int], sizes: Sequence[Size]) -> list[float]:
    """Return, for each step of a run, the share of the run's work that is done after it.

    A step costs as much as its pixels and ``STEP_PIXELS`` more.

    Args:
        steps: number of steps at each size.
        sizes: (height, width) in pixels.
    """
    each = [
        height * width + STEP_PIXELS for count, (height, width) in zip(steps, sizes, strict=True) for _ in range(count)
    ]
    done = list(accumulate(each))
    return [pixels / done[-1] for pixels in done]
