"""Films of small frames in which nothing moves."""

import torch

from artcnn.engines.film import MemoryHistory, film
from artcnn.engines.film_carry import Carried
from artcnn.engines.motion import Motion
from artcnn.recipes import FilmRecipe

SIZE = 40, 52
"""(height, width) of the frames."""


class NoMotion:
    def estimate(self, before, after):
        return Motion(torch.zeros(1, 2, *SIZE), torch.ones(1, 1, *SIZE))


def make(frames, painter, **settings):
    steps = film(
        lambda first: iter(frames[first:]), len(frames), painter, NoMotion(), FilmRecipe(**settings), [MemoryHistory()]
    )
    return [step.image for step in steps]


def carried(content, reliable=1.0):
    return Carried(content, torch.full((1, 1, *SIZE), reliable), torch.zeros(1, 3, 1, 1))
