"""What a look inside a network found, as a folder: a sheet to look at, the numbers, and how they were had."""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.media.atomic import check_folder, unused
from artcnn.media.sheet import Sheet, write_sheet


def new_folder(name: str) -> Path:
    """Return a folder's name that is not taken: ``name``, else ``name-2`` and so on."""
    return unused(lambda number: Path(name + number))


def check_new(path: Path) -> None:
    """Raise an ArtcnnError where a folder of findings cannot be made, or something has its name."""
    if path.exists():
        raise ArtcnnError(f"{path} is there already: choose another --out, or delete it")
    check_folder(path)


def write_findings(
    path: Path,
    sheet: Sheet,
    arrays: Mapping[str, Tensor],
    rows: Sequence[Mapping[str, Any]],
    run: Mapping[str, Any],
) -> None:
    """Write ``sheet.png``, ``data.npz``, ``values.csv`` and ``run.json`` into a new folder, all of them or none.

    Args:
        path: the folder.
        sheet: what one looks at.
        arrays: raw numbers by name, as they were computed.
        rows: a line of the table each, all with the same headings.
        run: model, settings and seed.

    Raises:
        ArtcnnError: it cannot be written there.
    """
    check_new(path)
    temporary = path.with_name(f".artcnn-{token_hex(8)}")
    try:
        temporary.mkdir()
        write_sheet(temporary / "sheet.png", sheet)
        raw: dict[str, Any] = {name: array.cpu().numpy() for name, array in arrays.items()}
        np.savez_compressed(temporary / "data.npz", **raw)
        with (temporary / "values.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        (temporary / "run.json").write_text(json.dumps(run, indent=2) + "\n")
        temporary.replace(path)
    except OSError as error:
        raise ArtcnnError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)
