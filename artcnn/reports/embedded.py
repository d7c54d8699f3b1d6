"""Data in a page for its script: values of maps, and the convolution that made them."""

import base64
import json

import numpy as np
from torch import Tensor

from artcnn.reports.results import Finding, Tile

_MOST = 1 << 12  # most values of a map that are embedded
_MOST_INPUTS = 1 << 16
_STEPS = 65_535


def pack_values(values: Tensor) -> str:
    """Encode values as text: minimum, maximum, and 16 bits for each, little-endian, in base64.

    The error is at most 1/130,000 of the range.
    """
    low, high = float(values.min()), float(values.max())
    part = (values.double() - low) / max(high - low, 1e-30) * _STEPS
    codes = part.round().cpu().numpy().astype(np.dtype("<u2"))
    return f"{low!r} {high!r} {base64.b64encode(codes.tobytes()).decode()}"


def convolution_json(finding: Finding) -> str:
    """Return a finding's convolution as JSON, with inputs only if sums are shown; empty if it has none."""
    made = finding.convolution
    if made is None:
        return ""
    facts = {
        "inputs": list(made.inputs.shape),
        "kernels": list(made.weight.shape),
        "maps": list(made.maps.shape),
        "stride": list(made.stride),
        "padding": list(made.padding),
        "weights": pack_values(made.weight),
        "biases": [float(f"{bias:.7g}") for bias in made.bias.tolist()],
    }
    if any(has_sums(finding, tile) for tile in finding.tiles):
        facts["numbers"] = pack_values(made.inputs)
    return json.dumps(facts)


def has_sums(finding: Finding, tile: Tile) -> bool:
    """Return whether a page shows the sum behind each value of a tile's map."""
    made = finding.convolution
    if made is None or tile.kernel is None or tile.field is None or finding.picture is None or tile.values is None:
        return False
    return made.inputs.numel() <= _MOST_INPUTS


def map_attributes(finding: Finding, tile: Tile) -> dict[str, str]:
    """Return a tile's HTML attributes for the script: grid, values, and what is needed for sums."""
    data: dict[str, str] = {}
    seen, summed = tile.field is not None and finding.picture is not None, has_sums(finding, tile)
    few = tile.values is not None and tile.values.numel() <= _MOST
    if seen or few:
        data["grid"] = f"{tile.grid[0]} {tile.grid[1]}"
    if tile.field is not None and finding.picture is not None:
        data["field"] = " ".join(map(str, (*tile.field.size, *tile.field.stride, *tile.field.start)))
        if tile.laid:
            data["laid"] = ""
    if summed and finding.convolution is not None and tile.values is not None:
        data["kernel"] = str(tile.kernel)
        if not tile.values.equal(finding.convolution.maps[tile.kernel]):
            data["relu"] = ""
    elif few and tile.values is not None:
        data["values"] = pack_values(tile.values)
    return data
