"""What was measured, as tables in Markdown."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from record import BAD, Row

TITLES = {
    "machine": "Machine",
    "numbers": "Outputs and gradients against the CPU, relative to the largest, in float32",
    "pictures": "Pictures against the CPU, of 255, and the last value, in float32",
    "rate": "Product of two large matrices: what the device can do",
    "gradient": "Gradient of a dream's objective",
    "step": "Whole steps",
    "training": "Training",
    "painting": "Instant styles",
    "limit": "Memory with a limit",
    "largest": "Largest square that fits, beside the largest that artcnn plans to fit",
    "tried": "Memory by size",
}
"""The tables, in the order in which they are shown."""

HEADINGS = {
    "per_second": "a second",
    "steps_per_second": "steps a second",
    "flops_per_second": "TFLOP/s",
    "flops": "TFLOP",
    "share": "share of the device's rate",
    "peak_bytes": "peak GB",
    "planned": "planned GB",
    "limit": "limit GB",
    "free": "free GB",
    "first_seconds": "first step, s",
    "epoch_seconds": "s an epoch",
    "run_seconds": "s the whole training",
    "data_share": "share of data",
    "seconds a step": "s a step",
}
_UNITS = {"flops_per_second": 1e12, "flops": 1e12, "peak_bytes": 1e9, "planned": 1e9, "limit": 1e9, "free": 1e9}
_HIDDEN = {"section", "table", "traceback", "multiplications"}


def to_markdown(rows: Sequence[Row]) -> str:
    """Return the whole report: what is bad first, then a table for each kind of row."""
    bad = [row for row in rows if row["status"] in BAD]
    head = f"{len(rows)} measurements; {len(bad)} are missing or beyond their bounds." if bad else _fine(rows)
    parts = [head, *(f"- {row['table']}, {row['name']}: **{row['status']}** {row.get('error', '')}" for row in bad)]
    known = {name: number for number, name in enumerate(TITLES)}
    ordered = sorted(rows, key=lambda row: known.get(row["table"], len(known)))
    for name, group in groupby(ordered, key=lambda row: row["table"]):
        parts += ["", f"### {TITLES.get(name, name)}", "", *_table(list(group))]
    return "\n".join(parts) + "\n"


def _fine(rows: Sequence[Row]) -> str:
    lacking = sum(row["status"] == "lacking" for row in rows)
    extras = f", {lacking} not made: an extra is not installed" if lacking else ""
    return f"{len(rows)} measurements, all within their bounds{extras}."


def _table(rows: Sequence[Row]) -> Iterable[str]:
    """Yield the lines of a table, whose columns are all that its rows have."""
    columns = list(dict.fromkeys(key for row in rows for key in row if key not in _HIDDEN))
    if all(row["status"] == "ok" for row in rows):
        columns.remove("status")
    yield _line("" if key == "name" else HEADINGS.get(key, key) for key in columns)
    yield _line("---" for _ in columns)
    for row in rows:
        yield _line(_cell(key, row.get(key)) for key in columns)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(key: str, value: Any) -> str:  # noqa: ANN401 - of all plain types
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key in ("share", "data_share"):
        return f"{value:.0%}"
    if isinstance(value, int | float) and key in _UNITS:
        return f"{value / _UNITS[key]:.3g}"
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value).replace("|", "/")
