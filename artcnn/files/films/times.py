"""When the frames of a film are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import gcd

_FINEST = 1_000_000
"""Most units of time in a second: what needs more is rounded to ``_USUAL``."""

_USUAL = Fraction(1, 90_000)

_LARGEST_DENOMINATOR = 1001
"""Of a frame rate: 30000/1001 is that of NTSC."""


@dataclass(frozen=True)
class FrameTimes:
    """When each frame of a film begins, in seconds.

    Attributes:
        begin: returns it by the frame's number; of the number behind the last frame, when that ends.
        unit: of time, in seconds: what a container counts in.
        rate: nominal frames a second.
        count: how many frames there are to be; None for any number.
    """

    begin: Callable[[int], Fraction]
    unit: Fraction
    rate: Fraction
    count: int | None = None

    @classmethod
    def steady(cls, fps: float) -> "FrameTimes":
        """Return the times of a film of so many frames a second, of any length."""
        rate = Fraction(fps).limit_denominator(_LARGEST_DENOMINATOR)
        return cls(lambda number: number / rate, 1 / rate, rate)

    @classmethod
    def listed(cls, times: Sequence[Fraction], end: Fraction) -> "FrameTimes":
        """Return the times of a film whose frames begin at ``times``, from 0 on, the last until ``end``."""
        all_times = [*times, end]
        unit = reduce(_common, all_times)
        even = all(after - before == unit for before, after in pairwise(all_times))
        rate = 1 / unit if even else (len(times) / end).limit_denominator(_LARGEST_DENOMINATOR)
        return cls(all_times.__getitem__, unit if 1 / unit <= _FINEST else _USUAL, rate, len(times))

    def stamp(self, number: int) -> int:
        """Return when a frame begins, in units."""
        return round(self.begin(number) / self.unit)

    def longest(self, frames: int) -> int:
        """Return the most units from the beginning of a frame to that of the one so many later; 0 if there is none."""
        stamps = [self.stamp(number) for number in range(frames + 1 if self.count is None else self.count)]
        return max((end - begin for begin, end in zip(stamps, stamps[frames:], strict=False)), default=0)


def _common(a: Fraction, b: Fraction) -> Fraction:
    """Return the largest fraction of which both are multiples."""
    return Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)
