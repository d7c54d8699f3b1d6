"""Tables for the terminal; in a pipe, lines are not broken."""

import sys
from collections.abc import Iterable, Sequence


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; the first column is never broken, and numbers are aligned to the right."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [tuple(row) for row in rows]
    for index, heading in enumerate(headings):
        numbers = index > 0 and all(row[index][:1] in set("0123456789-±.") | {""} for row in cells)
        table.add_column(heading, no_wrap=index == 0, overflow="fold", justify="right" if numbers else "left")
    for row in cells:
        table.add_row(*row)
    # A pipe has no width, and Rich would fold the rows at 80 columns.
    Console(width=None if sys.stdout.isatty() else 1000).print(table)
