"""What every engine yields."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Step:
    """The picture after one step, and how far the engine has got.

    Attributes:
        image: shape (1, 3, H, W), sRGB in [0, 1]; no later step changes it.
        value: the objective (dream) or the loss (style) that the step started from, in the recipe's relative unit.
        index: this step's number, from 1 to ``total``.
        total: steps of the whole run.
        stage: where the run is, in words: ``"octave 2 of 4, 366 x 244"``.
    """

    image: Tensor
    value: float
    index: int
    total: int
    stage: str
