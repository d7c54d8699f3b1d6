"""Blends of instant styles, as they are written: ``wave``, or ``wave=0.7,cafe=0.3``."""

from collections.abc import Mapping


def parse_blend(text: str) -> dict[str, float]:
    """Return the styles that ``"wave=0.7,cafe=0.3"`` blends, each with its part of the whole; they add up to 1.

    A style without a weight counts as 1. The name of a file may contain an equals sign, but no comma.

    Raises:
        ValueError: a name is empty or there twice, or a weight is no number above 0.
    """
    weights: dict[str, float] = {}
    for entry in text.split(","):
        name, weight = _weighted(entry.strip())
        if not name:
            raise ValueError(f"write it as NAME, or as NAME=0.7,NAME=0.3, not {text!r}")
        if name in weights:
            raise ValueError(f"'{name}' is there twice")
        if not 0 < weight <= 1e6:
            raise ValueError(f"the weight of '{name}' is a number above 0, not {weight:g}")
        weights[name] = weight
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def format_blend(blend: Mapping[str, float]) -> str:
    """Return a blend as it is written: ``"wave"``, or ``"wave=0.7,cafe=0.3"``."""
    if len(blend) == 1:
        return next(iter(blend))
    return ",".join(f"{name}={weight:.6g}" for name, weight in blend.items())


def _weighted(entry: str) -> tuple[str, float]:
    """Return the name and the weight in ``NAME=0.7`` or ``NAME``."""
    name, equals, weight = entry.rpartition("=")
    try:
        return (name.strip(), float(weight)) if equals else (entry, 1.0)
    except ValueError:
        if weight.endswith(".safetensors"):
            return entry, 1.0
        raise ValueError(f"the weight of '{name}' is a number above 0, not {weight!r}") from None
