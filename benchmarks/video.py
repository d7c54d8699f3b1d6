"""Films: how steady they are, and what that costs, against the same films made frame by frame.

Each clip is filmed twice, with and without coherence. A row says: the warping error (``warping_error.py``) of the film
relative to that of frame by frame, and to the clip's own, and what the latter would be if each frame were the one
before it, moved exactly: errors interpolate linearly, as published, which dulls one of the two pictures, so sharp ones
differ even then. The same with cubic interpolation. Then the energy above a quarter of the sampling rate and, of a
style, the loss of the preset gatys, both relative to frame by frame, mean over the frames and worst; seconds
a frame behind the first. ``exact`` are photos moved exactly, filmed with the exact motion instead of optical flow.
``still`` films one frame again and again. ``cut`` films two photos, one after the other, and compares the second shot
with a film of it alone.

Run from the repository's root: python benchmarks/video.py [--engines style dream instant] [--measure film exact still
cut] [--frames 132] [--size 512], after pip install opencv-python-headless. ``--sheet FOLDER`` writes pictures: rows of
the clip, frame by frame, the film, and below both what changes beside what moves, four times as strong; and films:
frame by frame at the left, and what the engine makes at the right. It takes hours; few frames, minutes.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import cv2
import numpy as np
import torch
from instant_pairs import CASTLE, CAT, PHOTOS, in_pillow, to_float, to_tensor
from PIL import Image
from torch import Tensor
from warping_error import Flow, Layer, Scene, Seen, as_tensor, error, flows, mean_error, shift, turn
from warping_error import film as frames_of_film
from warping_error import warp as warp_array

from artcnn.backbones.base import Backbone, load_backbone
from artcnn.engines.film import MemoryHistory, Painter, film
from artcnn.engines.film_dream import DreamPainter
from artcnn.engines.film_instant import InstantPainter
from artcnn.engines.film_style import StylePainter
from artcnn.engines.motion import FlowEstimator, Motion, warp
from artcnn.engines.optical_flow import InverseSearchFlow
from artcnn.engines.style_loss import StyleLoss
from artcnn.files.instant import load_styles
from artcnn.files.style_names import shipped_network
from artcnn.image import fit
from artcnn.presets import load_recipe
from artcnn.recipes import FilmRecipe, InstantRecipe

MOVED = 8  # frames of an exact move
STILL = 48  # identical frames
HOW = cv2.INTER_LINEAR, cv2.INTER_CUBIC  # how errors interpolate
COLUMNS = 4  # of a sheet: consecutive frames
WIDTH = 720  # of two films side by side
SHOT = 4  # frames of each shot beside a cut
MOVES: dict[str, Callable[[int], np.ndarray]] = {
    "pan": lambda frame: shift(2.3 * frame, 0.6 * frame),
    "zoom": lambda frame: turn(1.01**frame, 0),
    "turn": lambda frame: turn(1, 0.5 * frame),
}


class Clip(NamedTuple):
    """Frames, the flow and the seen places from each to the next, and what a film finds motion by."""

    name: str
    frames: Sequence[Tensor]
    moves: Sequence[tuple[Flow, Seen]]
    flow: FlowEstimator


class ExactMotion:
    """The motion of a scene, as an estimator: it recognizes the scene's frames."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def estimate(self, before: Tensor, after: Tensor) -> Motion:
        """Return how one frame moved since another."""
        frames = self._scene.frames
        of, to = (next(n for n, frame in enumerate(frames) if frame is x) for x in (after, before))
        flow, seen = self._scene.flow(of, to)
        return Motion(as_tensor(flow), torch.from_numpy(seen)[None, None].float())


def make(
    frames: Sequence[Tensor], painter: Painter, flow: FlowEstimator, recipe: FilmRecipe
) -> tuple[list[Tensor], float]:
    """Return a film's frames, and the seconds that each behind the first took."""
    histories = [MemoryHistory() for _ in range(recipe.passes)]
    steps = film(lambda first: iter(frames[first:]), len(frames), painter, flow, recipe, histories)
    next(steps)
    began = perf_counter()
    for _ in steps:
        pass
    seconds = (perf_counter() - began) / max(1, len(frames) - 1)
    return [histories[-1][number] for number in range(len(frames))], seconds


def sharpness(image: Tensor) -> float:
    """Return the energy of a picture's gray above a quarter of the sampling rate, without its borders."""
    gray = image.mean(1)[0].double().numpy()
    windowed = (gray - gray.mean()) * np.outer(*(np.hanning(n) for n in gray.shape))
    down, across = (np.fft.fftfreq(n) for n in gray.shape)
    energy = np.abs(np.fft.fft2(windowed)) ** 2
    return float(energy[np.hypot(down[:, None], across) > 0.25].sum())


def painters(names: Sequence[str], size: int, painting: Tensor, preset: str, style: str) -> dict[str, Painter]:
    """Return the painter of each engine."""
    made: dict[str, Painter] = {}
    if "style" in names:
        recipe = load_recipe("style", preset, size=size)
        made["style"] = StylePainter([painting], load_backbone(recipe), recipe)
    if "dream" in names:
        dream = load_recipe("dream", size=size)
        made["dream"] = DreamPainter(load_backbone(dream), dream)
    if "instant" in names:
        network, _ = load_styles({style: shipped_network()})
        made["instant"] = InstantPainter(network, torch.ones(1, 1), InstantRecipe(style=style, precision="bfloat16"))
    return made


class Judge:
    """Measures films, and draws sheets of them into a folder."""

    def __init__(self, painting: Tensor, size: int, film: FilmRecipe, folder: Path | None) -> None:
        self._painting, self._film, self._folder = painting, film, folder
        self._recipe = load_recipe("style", "gatys", size=size)

    @cached_property
    def _network(self) -> Backbone:
        return load_backbone(self._recipe)

    def compare(self, engine: str, painter: Painter, clip: Clip) -> None:
        """Print a row for a clip."""
        alone, _ = make(clip.frames, painter, clip.flow, FilmRecipe(coherence=0))
        ours, seconds = make(clip.frames, painter, clip.flow, self._film)
        steady = "; cubic ".join(self._compare_errors(ours, alone, clip, how) for how in HOW)
        sharp = [sharpness(a) / sharpness(b) for a, b in zip(ours[1:], alone[1:], strict=True)]
        row = (
            f"{engine} {clip.name}: error {steady}; sharpness "
            f"{np.mean(sharp):.2f}, {min(sharp):.2f}; {seconds:.2f} s a frame"
        )
        if engine == "style":
            losses = [self._loss(f, a) / self._loss(f, b) for f, a, b in zip(clip.frames, ours, alone, strict=True)][1:]
            row += f"; gatys loss {np.mean(losses):.2f}, {max(losses):.2f}"
        print(row, flush=True)
        self._draw(f"{engine}-{clip.name}", clip, alone, ours)

    @staticmethod
    def _compare_errors(ours: Sequence[Tensor], alone: Sequence[Tensor], clip: Clip, how: int) -> str:
        """Return the warping error of a film, relative to others'."""
        film, single, source = (mean_error(pictures, clip.moves, how) for pictures in (ours, alone, clip.frames))
        moved = [
            warp(picture, clip.flow.estimate(*pair).flow)
            for picture, pair in zip(ours, pairwise(clip.frames), strict=False)
        ]
        least = np.mean([error(a, b, *move, how) for a, b, move in zip(ours, moved, clip.moves, strict=False)])
        return (
            f"{film / single:.2f} of frame by frame, {film / source:.2f} of the clip's {source:.6f} (frame by frame "
            f"{single / source:.2f}, moved exactly {least / source:.2f})"
        )

    def _loss(self, frame: Tensor, picture: Tensor) -> float:
        return StyleLoss(frame, self._painting, self._network, self._recipe, max(frame.shape[-2:]))(picture).item()

    def _draw(self, name: str, clip: Clip, alone: Sequence[Tensor], ours: Sequence[Tensor]) -> None:
        if self._folder is None:
            return
        rows = [clip.frames, alone, flicker(alone, clip), ours, flicker(ours, clip)]
        last = torch.cat([torch.cat(list(row[-COLUMNS:]), 3) for row in rows], 2)
        in_pillow(fit(last, COLUMNS * 320)).save(self._folder / f"{name}.jpg", quality=80)
        pairs = [in_pillow(fit(torch.cat(pair, 3), WIDTH)) for pair in zip(alone, ours, strict=True)]
        options = {"save_all": True, "append_images": pairs[1:], "duration": 42, "loop": 0}
        pairs[0].save(self._folder / f"{name}.webp", quality=50, method=6, **options)


def flicker(pictures: Sequence[Tensor], clip: Clip) -> list[Tensor]:
    """Return what changes from each picture to the next beside what moves, four times as strong, about gray."""
    changes = []
    for (before, after), (flow, seen) in zip(pairwise(pictures), clip.moves, strict=True):
        moved = warp_array(after[0].permute(1, 2, 0).numpy(), flow, cv2.INTER_CUBIC)
        change = (torch.from_numpy(moved).permute(2, 0, 1)[None] - before) * torch.from_numpy(seen)
        changes.append((0.5 + 4 * change).clamp(0, 1))
    return changes


def measure_still(engine: str, painter: Painter, frame: Tensor, count: int) -> None:
    """Print how much a still scene changes, in steps of 8 bits."""
    made, _ = make([frame] * count, painter, InverseSearchFlow(), FilmRecipe())
    changes = [(a - b).abs().mean().item() * 255 for a, b in pairwise(made)]
    drift = ((made[-1] - made[0]).mean((2, 3)).abs().max() * 255).item()
    print(
        f"{engine} still: {count} frames change by {np.mean(changes):.2f} each, {max(changes):.2f} at most; mean color "
        f"{drift:.2f} away at the end; sharpness {sharpness(made[-1]) / sharpness(made[0]):.2f} of the first",
        flush=True,
    )


def measure_cut(engine: str, painter: Painter, shots: Sequence[Sequence[Tensor]]) -> None:
    """Print how far a second shot is from a film of it alone."""
    both, _ = make([*shots[0], *shots[1]], painter, InverseSearchFlow(), FilmRecipe())
    alone, _ = make(shots[1], painter, InverseSearchFlow(), FilmRecipe())
    away = max((a - b).abs().max().item() for a, b in zip(both[len(shots[0]) :], alone, strict=True))
    print(f"{engine} cut: the second shot is {away * 255:.0f} steps away from a film of it alone", flush=True)


def scenes(size: tuple[int, int], count: int) -> dict[str, Scene]:
    """Return the exact moves: each of the castle, and a cat's disc before it that moves the other way."""
    photos = [np.array(Image.open(PHOTOS[name]).convert("RGB")) for name in (CASTLE, CAT)]
    ratio = 1.9 * size[0] / photos[0].shape[1]
    castle, cat = (cv2.resize(photo, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA) for photo in photos)
    made = {name: Scene([Layer(castle, move)], count, size) for name, move in MOVES.items()}
    near = Layer(cat, lambda frame: shift(-2.7 * frame, 0), 0.3)
    return made | {"parallax": Scene([Layer(castle, lambda frame: shift(1.4 * frame, 0)), near], count, size)}


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", nargs="+", default=["style", "dream", "instant"])
    parser.add_argument("--measure", nargs="+", default=["film", "exact", "still", "cut"])
    parser.add_argument("--frames", type=int, default=132)
    parser.add_argument("--skip", type=int, default=0, help="frames of the film to leave out before")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--painting", type=Path, default=Path("samples/night_cafe.jpg"))
    parser.add_argument("--preset", default="default", help="of the style")
    parser.add_argument("--style", default="wave", help="of the instant engine")
    parser.add_argument("--coherence", type=float, default=1.0, help="of film and exact")
    parser.add_argument("--passes", type=int, default=1, help="of film and exact")
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    size = options.size, round(options.size * 9 / 32) * 2
    painting = to_tensor(Image.open(options.painting))
    settings = FilmRecipe(coherence=options.coherence, passes=options.passes)
    judge = Judge(painting, options.size, settings, options.sheet)
    shots = list(frames_of_film(options.frames, size, options.skip))
    clip = [to_float(shot) for shot in shots]
    moved = scenes(size, min(MOVED, options.frames))
    for engine, painter in painters(options.engines, options.size, painting, options.preset, options.style).items():
        if "film" in options.measure:
            moves = [flows(*pair) for pair in pairwise(shots)]
            judge.compare(engine, painter, Clip("film", clip, moves, InverseSearchFlow()))
        for name, scene in moved.items() if "exact" in options.measure else ():
            exact = Clip(name, scene.frames, scene.moves(), ExactMotion(scene))
            judge.compare(engine, painter, exact)
        if "still" in options.measure:
            measure_still(engine, painter, clip[0], min(STILL, options.frames))
        if "cut" in options.measure:
            measure_cut(engine, painter, [clip[:SHOT], moved["pan"].frames[:SHOT]])


if __name__ == "__main__":
    main()
