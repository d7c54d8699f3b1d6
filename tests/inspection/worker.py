"""Inspects a network in a thread of its own, without the command line: ``worker.py JOBS FOLDER``.

JOBS is JSON: the name of a method, its options, and a picture or null, for each folder to be written.
"""

import json
import sys
import threading
from pathlib import Path

from artcnn.inspection.methods import METHODS
from artcnn.inspection.outline import read_outline
from artcnn.inspection.subject import open_subject
from artcnn.inspection.writing import choose_folder, write
from artcnn.reports.style import read_style

MODEL = "mnist-lecture"


def work(jobs: dict[str, list], folder: Path, told: list[str]) -> None:
    assert threading.current_thread() is not threading.main_thread()
    for name, (command, options, picture) in jobs.items():
        method, image = METHODS[command](**options), None if picture is None else Path(picture)
        method.check(read_outline(MODEL), image)
        subject = open_subject(MODEL, image, method.size or method.side, method.example_digit)
        found = method.find(subject, told.append)
        write(choose_folder(folder / name, command, subject), command, subject, found, read_style())
    told.append("done")


if __name__ == "__main__":
    told: list[str] = []
    thread = threading.Thread(target=work, args=(json.loads(sys.argv[1]), Path(sys.argv[2]), told))
    thread.start()
    thread.join()
    loaded = {name.partition(".")[0] for name in sys.modules} | {".".join(n.split(".")[:2]) for n in sys.modules}
    sys.exit(json.dumps(told) if told[-1:] != ["done"] or loaded & {"artcnn.cli", "typer", "rich", "click"} else 0)
