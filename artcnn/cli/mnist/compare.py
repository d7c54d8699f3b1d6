"""``artcnn mnist compare``: what shared weights are worth, by the number of examples to learn from."""

from dataclasses import dataclass
from typing import Annotated

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.comparison import CompareOptions, Rates, Seeds, compare_arms, load_arms
from artcnn.cli.mnist.data import Data
from artcnn.cli.option_groups import DataclassOptions
from artcnn.errors import ArtcnnError


@dataclass(frozen=True)
class _Options(CompareOptions):
    seeds: Seeds = 3
    rates: Rates = "0.002,0.005,0.01,0.02"


def compare(
    *,
    sizes: Annotated[str, options.make(metavar="N,N,...", help="Numbers of digits to learn from.")] = "100,1000,10000",
    augment: Annotated[float, options.control(min=0, max=4, help="Strength of random turns and shifts.")] = 0.0,
    data: Data = None,
    run: Annotated[CompareOptions, DataclassOptions(_Options)],
) -> None:
    """Compare the lecture's CNN with a fully connected network of as many weights, and with two controls.

    The controls: without shared weights, and with the pixels in a fixed random order. Each learns from the same digits
    in the same order, at least 400 steps, at the learning rate that digits held out prefer; half an hour in all.
    """
    counts, (rates, path), bad = _parse_sizes(sizes), run.check("mnist"), BadFiles()
    from artcnn.jobs.tasks.mnist import ARMS, load_comparison
    from artcnn.jobs.tasks.sources import MnistSource

    recipes = load_arms("mnist", ARMS, augment=augment)
    compare_arms(load_comparison(MnistSource(data), counts, recipes, run.seeds, bad.add), run, rates, path)
    bad.exit()


def _parse_sizes(text: str) -> list[int]:
    try:
        counts = sorted({int(part) for part in text.split(",")})
    except ValueError:
        counts = []
    if not counts or counts[0] < 10:
        hint = "write whole numbers from 10 up with commas between, such as 100,1000"
        raise ArtcnnError(f"invalid --sizes {text}", hint=hint)
    return counts
