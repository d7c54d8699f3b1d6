"""Shots of a film: nothing is carried on from one to the next, so each can be made by itself, on any machine."""

from collections.abc import Iterable
from itertools import islice, pairwise

from artcnn.engines.film import FrameSource
from artcnn.engines.motion import FlowEstimator
from artcnn.recipes import FilmRecipe

_ALONE = 100
"""Frames of a shot where each frame is made alone, without coherence: any cut will do."""


def find_cuts(frames: FrameSource, first: int, last: int, flow: FlowEstimator, recipe: FilmRecipe) -> list[int]:
    """Return which of the frames from number ``first`` up to, not including, ``last`` begin a new shot, ascending.

    They are those at which ``film`` begins anew. A film with several passes is gone through backwards, too: there only
    what is a cut in both directions counts. Frame 0 is never named. Ranges may be searched separately.

    Args:
        frames: the whole clip.
        first: number of the first frame that is asked about.
        last: number behind the last one.
        flow: finds the motion.
        recipe: how the film is made.
    """
    if recipe.coherence == 0:
        return [number for number in range(max(1, first), last) if number % _ALONE == 0]
    begin = max(0, first - 1)
    neighbors = pairwise(islice(frames(begin), last - begin))
    return [
        number
        for number, (before, after) in enumerate(neighbors, start=begin + 1)
        if flow.estimate(before, after).is_cut and (recipe.passes == 1 or flow.estimate(after, before).is_cut)
    ]


def shots_between(cuts: Iterable[int], total: int, least: int = 1) -> list[range]:
    """Return the shots of a film as ranges of its frames, which cover it.

    Args:
        cuts: numbers of the frames that begin a new shot, ascending.
        total: number of the film's frames.
        least: frames of a range; shorter shots are put together with those after them, the last with those before it.
    """
    begins = [0]
    for cut in cuts:
        if cut - begins[-1] >= least and total - cut >= least:
            begins.append(cut)
    return [range(begin, end) for begin, end in pairwise([*begins, total])]
