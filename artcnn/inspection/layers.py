"""Layers: what a network is made of, and what its layers are called."""

from collections.abc import Sequence
from math import prod
from typing import Any

from artcnn.reports.messages import message
from artcnn.reports.results import Finding
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import receptive_fields

_SIZES = "output", "kernel", "stride", "receptive_field"


def find_layers(network: Network) -> Finding:
    """Return what a network is made of: a table, a line for each layer."""
    rows = [
        row | {key: size_text(row[key]) if row[key] and any(row[key]) else None for key in _SIZES}
        for row in list_layers(network)
    ]
    weights = network.count_weights()
    if not network.is_chain:  # what a layer reads, and so what a fully connected one would need, is not known
        rows = [{key: value for key, value in row.items() if key != "fully_connected"} for row in rows]
        return Finding(
            "layers", message("{network}: {weights:,} weights in all", network=network.name, weights=weights), rows
        )
    dense = sum(row["fully_connected"] or 0 for row in rows)
    says = "{network}: {weights:,} weights in all; fully connected layers of the same shapes would need {dense:,}"
    return Finding("layers", message(says, network=network.name, weights=weights, dense=dense), rows)


def list_layers(network: Network) -> list[dict[str, Any]]:
    """Return what is known of each layer: its sizes, what it sees of the picture, and its weights."""
    fields, shapes, before = receptive_fields(network), network.shapes(), network.input_shape
    rows: list[dict[str, Any]] = []
    shape: tuple[int, ...] = before
    for layer in network.layers:
        field, output = fields[layer.name], shapes[layer.name]
        learns = layer.weight is not None
        rows.append(
            {
                "name": layer.name,
                "kind": layer.kind,
                "output": output,
                "kernel": layer.kernel,
                "stride": field.stride if field else None,
                "receptive_field": field.size if field else None,
                "parameters": layer.parameters,
                "fully_connected": (prod(shape) + 1) * prod(output) if learns and network.is_chain else None,
            }
        )
        shape = output
    return rows


def size_text(sizes: Sequence[int]) -> str:
    """Return sizes as ``3x28x28``."""
    return "x".join(map(str, sizes))
