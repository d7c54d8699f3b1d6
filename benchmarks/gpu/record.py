"""What is measured goes into a file of JSON lines at once, so that nothing is lost where a section is ended."""

import gc
import json
import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import torch

from artcnn.errors import MissingExtraError

BAD = "exceeded", "error", "timeout"
"""Values of "status" with which the whole ends with exit code 1; the others are "ok" and "lacking"."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """What a section measures with.

    Attributes:
        device: what is measured.
        tiny: the smallest sizes that still do everything: a rehearsal.
        deadline: of ``time.monotonic``, when the section has to be over.
        match: a regular expression: only what has it in its name is measured.
    """

    device: torch.device
    tiny: bool
    deadline: float
    match: str = ""

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - monotonic()


class Recorder:
    """Writes the rows of a section.

    Args:
        path: the file of JSON lines, to which rows are added.
        section: its name, in each row.
        setup: what it measures with.
    """

    def __init__(self, path: Path, section: str, setup: Setup) -> None:
        self._path, self._section, self.setup = path, section, setup

    def write(self, table: str, name: str, status: str = "ok", **values: Any) -> None:  # noqa: ANN401 - plain data
        """Write a row."""
        row = {"section": self._section, "table": table, "name": name, "status": status} | values
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, allow_nan=False, default=str) + "\n")

    def attempt(self, table: str, name: str, measure: Callable[[], Iterable[Row]], needs: float = 0.0) -> None:
        """Write the rows that ``measure`` yields; each has ``table`` and ``name`` unless it has its own.

        What it raises is written instead, and does not end the others. With less than ``needs`` seconds left it is not
        begun.
        """
        if not re.search(self.setup.match, name):
            return
        if self.setup.left < needs:
            self.write(table, name, "timeout", error=f"{self.setup.left:.0f} s were left, and it takes {needs:.0f} s")
            return
        try:
            for row in measure():
                self.write(**({"table": table, "name": name} | row))
        except MissingExtraError as error:
            self.write(table, name, "lacking", error=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other measurements go on
            self.write(table, name, "error", error=_in_a_line(error), traceback=traceback.format_exc())
        gc.collect()
        if self.setup.device.type == "cuda":
            torch.cuda.empty_cache()


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"[:300]


def read_rows(path: Path) -> list[Row]:
    """Return the rows in a file; the last line may be cut off where its section was ended."""
    rows = list[Row]()
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            rows.append({"section": "", "table": "", "name": "a line that was cut off", "status": "error"})
    return rows
