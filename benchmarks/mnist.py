"""How much of a digits network's epoch goes into its data: batches taken, turned and shifted, against the whole.

Run from the repository's root: python benchmarks/mnist.py [lecture|best]. It trains one epoch, then makes the same
batches alone, in one process, three times each in turn; it prints the medians and their ratio.
"""

import sys
from statistics import median
from time import perf_counter

import torch

from artcnn.datasets.augment_digits import distort
from artcnn.datasets.mnist import load_mnist
from artcnn.presets import load_recipe
from artcnn.training.loop import Epoch
from artcnn.training.mnist import mnist_training

ROUNDS = 3


def main() -> None:
    """Measure one network."""
    arch = sys.argv[1] if len(sys.argv) > 1 else "lecture"
    recipe = load_recipe("mnist", arch, epochs=ROUNDS)
    learned, held_out = load_mnist("train").split(recipe.validation, recipe.seed)
    generator = torch.Generator().manual_seed(0)
    whole, data = [], []
    for event in mnist_training(recipe, learned, held_out).run():
        if not isinstance(event, Epoch):
            continue
        whole.append(event.seconds)
        order = torch.randperm(len(learned), generator=generator)
        start = perf_counter()
        for chosen in order.split(recipe.batch):
            inputs, _ = learned.batch(chosen)
            distort(inputs, generator, recipe.augment, recipe.elastic)
        data.append(perf_counter() - start)
    print(f"{arch}: an epoch {median(whole):.2f} s, its data alone {median(data):.2f} s")
    print(f"data is {100 * median(d / w for d, w in zip(data, whole, strict=True)):.1f} % of an epoch")


if __name__ == "__main__":
    main()
