"""A training on the terminal: a table with a row for each epoch above a progress bar, or plain lines."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from artcnn.training.loop import Batch, Epoch

Show = Callable[["Batch | Epoch"], None]


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
    for epoch in history:
        _add_row(table, epoch)
    progress = Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console)
    task = progress.add_task("epoch 1", total=None)
    last = 0.0
    with Live(Group(table, progress), console=console, refresh_per_second=4) as live:

        def show(event: "Batch | Epoch") -> None:
            nonlocal last
            if isinstance(event, Epoch):
                _add_row(table, event)
            elif monotonic() - last > 0.1 or event.index == event.total:
                last = monotonic()
                progress.update(task, completed=event.index, total=event.total, description=f"epoch {event.epoch}")

        yield show
        progress.remove_task(task)
        live.refresh()


def _add_row(table: "Table", epoch: "Epoch") -> None:
    cells = _cells(epoch)
    if not table.columns:
        for heading in cells:
            table.add_column(heading, justify="right")
    table.add_row(*cells.values())


def _line(console: "Console", event: "Batch | Epoch") -> None:
    from artcnn.training.loop import Epoch

    if isinstance(event, Epoch):
        text = ", ".join(f"{heading} {cell}" for heading, cell in _cells(event).items())
        console.print(text, highlight=False, soft_wrap=True)


def _cells(epoch: "Epoch") -> dict[str, str]:
    """Return the cells of an epoch's row by their headings."""
    cells = {"epoch": str(epoch.index), "loss": f"{epoch.loss:.4f}"}
    cells |= {f"train {name}": format_measure(name, value) for name, value in epoch.train.items()}
    cells["validation loss"] = f"{epoch.validation_loss:.4f}"
    cells |= {f"validation {name}": format_measure(name, value) for name, value in epoch.validation.items()}
    return cells | {"seconds": f"{epoch.seconds:.1f}"}


def format_measure(name: str, value: float) -> str:
    """Return a measure as it is shown: accuracies in per cent."""
    return f"{100 * value:.2f} %" if name.endswith("accuracy") else f"{value:.4g}"
