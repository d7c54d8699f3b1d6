"""All that is to be known of artcnn on a GPU, within eight minutes; ``benchmarks/gpu.sh`` starts it.

Each section is a process of its own, a fork of this one: it has a time limit, at which it is ended, and what goes wrong
in it ends no other. This process must never touch the GPU: a fork could not use it then.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

sys.path.append(str(Path(__file__).parents[1]))  # reference.py, timing.py

import correctness
import device
import largest
import learning
import painting
import speed
import torch
from record import BAD, Recorder, Setup, read_rows
from table import to_markdown

SECTIONS = {
    "machine": (device.run, 15),
    "correctness": (correctness.run, 120),
    "speed": (speed.run, 150),
    "training": (learning.run, 75),
    "painting": (painting.run, 40),
    "largest": (largest.run, 60),
}
"""By name: what measures, and its limit in seconds. What matters most comes first."""

TOTAL, REST = 470, 5
"""Seconds that the whole may take, and of them those in which a section that does not end by itself is ended."""


def main() -> int:
    """Run the sections; return the exit code: 0 only if all was measured, and within its bounds."""
    options = _options()
    if options.device == "cuda" and not _in_a_fork(torch.cuda.is_available):
        print("torch finds no CUDA device here; --device cpu is a rehearsal", file=sys.stderr)
        return 1
    out = Path(options.folder).resolve()
    out.mkdir(parents=True, exist_ok=True)
    results, begin = out / "results.jsonl", monotonic()
    results.write_text("", encoding="utf-8")
    os.chdir(Path(__file__).parents[2])  # reference.py reads the weights from there
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache  # artcnn keeps what it measures: this shall not be mixed with it
        for name in options.only or SECTIONS:
            # In a rehearsal it does not matter how long things take: what is ended would never end.
            limit = 600 if options.tiny else min(SECTIONS[name][1], begin + TOTAL - monotonic())
            _run_section(name, limit, options, results)
            used = sum(os.times()[2:4])
            print(f"{monotonic() - begin:.0f} s, of the processor {used:.0f} s: {name} is done", flush=True)
    rows = read_rows(results)
    report = to_markdown(rows)
    (out / "report.md").write_text(report, encoding="utf-8")
    print(report)
    return int(any(row["status"] in BAD for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gpu.sh", description="Measure artcnn on a GPU, within eight minutes.")
    default = os.environ.get("OUT")
    parser.add_argument("folder", nargs="?", default=default, help="for the results; $OUT by default")
    parser.add_argument("--only", type=lambda text: text.split(","), help=f"some of {','.join(SECTIONS)}")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"), help="cpu is a rehearsal")
    parser.add_argument("--tiny", action="store_true", help="the smallest sizes that still do everything")
    parser.add_argument("--match", default="", help="a regular expression: only measurements whose name has it")
    options = parser.parse_args()
    if options.folder is None:
        parser.error("say in which folder to write, or set OUT")
    if unknown := set(options.only or ()) - set(SECTIONS):
        parser.error(f"--only: no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    return options


def _run_section(name: str, seconds: float, options: argparse.Namespace, results: Path) -> None:
    """Run a section in a process of its own; end it when its time is over."""
    setup = Setup(torch.device(options.device), options.tiny, monotonic() + seconds - REST, options.match)
    recorder = Recorder(results, name, setup)
    if seconds <= 2 * REST:
        recorder.write("ended", name, "timeout", error="the time for all sections was over before it began")
        return
    process = multiprocessing.get_context("fork").Process(target=_section, args=(name, recorder))
    process.start()
    process.join(seconds)
    if process.is_alive():
        os.killpg(process.pid, signal.SIGKILL)  # with what it has started, as a compiler
        process.join()
        recorder.write("ended", name, "timeout", error=f"it was ended after {seconds:.0f} s")
    elif process.exitcode:
        recorder.write("ended", name, "error", error=f"its process ended with {process.exitcode}")


def _section(name: str, recorder: Recorder) -> None:
    os.setpgid(0, 0)
    SECTIONS[name][0](recorder)


def _in_a_fork(ask: Callable[[], bool]) -> bool:
    """Return the answer to a question that would touch the GPU."""
    process = multiprocessing.get_context("fork").Process(target=lambda: sys.exit(not ask()))
    process.start()
    process.join()
    return process.exitcode == 0


if __name__ == "__main__":
    sys.exit(main())
