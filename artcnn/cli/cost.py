"""What a run will take, told before it begins: time and memory, and the way that fits the memory there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor, device

    from artcnn.backbones.base import Backbone
    from artcnn.backbones.tiles import TilingPolicy
    from artcnn.image import Size
    from artcnn.recipes import Recipe, VideoRecipe

_SHORTEST = 2.0
"""Seconds of a run below which it tells nothing of the next."""


@dataclass(frozen=True)
class Estimate:
    """What a run will take: seconds, of them a fixed part, and bytes at its peak."""

    seconds: float
    memory: int
    multiplications: float
    fixed: float
    key: str

    def was(self, seconds: float) -> None:
        """Learn from how long it took."""
        from artcnn.backbones.benchmark_cache import record

        if seconds > _SHORTEST:
            record(self.key, self.multiplications / (seconds - min(self.fixed, seconds / 2)))

    def told(self) -> dict[str, float]:
        """Return what ``--json`` says of it."""
        return {"seconds": round(self.seconds, 1), "bytes": self.memory}


def expected(
    recipe: "Recipe",
    images: "Mapping[str, Tensor]",
    tiling: "TilingPolicy",
    backbone: "Backbone",
    film: "VideoRecipe | None" = None,
    tried: dict[str, float] | None = None,
) -> Estimate:
    """Return what a run will take, by how fast this machine was the last times, or is now in a small trial.

    ``tried`` keeps trials, where there are many runs: one is enough for all of a kind.
    """
    from artcnn.backbones.benchmark_cache import device_key, load_median
    from artcnn.backbones.layers import BLOCKS
    from artcnn.backbones.weights import find
    from artcnn.cli.engines import paintings_of, photo_of
    from artcnn.engines.cost import count_multiplications, fixed_seconds
    from artcnn.engines.memory import peak_bytes
    from artcnn.image import size_of

    photo, paintings = size_of(photo_of(recipe, images)), [size_of(image) for image in paintings_of(images)]
    guide = guide_size(images)
    count = count_multiplications(recipe, photo, paintings, tiling, film, guide)
    device = images[next(iter(images))].device
    kind = type(recipe if film is None else film).__name__
    kind += "" if find(recipe.backbone).architecture in BLOCKS else f" {recipe.backbone}"
    whole = f"{device_key(device)} {kind} {recipe.precision} multiplications a second"
    key = f"{whole} in tiles" if tiling.plan(photo).stages else whole
    tried = {} if tried is None else tried
    # Of runs in tiles, those of whole pictures tell more than a small trial does.
    rate = load_median(key) or load_median(whole) or tried.get(key) or _tried(recipe, backbone, device)
    tried[key] = rate
    fixed = fixed_seconds(recipe, photo, paintings, film)
    return Estimate(fixed + count / rate, peak_bytes(recipe, photo, tiling, guide), count, fixed, key)


def taken(seconds: float, place: "device") -> dict[str, float]:
    """Return what ``--json`` says beside the estimate: the seconds it took, the most memory held since the start."""
    from artcnn.machine.memory import peak_memory

    if place.type == "cuda":
        import torch

        peak: int | None = torch.cuda.max_memory_reserved(place)
    else:
        peak = peak_memory()
    return {"seconds": round(seconds, 1)} | ({} if peak is None else {"bytes": peak})


def _tried(recipe: "Recipe", backbone: "Backbone", place: "device") -> float:
    """Return the multiplications a second of a step on a small picture; the first makes the others ready."""
    import torch

    from artcnn.cli.engines import steps
    from artcnn.engines.cost import step_multiplications

    size = 160, 224
    small: dict[str, object] = {"size": size[1], "steps": 4, "octaves": 1, "fine_steps": 4, "min_size": size[1]}
    small |= {"blend": (), "style_crop": None}
    trial = recipe.model_copy(update={name: small[name] for name in small if name in type(recipe).model_fields})
    slope = torch.linspace(0, 1, size[1], device=place).expand(1, 3, *size)
    times, began = [], perf_counter()
    for _ in steps(trial, {"photo": slope, "painting": slope.flip(3)}, backbone):
        times.append(perf_counter() - began)
        began = perf_counter()
    return step_multiplications(trial, size) / min(times[1:3])


def memory_there_is(place: "device", limit: int | None) -> int:
    """Return the bytes that a run may take on a device, of which its programs and weights are a part."""
    from artcnn.engines.memory import AT_START
    from artcnn.machine.memory import available_memory

    if place.type == "cuda":
        import torch

        free = torch.cuda.mem_get_info(place)[0]
    else:
        free = available_memory() + AT_START  # they are there already
    return free if limit is None else min(free, limit)


def guide_size(images: "Mapping[str, Tensor]") -> "Size | None":
    """Return the (height, width) of the guide among the inputs, or None."""
    from artcnn.image import size_of

    return size_of(images["guide"]) if "guide" in images else None


def tiling_within(recipe: "Recipe", photo: "Size", memory: int, guide: "Size | None" = None) -> "TilingPolicy":
    """Return the fastest way to make a picture of ``photo`` (height, width) in so many bytes, guided by ``guide``.

    Raises:
        ArtcnnError: there is none.
    """
    from artcnn.engines.memory import WithinMemory, bytes_needed, peak_bytes
    from artcnn.image import fit_size
    from artcnn.machine.memory import format_gigabytes

    tiling = WithinMemory(recipe, photo, memory, guide)
    needed = peak_bytes(recipe, photo, tiling, guide)
    if needed > memory and guide is not None and peak_bytes(recipe, photo, tiling) <= memory:
        raise ArtcnnError(
            f"the guide needs about {format_gigabytes(needed)} of memory and there are {format_gigabytes(memory)}: "
            "set guide_size to less"
        )
    if needed > memory:
        size, least = recipe.size, tiling.plan(photo)
        while size > 32 and bytes_needed(recipe, fit_size(photo, size), least, guide) > memory:
            size = size * 15 // 16
        less = f"use --size {size} or less" if size > 32 else "that is less than any picture needs"
        raise ArtcnnError(
            f"size {recipe.size} needs about {format_gigabytes(needed)} of memory and there are "
            f"{format_gigabytes(memory)}: {less}"
        )
    return tiling


def less_memory(recipe: "Recipe") -> str:
    """Return how a picture or a film takes less memory than it could have."""
    return (
        f"use a --size below {recipe.size}, or tell by --max-memory how much it may take; "
        "--resume goes on where there is a checkpoint"
    )


def duration(seconds: float) -> str:
    """Return a time as people say it: ``"14 s"``, ``"3 min"``, ``"1 h 20 min"``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
