"""Training of classifiers: cross-entropy and accuracy."""

import math
from collections.abc import Callable, Generator
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artcnn.training.distributed import Processes
from artcnn.training.goal import Validation
from artcnn.training.precision import autocast
from artcnn.training_recipes import ClassifierRecipe

Augment = Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]]
"""Augments inputs (B, ...) and labels (B,); the generator is the only source of randomness."""

_AT_ONCE = 128
"""Batch size without gradients. Larger batches do not fit the cache if maps are large: three times slower."""


class Source(Protocol):
    """A dataset with random access."""

    def __len__(self) -> int: ...

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs (B, ...) and labels (B,), int64."""
        ...


class Classification:
    """The goal of a classifier: mean cross-entropy, in nats, on augmented examples.

    Args:
        recipe: its label smoothing, and the precision of the layers.
        training: examples to learn from.
        validation: other examples.
        augment: changes training examples.
        device: of the network.
    """

    measures: tuple[str, ...] = ("accuracy",)

    def __init__(
        self,
        recipe: ClassifierRecipe,
        training: Source,
        validation: Source,
        augment: Augment | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.training, self.validation = training, validation
        self._augment, self._device = augment, device or torch.device("cpu")
        self._smoothing, self._autocast = recipe.label_smoothing, autocast(recipe.precision, self._device)

    def __len__(self) -> int:
        """Return the number of training examples."""
        return len(self.training)

    def loss(self, network: nn.Module, indices: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return the mean cross-entropy of some examples, and how many are answered right, shape (1,)."""
        inputs, labels = (tensor.to(self._device) for tensor in self.training.batch(indices))
        if self._augment is not None:
            inputs, labels = self._augment(inputs, labels, noise)
        with self._autocast():
            logits = network(inputs).float()
        loss = F.cross_entropy(logits, labels, label_smoothing=self._smoothing)
        return loss, (logits.detach().argmax(1) == labels).sum(0, keepdim=True)

    def validate(self, network: nn.Module, processes: Processes) -> Validation:
        """Return cross-entropy and accuracy on the validation examples."""
        with self._autocast():
            score = evaluate(network, self.validation, processes)
        return Validation(score.loss, score.error, {"accuracy": score.accuracy})


class Score(NamedTuple):
    """Mean cross-entropy in nats, its standard error, and accuracy in [0, 1]."""

    loss: float
    error: float
    accuracy: float


def evaluate(network: nn.Module, source: Source, processes: Processes | None = None) -> Score:
    """Return a network's score on all examples; its mode (training or evaluation) is restored."""
    processes = processes or Processes()
    sums = torch.zeros(3, dtype=torch.float64)
    for logits, labels in iter_logits(network, source, processes.shard(torch.arange(len(source)))):
        losses = F.cross_entropy(logits.double(), labels, reduction="none")
        sums += torch.stack([losses.sum(), losses.square().sum(), (logits.argmax(1) == labels).sum()])
    loss, square, accuracy = (processes.sum(sums) / len(source)).tolist()
    return Score(loss, math.sqrt(max(square - loss**2, 0) / len(source)), accuracy)


def predict(network: nn.Module, source: Source) -> Tensor:
    """Return a network's logits for all examples, shape (N, classes), on the CPU; its mode is restored."""
    return torch.cat([logits for logits, _ in iter_logits(network, source, torch.arange(len(source)))])


def iter_logits(network: nn.Module, source: Source, indices: Tensor) -> Generator[tuple[Tensor, Tensor], None, None]:
    """Yield logits and labels in batches, on the CPU, in evaluation mode and without gradients."""
    device, mode = next(network.parameters()).device, network.training
    network.eval()
    try:
        for chosen in torch.split(indices, _AT_ONCE):
            inputs, labels = source.batch(chosen)
            with torch.no_grad():
                logits = network(inputs.to(device)).float().cpu()
            yield logits, labels
    finally:
        network.train(mode)
