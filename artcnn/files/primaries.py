"""Primaries of RGB color spaces: chromaticities, and conversion matrices."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Chromaticity = tuple[float, float]

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""Bradford matrix, from XYZ to cone responses, for adapting the white point: ICC.1:2022, annex E."""

_ROUNDING = 0.002
"""Tolerance for equal chromaticities, which are stored with two to five digits."""


@dataclass(frozen=True)
class Primaries:
    """Chromaticities, CIE 1931 x and y, of red, green, blue and the white point."""

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity

    def is_like(self, other: "Primaries") -> bool:
        """Return whether they are equal up to rounding."""
        ours, theirs = (np.array([p.red, p.green, p.blue, p.white]) for p in (self, other))
        return bool(np.abs(ours - theirs).max() < _ROUNDING)

    def to_xyz(self) -> NDArray[np.float64]:
        """Return the matrix, shape (3, 3), from linear RGB to XYZ, with Y = 1 at white.

        Raises:
            ValueError: the primaries cannot be mixed to white.
        """
        lights = np.array([[x, y, 1 - x - y] for x, y in (self.red, self.green, self.blue)]).T
        try:
            amounts = np.linalg.solve(lights, _xyz(self.white))
        except np.linalg.LinAlgError as error:
            raise ValueError("lights of one color") from error
        if not (np.isfinite(amounts).all() and amounts.min() > 0):
            raise ValueError("lights that do not mix to white")
        matrix: NDArray[np.float64] = lights * amounts
        return matrix

    def luminance(self) -> NDArray[np.float32]:
        """Return the luminance weights of red, green and blue, shape (3,)."""
        weights: NDArray[np.float32] = self.to_xyz()[1].astype(np.float32)
        return weights

    def to_bt709(self) -> NDArray[np.float64]:
        """Return the matrix, shape (3, 3), from linear RGB to linear sRGB; white maps to white."""
        return _between(self, BT709)


@cache
def _between(source: Primaries, target: Primaries) -> NDArray[np.float64]:
    cones = [_BRADFORD @ _xyz(p.white) for p in (source, target)]
    adapt = np.linalg.inv(_BRADFORD) @ np.diag(cones[1] / cones[0]) @ _BRADFORD
    matrix: NDArray[np.float64] = np.linalg.inv(target.to_xyz()) @ adapt @ source.to_xyz()
    return matrix


def _xyz(white: Chromaticity) -> NDArray[np.float64]:
    x, y = white
    if not (0 < x < 1 and 0 < y < 1):
        raise ValueError(f"no white: {x}, {y}")
    return np.array([x / y, 1, (1 - x - y) / y])


_D65, _C = (0.3127, 0.3290), (0.310, 0.316)

BT709 = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65)
"""The primaries of sRGB."""

ADOBE_RGB = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), _D65)
"""Adobe RGB (1998), section 4.3.1."""

_BT601_525 = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)
_P3 = (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)

H273 = {
    1: BT709,
    2: BT709,  # unspecified
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: _BT601_525,
    7: _BT601_525,
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    10: Primaries((1, 0), (0, 1), (0, 0), (1 / 3, 1 / 3)),
    11: Primaries(*_P3, (0.314, 0.351)),
    12: Primaries(*_P3, _D65),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}
"""Primaries by code: ITU-T H.273, table 2."""
