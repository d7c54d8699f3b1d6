"""Color encodings without an ICC profile (primaries and transfer function), and their conversion to sRGB.

Codes are those of ITU-T H.273 (07/2024), as in PNG's cICP and the nclx box of HEIC and AVIF.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artcnn.files.primaries import BT709, H273, Primaries

Floats = NDArray[np.floating[Any]]

REFERENCE_WHITE = 203.0
"""Luminance of reference white in HDR, in cd/m2: ITU-R BT.2408, table 1."""

HDR_PEAK = 1000.0
"""Peak luminance of the display for HLG, whose values are relative, in cd/m2: ITU-R BT.2100, table 5. Of a film, too:
if each frame had its own peak, the film would flicker.
"""

_BRIGHTEST = 0.999
"""Quantile of the pixels taken as the peak for tone mapping; brighter ones become white."""

_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class ColorEncoding:
    """A color encoding.

    Attributes:
        primaries: the chromaticities of red, green, blue and white.
        transfer: the transfer function: ``srgb``, ``linear``, ``pq``, ``hlg``, ``cinema``, ``log100``, ``log316``, or
            the exponent of a power.
        narrow: whether black and white are at 16 and 235 of 8 bits, as in video, instead of 0 and 255.
    """

    primaries: Primaries
    transfer: str | float
    narrow: bool = False

    @property
    def is_srgb(self) -> bool:
        """Whether it is sRGB, so that nothing is converted."""
        return self.transfer == "srgb" and not self.narrow and self.primaries.is_like(BT709)

    @property
    def is_hdr(self) -> bool:
        """Whether it has a high dynamic range: light brighter than white."""
        return self.transfer in ("pq", "hlg")

    def to_srgb(self, numbers: NDArray[Any], white: float, peak: float | None = None) -> Floats:
        """Convert values, shape (H, W, C), to sRGB in [0, 1], float32, of the same shape.

        Colors outside sRGB's gamut are clipped. HDR is tone-mapped by the curve of ITU-R BT.2390, which changes nothing
        up to ``REFERENCE_WHITE``.

        Args:
            numbers: C is 3, or 1 for gray.
            white: the value of full light.
            peak: of HDR, the luminance in cd/m2 that becomes white; None for that of the brightest pixels.
        """
        bands = [slice(top, top + _ROWS_AT_ONCE) for top in range(0, len(numbers), _ROWS_AT_ONCE)]
        light_peak = 1.0
        if self.is_hdr:
            light_peak = self._peak(numbers, white) if peak is None else peak / REFERENCE_WHITE
        result = np.empty(numbers.shape, np.float32)
        for rows in bands:
            light = self._light(self._unit(numbers[rows], white))
            if light_peak > 1:
                light *= _tone_ratio(light.max(axis=-1, keepdims=True), light_peak)
            if numbers.shape[-1] == 3:
                light = light @ self.primaries.to_bt709().T.astype(np.float32)
            result[rows] = encode_srgb(light)
        return result

    def _unit(self, numbers: NDArray[Any], white: float) -> Floats:
        """Return values scaled so that black is 0 and white is 1."""
        if self.narrow:
            step = (white + 1) / 256
            return ((numbers - np.float32(16 * step)) / np.float32(219 * step)).astype(np.float32).clip(0, 1)
        return (numbers / np.float32(white)).astype(np.float32)

    def _light(self, values: Floats) -> Floats:
        """Return linear light for values in [0, 1]: 1 at white, or at reference white for HDR."""
        if not isinstance(self.transfer, str):
            return values ** np.float32(self.transfer)
        light = _TO_LIGHT[self.transfer](values)
        if self.transfer == "hlg":
            # From scene light to display light: ITU-R BT.2100, table 5, with a gamma of 1.2.
            luminance = light if values.shape[-1] == 1 else (light @ self.primaries.luminance())[..., None]
            light = light * np.maximum(luminance, 1e-6) ** 0.2 * (HDR_PEAK / REFERENCE_WHITE)
        return light.astype(np.float32)

    def _peak(self, numbers: NDArray[Any], white: float) -> float:
        """Return the linear light of the brightest pixels."""
        brightest = np.quantile(numbers.max(axis=-1), _BRIGHTEST, method="higher")
        return float(self._light(self._unit(np.full((1, 1, 1), brightest), white)).item())


def find_encoding(primaries: int, transfer: int, *, narrow: bool = False) -> ColorEncoding | None:
    """Return the encoding for codes of ITU-T H.273, or None for unknown codes.

    Code 2 (unspecified) is taken as sRGB's. So are the camera curves (BT.709, BT.601, BT.2020), as in browsers, because
    displays use another curve than cameras, close to sRGB's.
    """
    known, curve = H273.get(primaries), _TRANSFERS.get(transfer)
    return None if known is None or curve is None else ColorEncoding(known, curve, narrow)


def encode_srgb(light: NDArray[Any]) -> NDArray[Any]:
    """Return sRGB values in [0, 1] for linear light: IEC 61966-2-1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _light_of_srgb(values: Floats) -> Floats:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
"""Constants of PQ: SMPTE ST 2084, ITU-R BT.2100, table 4."""


def _light_of_pq(values: Floats) -> Floats:
    power = values.astype(np.float64) ** (1 / _M2)
    return ((np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1) * (10_000 / REFERENCE_WHITE)).astype("f4")


def _pq_of(light: NDArray[Any]) -> NDArray[np.float64]:
    power = (np.asarray(light, np.float64) * (REFERENCE_WHITE / 10_000)) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def _scene_of_hlg(values: Floats) -> Floats:
    a, b, c = 0.17883277, 0.28466892, 0.55991073  # ITU-R BT.2100, table 5
    return np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)


_TO_LIGHT: dict[str, Callable[[Floats], Floats]] = {
    "srgb": _light_of_srgb,
    "linear": lambda values: values,
    "pq": _light_of_pq,
    "hlg": _scene_of_hlg,
    "cinema": lambda values: (52.37 / 48) * values**2.6,  # SMPTE ST 428-1
    "log100": lambda values: np.where(values > 0, 10 ** ((values - 1) * 2), 0),
    "log316": lambda values: np.where(values > 0, 10 ** ((values - 1) * 2.5), 0),
}


def _tone_ratio(light: Floats, peak: float) -> Floats:
    """Return the tone-mapping factor of pixels whose strongest channel is ``light``, in a picture of this peak.

    ITU-R BT.2390-11, section 5.4.1, with black at 0 and the target's peak at white: a spline in PQ above the knee.
    """
    source, target = _pq_of(np.array(peak)), _pq_of(np.array(1))
    top = target / source
    knee = 1.5 * top - 0.5
    before = np.minimum(_pq_of(light) / source, 1)
    t = np.maximum((before - knee) / (1 - knee), 0)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * top
    after = _light_of_pq(np.where(before < knee, before, spline) * source)
    return np.where(before < knee, 1, after / np.maximum(light, 1e-6)).astype(np.float32)


_TRANSFERS: dict[int, str | float] = {
    **dict.fromkeys((1, 2, 6, 7, 11, 12, 13, 14, 15), "srgb"),
    4: 2.2,
    5: 2.8,
    8: "linear",
    9: "log100",
    10: "log316",
    16: "pq",
    17: "cinema",
    18: "hlg",
}
