"""A training on the terminal: a table with a row for each epoch above a progress bar, or plain lines."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.training.loop import Batch, Epoch

Show = Callable[["Batch | Epoch"], None]

HEADINGS = "epoch", "loss", "train accuracy", "validation accuracy", "seconds"


@contextmanager
def show_epochs(console: "Console", history: "Sequence[Epoch]") -> Iterator[Show]:
    """Yield a function that shows each batch and epoch, after those of an earlier run."""
    if not console.is_terminal:
        yield lambda event: _line(console, event)
        return
    from rich.console import Group
    from rich.live import Live
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Table

    from artcnn.training.loop import Epoch

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for epoch in history:
        table.add_row(*_cells(epoch))
    progress = Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console)
    task = progress.add_task("epoch 1", total=None)
    last = 0.0
    with Live(Group(table, progress), console=console, refresh_per_second=4) as live:

        def show(event: "Batch | Epoch") -> None:
            nonlocal last
            if isinstance(event, Epoch):
                table.add_row(*_cells(event))
            elif monotonic() - last > 0.1 or event.index == event.total:
                last = monotonic()
                progress.update(task, completed=event.index, total=event.total, description=f"epoch {event.epoch}")

        yield show
        progress.remove_task(task)
        live.refresh()


def _line(console: "Console", event: "Batch | Epoch") -> None:
    from artcnn.training.loop import Epoch

    if isinstance(event, Epoch):
        text = ", ".join(f"{heading} {cell}" for heading, cell in zip(HEADINGS, _cells(event), strict=True))
        console.print(text, highlight=False, soft_wrap=True)


def _cells(epoch: "Epoch") -> tuple[str, ...]:
    return (
        str(epoch.index),
        f"{epoch.loss:.4f}",
        f"{100 * epoch.train_accuracy:.2f} %",
        f"{100 * epoch.validation_accuracy:.2f} %",
        f"{epoch.seconds:.1f}",
    )
