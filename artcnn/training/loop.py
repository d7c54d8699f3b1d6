"""The training loop, as a generator: it yields what happened, and whoever consumes it shows, keeps or stops."""

import math
from collections.abc import Callable, Generator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from artcnn.training.distributed import Processes
from artcnn.training.divergence import check_epoch, check_gradient
from artcnn.training.precision import autocast
from artcnn.training.randomness import SeededRandomness
from artcnn.training_recipes import TrainRecipe

Augment = Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]]
"""Inputs (B, ...) and their labels (B,) changed at random, by the generator alone."""

_AT_ONCE = 128
"""Examples in a batch without gradients: where maps stay large, larger batches leave the cache, three times slower."""


_MOMENTS = {"step", "exp_avg", "exp_avg_sq"}
"""What AdamW remembers of each parameter."""


class Source(Protocol):
    """Examples by number, in memory or on disk."""

    def __len__(self) -> int: ...

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs (B, ...) and labels (B,), int64."""
        ...


@dataclass(frozen=True)
class Batch:
    """A step was taken: its number within the whole run, how many there are, and its epoch, all from 1."""

    index: int
    total: int
    epoch: int


@dataclass(frozen=True)
class Epoch:
    """Every example was seen once more, or the part of them that the recipe calls an epoch.

    Attributes:
        index: its number, from 1.
        loss: mean cross-entropy in nats, of the steps' own augmented examples.
        train_accuracy: of the same, in [0, 1].
        validation_loss: mean cross-entropy of the network that is kept, on examples never learned from.
        validation_error: standard error of that mean.
        validation_accuracy: of the same, in [0, 1].
        seconds: that it took.
    """

    index: int
    loss: float
    train_accuracy: float
    validation_loss: float
    validation_error: float
    validation_accuracy: float
    seconds: float


class Training:
    """One run: a network, what it learns from, and how far it is.

    Attributes:
        network: what is trained, on its device.
        eval_network: what is tested and kept: itself, or the running average of its weights.
        history: the epochs that are done.
        best: the number of the epoch that is kept, as :func:`best_epoch` has it; 0 for none.
        best_state: the weights that ``eval_network`` had then.
    """

    def __init__(
        self,
        network: nn.Module,
        recipe: TrainRecipe,
        training: Source,
        validation: Source,
        augment: Augment | None = None,
        processes: Processes | None = None,
    ) -> None:
        self.network, self.history, self.best = network.to(memory_format=torch.channels_last), list[Epoch](), 0
        self.best_state: dict[str, Tensor] = {}
        self._recipe, self._training, self._validation, self._augment = recipe, training, validation, augment
        self._processes = processes or Processes()
        self._device = next(network.parameters()).device
        self._examples = min(recipe.epoch_size or len(training), len(training))
        self._batch = min(recipe.batch, self._examples)
        self._autocast = partial(autocast, recipe.precision, self._device)
        self._optimizer = torch.optim.AdamW(
            network.parameters(), recipe.lr, weight_decay=recipe.weight_decay, fused=True
        )
        self._average = (
            AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema_decay), use_buffers=True)  # type: ignore[no-untyped-call]
            if recipe.ema_decay
            else None
        )
        self._parallel = self._processes.wrap(network)

    @property
    def eval_network(self) -> nn.Module:
        """The network that is tested and kept."""
        return self.network if self._average is None else self._average.module

    def run(self) -> Generator[Batch | Epoch, None, None]:
        """Yield each step and each epoch as it is done, from where the run is to its end.

        Raises:
            DivergenceError: in every process at the same step; ``history`` and ``best_state`` are of the epochs before.
        """
        for index in range(len(self.history) + 1, self._recipe.epochs + 1):
            start = monotonic()
            # Seeded by its number: an epoch is the same whether the run was interrupted before it or not.
            seed = self._recipe.seed * 1_000_003 + index
            loss, accuracy = yield from self._epoch(index, seed)
            self._processes.broadcast_buffers(self.eval_network)
            with self._autocast():
                tested = evaluate(self.eval_network, self._validation, self._processes)
            epoch = Epoch(index, loss, accuracy, *tested, monotonic() - start)
            losses = {"loss": epoch.loss, "validation loss": epoch.validation_loss}
            check_epoch(losses, self.eval_network, self._recipe, index)
            self.history.append(epoch)
            self.best = best_epoch(self.history)
            if self.best == index:
                self.best_state = deepcopy(self.eval_network.state_dict())
            yield epoch

    def _epoch(self, index: int, seed: int) -> Generator[Batch, None, tuple[float, float]]:
        """Take every step of an epoch; return its mean loss and accuracy."""
        order = self._order(index)
        noise = torch.Generator().manual_seed(seed + 104_729 * (self._processes.rank + 1))
        dropout = SeededRandomness(seed + 7919 * self._processes.rank)
        steps = len(order) // self._batch  # examples left over wait for the next epoch's order
        sums = torch.zeros(3)
        self._parallel.train()
        for step in range(steps):
            taken = (index - 1) * steps + step
            self._set_rate(taken / (steps * self._recipe.epochs))
            chosen = order[step * self._batch : (step + 1) * self._batch]
            with dropout:
                sums += self._step(self._processes.shard(chosen), noise)
            yield Batch(taken + 1, steps * self._recipe.epochs, index)
        loss, right, count = self._processes.sum(sums).tolist()
        return loss / count, right / count

    def _order(self, index: int) -> Tensor:
        """Return the examples of an epoch, in its order: where it takes a part of them, the next ones take others."""
        round_, part = divmod(index - 1, len(self._training) // self._examples)
        seed = self._recipe.seed * 1_000_003 + round_ + 1
        order = torch.randperm(len(self._training), generator=torch.Generator().manual_seed(seed))
        return order[part * self._examples : (part + 1) * self._examples]

    def _step(self, indices: Tensor, noise: torch.Generator) -> Tensor:
        """Take one step along the gradient; return the examples' summed loss, how many were right, and how many."""
        inputs, labels = (tensor.to(self._device) for tensor in self._training.batch(indices))
        if self._augment is not None:
            inputs, labels = self._augment(inputs, labels, noise)
        with self._autocast():
            logits = self._parallel(inputs).float()
        loss = F.cross_entropy(logits, labels, label_smoothing=self._recipe.label_smoothing)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        check_gradient(self.network, self._recipe, len(self.history) + 1)
        self._optimizer.step()
        if self._average is not None:
            self._average.update_parameters(self.network)
        right = (logits.detach().argmax(1) == labels).sum()
        return torch.stack([loss.detach() * len(labels), right, torch.tensor(len(labels))]).cpu()

    def _set_rate(self, progress: float) -> None:
        """Set the learning rate for the part of the run that is done, in [0, 1)."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.lr * lr_factor(progress, self._recipe.warmup)

    def state(self) -> dict[str, Tensor]:
        """Return everything that is needed to go on from here but the history, as named tensors."""
        state = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        state |= {f"best.{name}": value for name, value in self.best_state.items()}
        if self._average is not None:
            state |= {f"average.{name}": value for name, value in self._average.state_dict().items()}
        for number, moments in self._optimizer.state_dict()["state"].items():
            state |= {f"optimizer.{number}.{name}": value for name, value in moments.items()}
        return state

    def restore(self, state: dict[str, Tensor], history: list[Epoch]) -> None:
        """Go on from a state and the epochs before it.

        Raises:
            ValueError: the state is of another network or recipe.
        """
        groups: dict[str, dict[str, Tensor]] = {"network": {}, "best": {}, "average": {}, "optimizer": {}}
        for name, value in state.items():
            group, _, rest = name.partition(".")
            groups.setdefault(group, {})[rest] = value
        parameters = list(self.network.parameters())
        moments: dict[int, dict[str, Tensor]] = {}
        try:
            for name, value in groups["optimizer"].items():
                number, _, moment = name.partition(".")
                # In the parameter's own memory layout, which the fused optimizer takes for granted.
                like = parameters[int(number)] if value.ndim else value
                moments.setdefault(int(number), {})[moment] = torch.empty_like(like).copy_(value)
            self.network.load_state_dict(groups["network"])
            if self._average is not None:
                self._average.load_state_dict(groups["average"])
            self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": moments})
        except (RuntimeError, KeyError, IndexError, ValueError) as error:
            raise ValueError("a state of another network or recipe") from error
        whole = all(moments.get(number, {}).keys() == _MOMENTS for number in range(len(parameters)))
        if history and not (whole and _shapes(groups["best"]) == _shapes(self.network.state_dict())):
            raise ValueError("a state of another network or recipe")
        self.history, self.best_state = list(history), groups["best"]
        self.best = best_epoch(history) if history else 0


def _shapes(state: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in state.items()}


def best_epoch(history: list[Epoch]) -> int:
    """Return the number of the epoch to keep, the last whose validation loss is within a standard error of the lowest.

    Smaller differences are chance (the rule is that of Breiman et al. 1984, Classification and Regression
    Trees), and among epochs that nothing else tells apart the longest trained is the likeliest to be the best. Not by
    accuracy: of a few thousand examples that is a count of a few mistakes.
    """
    lowest = min(history, key=lambda epoch: epoch.validation_loss)
    bound = lowest.validation_loss + lowest.validation_error
    return max(epoch.index for epoch in history if epoch.validation_loss <= bound)


def lr_factor(progress: float, warmup: float) -> float:
    """Return the learning rate's factor, in [0, 1]: up along a line, then down along half a cosine."""
    return progress / warmup if progress < warmup else (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


class Score(NamedTuple):
    """How well a network does: mean cross-entropy in nats, that mean's standard error, and accuracy in [0, 1]."""

    loss: float
    error: float
    accuracy: float


def evaluate(network: nn.Module, source: Source, processes: Processes | None = None) -> Score:
    """Return how well a network does on all examples; its mode is put back."""
    processes = processes or Processes()
    sums = torch.zeros(3, dtype=torch.float64)
    for logits, labels in iter_logits(network, source, processes.shard(torch.arange(len(source)))):
        losses = F.cross_entropy(logits.double(), labels, reduction="none")
        sums += torch.stack([losses.sum(), losses.square().sum(), (logits.argmax(1) == labels).sum()])
    loss, square, accuracy = (processes.sum(sums) / len(source)).tolist()
    return Score(loss, math.sqrt(max(square - loss**2, 0) / len(source)), accuracy)


def predict(network: nn.Module, source: Source) -> Tensor:
    """Return a network's logits for all examples, shape (N, classes), on the CPU; its mode is put back."""
    return torch.cat([logits for logits, _ in iter_logits(network, source, torch.arange(len(source)))])


def iter_logits(network: nn.Module, source: Source, indices: Tensor) -> Generator[tuple[Tensor, Tensor], None, None]:
    """Yield logits and labels on the CPU, batch by batch, in evaluation mode and without gradients."""
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
