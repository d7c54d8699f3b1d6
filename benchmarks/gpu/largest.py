"""The largest picture that fits, and whether artcnn knows before: its plan of the memory beside what is taken."""

from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter

import torch
from device import forget_peak, peak_bytes
from record import Recorder, Row
from speed import step_inputs
from timing import wait

from artcnn.backbones.tiles import UNTILED, TilePlan
from artcnn.engines.memory import bytes_needed, choose_tiles
from artcnn.errors import lacks_memory
from artcnn.jobs.engines import engine_of
from artcnn.jobs.estimate import free_memory

STEPS = 3
CASES = ("dream", "bfloat16"), ("style", "bfloat16"), ("dream", "float32"), ("style", "float32")
LIMITS = (2048, 3_000_000_000), (4096, 4_000_000_000)
"""Sides in pixels, with limits as of ``--max-memory``: these go through the network in tiles."""


def run(recorder: Recorder) -> None:
    """Write a row for each size that was tried, and one for the largest of each case."""
    device, tiny = recorder.setup.device, recorder.setup.tiny
    for side, limit in ((64, 900_000_000),) if tiny else LIMITS:
        for kind in ("dream", "style"):
            recorder.attempt("limit", kind, partial(_within, kind, side, limit, device), needs=3)
    cases = CASES[: 1 if tiny else None]
    for number, (kind, precision) in enumerate(cases):
        share = recorder.setup.left / (len(cases) - number)
        recorder.attempt("largest", f"{kind}, {precision}", partial(_search, kind, precision, recorder, share), needs=4)


def _within(kind: str, side: int, limit: int, device: torch.device) -> Iterator[Row]:
    """Yield what a picture takes that is planned for a limit."""
    recipe, _ = step_inputs(kind, device, side, "float32", STEPS)
    tiles = choose_tiles(recipe, (side, side), limit)
    seconds, peak = steps(kind, "float32", side, device, tiles)
    yield {
        "size": side,
        "limit": limit,
        "tiled stages": tiles.stages,
        "planned": bytes_needed(recipe, (side, side), tiles),
        "peak_bytes": peak,
        "seconds a step": seconds,
    }


def steps(
    kind: str, precision: str, side: int, device: torch.device, tiles: TilePlan = UNTILED
) -> tuple[float, int | None]:
    """Return the seconds that a step takes, and the peak of the memory, on a square of that side."""
    recipe, inputs = step_inputs(kind, device, side, precision, STEPS)
    engine = engine_of(recipe)
    network = engine.networks.load(recipe, inputs, device)
    forget_peak(device)
    begin, taken = perf_counter(), 0.0
    for _ in engine.steps(recipe, inputs, network, tiles, None, None):
        wait(device)
        begin, taken = perf_counter(), perf_counter() - begin
    return taken, peak_bytes(device)


def _search(kind: str, precision: str, recorder: Recorder, seconds: float) -> Iterator[Row]:
    """Yield each size that was tried, and the largest that fits beside the largest that is planned to."""
    setup = recorder.setup
    until = perf_counter() + seconds * 0.7  # what is tried last takes the longest
    recipe, _ = step_inputs(kind, setup.device, 64, precision, STEPS)
    free = free_memory(setup.device, None)

    def planned(side: int) -> int:
        return bytes_needed(recipe, (side, side))

    rows = list[Row]()

    def fits(side: int) -> bool:
        row = {"table": "tried", "size": side, "planned": planned(side)}
        try:
            seconds, peak = steps(kind, precision, side, setup.device)
            rows.append(row | {"fits": True, "peak_bytes": peak, "seconds a step": seconds})
        except RuntimeError as error:
            why = "memory" if lacks_memory(error) else str(error).partition("\n")[0][:200]
            rows.append(row | {"fits": False, "peak_bytes": None, "why": why})
        forget_peak(setup.device)
        return bool(rows[-1]["fits"])

    most = 96 if setup.tiny else 32_768
    side, ended = largest(fits, 64 if setup.tiny else 1024, most, lambda: perf_counter() > until)
    yield from rows
    expected, _ = largest(lambda side: planned(side) <= free, 64, most, lambda: False)
    yield {"size": side, "ended": ended, "free": free, "planned size": expected}


def largest(fits: Callable[[int], bool], start: int, most: int, over: Callable[[], bool]) -> tuple[int, str]:
    """Return the largest size that fits, found by doubling, then by halving the gap; and what ended the search.

    Args:
        fits: returns whether a size fits; not called again for a size.
        start: the first size.
        most: the last.
        over: returns whether the time is over.

    Returns:
        0 where not even ``start`` fits. What ended it: "precision", a 32nd of the size; "most"; or "time", and then a
        larger one may fit.
    """
    good, bad, side = 0, most + 1, start
    while True:
        if fits(side):
            good = side
        else:
            bad = side
        if good >= most:
            return good, "most"
        if bad - good <= max(8, good // 32):
            return good, "precision"
        if over():
            return good, "time"
        side = min(2 * good, most) if bad > most else (good + bad) // 2 // 8 * 8 or (good + bad) // 2
