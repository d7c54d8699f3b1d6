"""The training loop, as a generator of events; the caller displays them, saves checkpoints, or stops."""

import math
from collections.abc import Callable, Generator
from copy import deepcopy
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from artcnn.machine.randomness import SeededRandomness
from artcnn.training.distributed import Processes
from artcnn.training.divergence import check_epoch, check_gradient
from artcnn.training.precision import autocast
from artcnn.training_recipes import TrainRecipe

Augment = Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]]
"""Augments inputs (B, ...) and labels (B,); the generator is the only source of randomness."""

_AT_ONCE = 128
"""Batch size without gradients. Larger batches do not fit the cache if maps are large: three times slower."""


_MOMENTS = {"step", "exp_avg", "exp_avg_sq"}
"""AdamW's state of each parameter."""


class Source(Protocol):
    """A dataset with random access."""

    def __len__(self) -> int: ...

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs (B, ...) and labels (B,), int64."""
        ...


@dataclass(frozen=True)
class Batch:
    """Event: a step is done. Index of the step, number of steps of the run, and epoch; indices start at 1."""

    index: int
    total: int
    epoch: int


@dataclass(frozen=True)
class Epoch:
    """Event: an epoch is done.

    Attributes:
        index: from 1.
        loss: mean cross-entropy in nats, on the augmented training examples, during the epoch.
        train_accuracy: on the same examples, in [0, 1].
        validation_loss: mean cross-entropy of ``eval_network`` on the validation examples.
        validation_error: standard error of that mean.
        validation_accuracy: on the same examples, in [0, 1].
        seconds: duration.
    """

    index: int
    loss: float
    train_accuracy: float
    validation_loss: float
    validation_error: float
    validation_accuracy: float
    seconds: float


class Training:
    """A training run: a network, its data, and its progress.

    Attributes:
        network: the network in training, on its device.
        eval_network: the network that is validated and saved: the same, or the running average of its weights.
        history: the finished epochs.
        best: index of the best epoch, by :func:`best_epoch`; 0 for none.
        best_state: the weights of ``eval_network`` in that epoch.
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
        self._autocast = autocast(recipe.precision, self._device)
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
        """The network that is validated and saved."""
        return self.network if self._average is None else self._average.module

    def run(self) -> Generator[Batch | Epoch, None, None]:
        """Train from the current epoch to the last; yield an event for each step and each epoch.

        Raises:
            DivergenceError: in all processes at the same step; ``history`` and ``best_state`` hold the epochs before.
        """
        for index in range(len(self.history) + 1, self._recipe.epochs + 1):
            start = monotonic()
            # Seeded by the epoch's index, so that resuming gives the same result.
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
        """Run all steps of an epoch; return the mean loss and accuracy."""
        order = self._order(index)
        noise = torch.Generator().manual_seed(seed + 104_729 * (self._processes.rank + 1))
        dropout = SeededRandomness(seed + 7919 * self._processes.rank)
        steps = len(order) // self._batch  # the remainder is dropped; the next epoch shuffles again
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
        """Return the indices of an epoch's examples, shuffled. Partial epochs take turns until all were seen."""
        round_, part = divmod(index - 1, len(self._training) // self._examples)
        seed = self._recipe.seed * 1_000_003 + round_ + 1
        order = torch.randperm(len(self._training), generator=torch.Generator().manual_seed(seed))
        return order[part * self._examples : (part + 1) * self._examples]

    def _step(self, indices: Tensor, noise: torch.Generator) -> Tensor:
        """Run one step; return the summed loss, the number of correct answers, and the number of examples."""
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
        """Set the learning rate for this progress of the run, in [0, 1)."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.lr * lr_factor(progress, self._recipe.warmup)

    def state(self) -> dict[str, Tensor]:
        """Return everything needed to resume, except the history, as named tensors."""
        state = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        state |= {f"best.{name}": value for name, value in self.best_state.items()}
        if self._average is not None:
            state |= {f"average.{name}": value for name, value in self._average.state_dict().items()}
        for number, moments in self._optimizer.state_dict()["state"].items():
            state |= {f"optimizer.{number}.{name}": value for name, value in moments.items()}
        return state

    def restore(self, state: dict[str, Tensor], history: list[Epoch]) -> None:
        """Restore a state, and the history of the epochs before it.

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
                # The fused optimizer expects the parameter's memory layout.
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
    """Return the index of the best epoch: the last one whose validation loss is within a standard error of the lowest.

    This is the one-standard-error rule (Breiman et al. 1984, Classification and Regression Trees): smaller differences
    are chance, and of equally good epochs the latest is likely the best. Accuracy would be too coarse: on a few
    thousand examples it counts a few mistakes.
    """
    lowest = min(history, key=lambda epoch: epoch.validation_loss)
    bound = lowest.validation_loss + lowest.validation_error
    return max(epoch.index for epoch in history if epoch.validation_loss <= bound)


def lr_factor(progress: float, warmup: float) -> float:
    """Return the factor of the learning rate, in [0, 1]: linear warm-up, then cosine decay."""
    return progress / warmup if progress < warmup else (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


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
