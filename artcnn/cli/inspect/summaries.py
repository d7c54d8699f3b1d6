"""What ``artcnn inspect`` prints of a finding, beside the path of its sheet."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.table import print_table
from artcnn.inspection.outline import parse_units

if TYPE_CHECKING:
    from artcnn.inspection.method import Method
    from artcnn.reports.results import Finding
    from artcnn.visualizers.activations import LayerActivations


def _activations(finding: "Finding", method: "Method") -> None:
    from artcnn.visualizers.activations import summarize_maps

    named = [parse_units(text) for text in method.units]
    found = {layer: summarize_maps(finding.arrays[f"activations_{layer}"]) for layer in finding.settings["layers"]}
    whole = [layer for layer in found if not named or (layer, None, None) in named]
    if whole:
        headings = "layer", "maps", "lowest", "highest", "silent maps", "largest maxima"
        print_table(headings, [_of_layer(layer, found[layer]) for layer in whole])
    if len(whole) < len(found):
        units = [row["unit"].rpartition(":") for row in finding.rows]
        rows = [
            row
            for layer in found
            if layer not in whole
            for row in _of_units(layer, found[layer], [int(unit) for name, _, unit in units if name == layer])
        ]
        print_table(("unit", "maximum", "mean", "degree", "rank by maximum"), rows)


def _of_layer(name: str, found: "LayerActivations") -> tuple[str, ...]:
    strongest = ", ".join(f"{unit} ({float(found.maximum[unit]):.4g})" for unit in found.order[:3])
    lowest, highest = (f"{float(value):.4g}" for value in (found.maps.min(), found.maps.max()))
    return name, str(len(found.maps)), lowest, highest, str(int(found.silent.sum())), strongest


def _of_units(name: str, found: "LayerActivations", units: list[int]) -> Iterator[tuple[str, ...]]:
    order = found.order
    for unit in units:
        numbers = (f"{float(values[unit]):.4g}" for values in (found.maximum, found.mean, found.degree))
        rank = f"{order.index(unit) + 1} of {len(order)}" + (", silent" if found.silent[unit] else "")
        yield f"{name}:{unit}", *numbers, rank


def _saliency(finding: "Finding", _: "Method") -> None:
    for row in finding.rows:
        if row["change"] is not None:
            says = f"{row['method']}: adds up to {row['sum']:.4g}; from all zeros y changes by {row['change']:.4g}"
            typer.echo(f"{says}: gap {row['gap']:.2g}", err=True)
    settings = finding.settings
    says = f"{settings['class']}, p = {settings['probability']:.3f}"
    if "probability_alone" in settings:
        says += " by all eight views of the board, as in 'go suggest'; "
        says += f"{settings['probability_alone']:.3f} by this one, which the maps explain"
    typer.echo(says)


def _occlusion(finding: "Finding", _: "Method") -> None:
    name, whole = finding.settings["class"], finding.settings["probability"]
    least = min(row["probability"] for row in finding.rows)
    typer.echo(f"{name}: {whole:.3f}, at the worst place of the square {least:.3f}")


def _fool(finding: "Finding", _: "Method") -> None:
    (row,) = finding.rows
    typer.echo(
        f"p({row['was']}) from {row['p_was_before']:.3f} to {row['p_was_after']:.3f}, "
        f"p({row['to']}) from {row['p_to_before']:.3f} to {row['p_to_after']:.3f}: "
        f"length {row['length']:.3g}, largest change of a pixel {row['largest']:.3g}"
    )


def _check(finding: "Finding", _: "Method") -> None:
    headings = "map", "taken away: area", "put back: area", "like that of a network without training"
    print_table(headings, [_of_map(row) for row in finding.rows])
    typer.echo("taken away: the smaller the better; put back: the larger; the last: the nearer to 0.", err=True)


def _of_map(row: Mapping[str, Any]) -> tuple[str, ...]:
    last = row["correlation"]
    likeness = f"{last:+.2f}" if isinstance(last, float) else "empty" if row["empty"] else ""
    if row["deletion"] == "":
        return row["map"], "empty: says nothing", "", likeness
    return row["map"], f"{row['deletion']:.3f}", f"{row['insertion']:.3f}", likeness


SUMMARIES: dict[str, Callable[["Finding", "Method"], None]] = {
    "activations": _activations,
    "saliency": _saliency,
    "occlusion": _occlusion,
    "fool": _fool,
    "check": _check,
}
"""By the name of the method."""
