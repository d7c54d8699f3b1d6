"""What a job will take, told before it begins: time and memory, and the way that fits the memory there is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter

import torch

from artcnn.backbones.benchmark_cache import device_key, load_median, record
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.engines.film import film_bytes
from artcnn.engines.memory import BASE_BYTES
from artcnn.errors import OutOfMemoryError
from artcnn.image import Size, fit_size
from artcnn.jobs.engine import Network, Sizes
from artcnn.jobs.engines import engine_of
from artcnn.machine.memory import available_memory, format_gigabytes, peak_memory
from artcnn.recipes import Recipe, VideoRecipe

_SHORTEST = 2.0
"""Seconds of a run below which it tells nothing of the next."""

_USUAL_SPEED = 5e10
"""Multiplications a second, of two cores, where it is not worth the time to try."""


@dataclass(frozen=True)
class Estimate:
    """What a run will take: seconds, of them a fixed part, bytes at its peak, and of a film bytes on the disk."""

    seconds: float
    memory: int
    multiplications: float
    fixed: float
    key: str
    disk: int = 0

    def learn(self, seconds: float) -> None:
        """Learn from how long the run took."""
        if seconds > _SHORTEST:
            record(self.key, self.multiplications / (seconds - min(self.fixed, seconds / 2)))

    def of_film(self, following: float, size: Size, count: int, left: int) -> "Estimate":
        """Return what a film takes, where this is what its first frame does.

        Args:
            following: multiplications of each frame behind the first.
            size: (height, width) of a frame.
            count: number of frames, which stay on the disk until the film is written.
            left: number of frames that are still to be made.
        """
        rate = self.multiplications / max(self.seconds - self.fixed, 1e-9)
        total = (self.multiplications if left == count else following) + max(0, left - 1) * following
        made = replace(self, seconds=self.fixed + total / rate, multiplications=total)
        return replace(made, memory=self.memory + film_bytes(size), disk=3 * count * size[0] * size[1])

    def in_words(self, frames: int | None = None) -> str:
        """Return what people are told; of a video, with how many frames are still to be made."""
        each = f", {self.seconds / frames:.1f} s a frame," if frames else ""
        disk = f", and {format_gigabytes(self.disk)} on the disk until it is written" if self.disk > 1e8 else ""
        memory = f"{format_gigabytes(self.memory)} of memory{disk}"
        return f"it will take about {format_duration(self.seconds)}{each} and {memory}"

    def to_json(self) -> dict[str, float]:
        """Return the seconds and the bytes as plain data."""
        disk = {"disk": self.disk} if self.disk else {}
        return {"seconds": round(self.seconds, 1), "bytes": self.memory} | disk


def estimate(
    recipe: Recipe,
    sizes: Sizes,
    tiling: TilingPolicy,
    network: Network,
    device: torch.device,
    video: VideoRecipe | None = None,
    trials: dict[str, float] | None = None,
    *,
    film: bool = False,
) -> Estimate:
    """Return what a run will take, by how fast this machine was the last times, or is now in a small trial.

    Args:
        recipe: every setting, its precision decided.
        sizes: of the inputs.
        tiling: how pictures go through the network.
        network: the network, for a trial.
        device: what it computes on.
        video: of a zoom film, its settings.
        trials: keeps the trials of many runs: one is enough for all of a kind.
        film: whether it is the first frame of a film.
    """
    costs = engine_of(recipe).costs
    count = costs.multiplications(recipe, sizes, tiling, video)
    kind = type(recipe if video is None else video).__name__ + costs.runs(recipe) + " film" * film
    whole = f"{device_key(device)} {kind} {recipe.precision} multiplications a second"
    key = f"{whole} in tiles" if tiling.plan(sizes.photo).stages else whole
    trials = {} if trials is None else trials
    # Of runs in tiles, those of whole pictures tell more than a small trial does.
    rate = load_median(key) or load_median(whole) or trials.get(key) or _measure_speed(recipe, network, device)
    trials[key] = rate
    fixed = costs.fixed_seconds(recipe, sizes, video)
    memory = costs.peak_bytes(recipe, sizes.photo, tiling, sizes.guide)
    return Estimate(fixed + count / rate, memory, count, fixed, key)


def _measure_speed(recipe: Recipe, network: Network, device: torch.device) -> float:
    """Return the multiplications a second of a step on a small picture; the first makes the others ready."""
    engine = engine_of(recipe)
    if engine.trial is None:
        return _USUAL_SPEED
    size = 160, 224
    small: dict[str, object] = {"size": size[1], "steps": 4, "octaves": 1, "fine_steps": 4, "min_size": size[1]}
    small |= {"blend": (), "style_crop": None, "init": "content"}
    trial = recipe.model_copy(update={name: small[name] for name in small if name in type(recipe).model_fields})
    slope = torch.linspace(0, 1, size[1], device=device).expand(1, 3, *size)
    times, began = [], perf_counter()
    for _ in engine.steps(trial, engine.trial(slope), network, UNTILED, None, None):
        times.append(perf_counter() - began)
        began = perf_counter()
    return engine.costs.step_multiplications(trial, size) / min(times[1:3])


def measure_usage(seconds: float, device: torch.device) -> Mapping[str, float]:
    """Return what a run took, as plain data: the seconds, and the most memory held since the process began."""
    peak = torch.cuda.max_memory_reserved(device) if device.type == "cuda" else peak_memory()
    return {"seconds": round(seconds, 1)} | ({} if peak is None else {"bytes": peak})


def free_memory(device: torch.device, limit: int | None) -> int:
    """Return the bytes that a run may take on a device, of which its programs and weights are a part."""
    if device.type == "cuda":
        # What torch holds from earlier jobs and no tensor uses is given to the next.
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        free = torch.cuda.mem_get_info(device)[0] + unused
    else:
        free = available_memory() + BASE_BYTES  # they are there already
    return free if limit is None else min(free, limit)


def tiling_within(
    recipe: Recipe, photo: Size, memory: int, guide: Size | None = None, *, film: bool = False
) -> TilingPolicy:
    """Return the fastest way to make a picture of ``photo`` (height, width) in so many bytes, guided by ``guide``.

    A frame of a film leaves room for the film.

    Raises:
        OutOfMemoryError: there is none.
    """
    costs = engine_of(recipe).costs
    more = film_bytes(photo) if film else 0
    tiling = costs.tiling(recipe, photo, memory - more, guide)
    needed = costs.peak_bytes(recipe, photo, tiling, guide) + more
    if needed > memory and guide is not None and costs.peak_bytes(recipe, photo, tiling, None) + more <= memory:
        raise OutOfMemoryError(
            f"the guide needs about {format_gigabytes(needed)} of memory and there are {format_gigabytes(memory)}",
            hint="set guide_size to less",
        )
    if needed > memory:
        size, least = recipe.size, tiling.plan(photo)
        while size > 32 and costs.bytes_needed(recipe, fit_size(photo, size), least, guide) + more > memory:
            size = size * 15 // 16
            more = film_bytes(fit_size(photo, size)) if film else 0
        less = f"use --size {size} or less" if size > 32 else "that is less than any picture needs"
        raise OutOfMemoryError(
            f"size {recipe.size} needs about {format_gigabytes(needed)} of memory and there are "
            f"{format_gigabytes(memory)}",
            hint=less,
        )
    return tiling


def less_memory(recipe: Recipe) -> str:
    """Return how a picture or a video takes less memory than it could have."""
    return (
        f"use a --size below {recipe.size}, or limit it by --max-memory; --resume continues where there is a checkpoint"
    )


def format_duration(seconds: float) -> str:
    """Return a time as people say it: ``"14 s"``, ``"3 min"``, ``"1 h 20 min"``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
