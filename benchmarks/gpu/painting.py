"""Instant styles: pictures a second, as artcnn paints them, and by the network alone, several at once."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial

import torch
from device import PRECISIONS, count_flops, forget_peak, peak_bytes, rates, tf32
from pictures import photo
from record import Recorder, Row
from timing import compare
from torch import Tensor

from artcnn.engines.instant import paint
from artcnn.files.instant import load_blend
from artcnn.image import resize

SIZES = (512, 512), (1080, 1920)
BATCHES = 1, 4, 16


def run(recorder: Recorder) -> None:
    """Write a row for each size, precision, memory layout and batch."""
    tiny = recorder.setup.tiny
    found = rates(recorder.setup.device, tiny)
    for size in ((64, 96),) if tiny else SIZES:
        for name in ("bfloat16",) if tiny else PRECISIONS:
            about = f"{size[1]} x {size[0]}, {name}"
            recorder.attempt("painting", about, partial(_paint, recorder, size, name, found[name]), needs=2)


def _paint(recorder: Recorder, size: tuple[int, int], precision: str, rate: float) -> Iterator[Row]:
    device, tiny = recorder.setup.device, recorder.setup.tiny
    dtype = getattr(torch, PRECISIONS[precision][0])
    blend = load_blend("wave")
    network, weights = blend.network.to(device), blend.weights.to(device)
    image = resize(photo(torch.device("cpu"), max(size)), size).to(device)

    def alone(batch: int, layout: torch.memory_format) -> Callable[[], Tensor]:
        images = image.expand(batch, -1, -1, -1).contiguous(memory_format=layout)
        own = deepcopy(network).to(memory_format=layout)

        def work() -> Tensor:
            with torch.no_grad():
                return own(images, weights.expand(batch, -1), dtype)

        return work

    works: dict[tuple[str, int], Callable[[], Tensor]] = {}
    works["as artcnn paints", 1] = partial(paint, image, network, weights, dtype)
    works["network alone, contiguous", 1] = alone(1, torch.contiguous_format)
    for batch in BATCHES[: 2 if tiny else None]:
        works["network alone, channels last", batch] = alone(batch, torch.channels_last)
    with tf32(PRECISIONS[precision][1]):
        for (name, batch), taken in compare(works, device, 0.0 if tiny else 3.0).items():
            work = works[name, batch]
            flops = count_flops(work)
            forget_peak(device)
            work()
            yield {
                "name": name,
                "size": f"{size[1]} x {size[0]}",
                "precision": precision,
                "batch": batch,
                "per_second": batch / taken,
                "flops": flops,
                "share": flops / taken / rate,
                "peak_bytes": peak_bytes(device),
            }
