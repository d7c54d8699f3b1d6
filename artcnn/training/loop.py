"""The training loop, as a generator of events; the caller displays them, saves checkpoints, or stops."""

import math
from collections.abc import Generator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from time import monotonic
from typing import Self

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from artcnn.machine.randomness import SeededRandomness
from artcnn.training.distributed import Processes
from artcnn.training.divergence import check_epoch, check_gradient
from artcnn.training.goal import Goal
from artcnn.training_recipes import TrainRecipe

_MOMENTS = {"step", "exp_avg", "exp_avg_sq"}
"""AdamW's state of each parameter."""


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
        loss: mean on the training examples, as they were augmented, during the epoch.
        train: further means on the same examples, by name, such as ``"accuracy"``.
        validation_loss: mean of ``eval_network`` on the validation examples.
        validation_error: standard error of that mean.
        validation: further means on the same examples, by name.
        seconds: duration.
    """

    index: int
    loss: float
    train: Mapping[str, float]
    validation_loss: float
    validation_error: float
    validation: Mapping[str, float]
    seconds: float

    def to_json(self) -> dict[str, float]:
        """Return all numbers by name, as in a model's card: ``"train_accuracy"``, ``"validation_accuracy"``."""
        return {
            "index": self.index,
            "loss": self.loss,
            **{f"train_{name}": value for name, value in self.train.items()},
            "validation_loss": self.validation_loss,
            "validation_error": self.validation_error,
            **{f"validation_{name}": value for name, value in self.validation.items()},
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, numbers: Mapping[str, float]) -> Self:
        """Return the epoch with these numbers.

        Raises:
            KeyError: some are missing.
            TypeError: there are others.
        """
        rest = dict(numbers)
        own = {name: rest.pop(name) for name in ("loss", "validation_loss", "validation_error", "seconds")}
        index, parts = int(rest.pop("index")), dict[str, dict[str, float]](train={}, validation={})
        for name, value in rest.items():
            part, _, measure = name.partition("_")
            if part not in parts:
                raise TypeError(f"an epoch has no '{name}'")
            parts[part][measure] = value
        return cls(index=index, train=parts["train"], validation=parts["validation"], **own)


class Training:
    """A training run: a network, its goal, and its progress. Only parameters that require a gradient are trained.

    Args:
        network: on its device.
        recipe: the settings.
        goal: what is minimized.
        processes: this process among those that train together.
        rates: factors of the learning rate, by the name of the parameter; 1 by default.

    Attributes:
        network: the network in training, on its device.
        goal: what is minimized.
        eval_network: the network that is validated and saved: the same, or the running average of its weights.
        history: the finished epochs.
        best: index of the best epoch, by ``best_epoch``; 0 for none.
        best_state: the weights of ``eval_network`` in that epoch.
    """

    def __init__(
        self,
        network: nn.Module,
        recipe: TrainRecipe,
        goal: Goal,
        processes: Processes | None = None,
        rates: Mapping[str, float] | None = None,
    ) -> None:
        self.network, self.history, self.best = network.to(memory_format=torch.channels_last), list[Epoch](), 0
        self.best_state: dict[str, Tensor] = {}
        self.goal, self._recipe, self._processes = goal, recipe, processes or Processes()
        self._examples = min(recipe.epoch_size or len(goal), len(goal))
        self._batch = min(recipe.batch, self._examples)
        groups: dict[float, list[nn.Parameter]] = {}
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                groups.setdefault((rates or {}).get(name, 1.0), []).append(parameter)
        self._parameters = [parameter for group in groups.values() for parameter in group]
        self._optimizer = torch.optim.AdamW(
            [{"params": group, "rate": rate} for rate, group in groups.items()],
            recipe.lr,
            (0.9, recipe.beta2),
            weight_decay=recipe.weight_decay,
            fused=True,
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
            loss, train = yield from self._epoch(index, seed)
            self._processes.broadcast_buffers(self.eval_network)
            tested = self.goal.validate(self.eval_network, self._processes)
            epoch = Epoch(index, loss, train, tested.loss, tested.error, tested.measures, monotonic() - start)
            losses = {"loss": epoch.loss, "validation loss": epoch.validation_loss}
            check_epoch(losses, self.eval_network, self._recipe, index)
            self.history.append(epoch)
            self.best = best_epoch(self.history)
            if self.best == index:
                self.best_state = deepcopy(self.eval_network.state_dict())
            yield epoch

    def _epoch(self, index: int, seed: int) -> Generator[Batch, None, tuple[float, dict[str, float]]]:
        """Run all steps of an epoch; return the means of the loss and of each measure."""
        order = self._order(index)
        noise = torch.Generator().manual_seed(seed + 104_729 * (self._processes.rank + 1))
        dropout = SeededRandomness(seed + 7919 * self._processes.rank)
        steps = len(order) // self._batch  # the remainder is dropped; the next epoch shuffles again
        sums = torch.zeros(2 + len(self.goal.measures))
        self._parallel.train()
        for step in range(steps):
            taken = (index - 1) * steps + step
            self._set_rate(taken / (steps * self._recipe.epochs))
            chosen = order[step * self._batch : (step + 1) * self._batch]
            with dropout:
                sums += self._step(self._processes.shard(chosen), noise)
            yield Batch(taken + 1, steps * self._recipe.epochs, index)
        count, loss, *measures = self._processes.sum(sums).tolist()
        return loss / count, {n: value / count for n, value in zip(self.goal.measures, measures, strict=True)}

    def _order(self, index: int) -> Tensor:
        """Return the indices of an epoch's examples, shuffled. Partial epochs take turns until all were seen."""
        round_, part = divmod(index - 1, len(self.goal) // self._examples)
        seed = self._recipe.seed * 1_000_003 + round_ + 1
        order = torch.randperm(len(self.goal), generator=torch.Generator().manual_seed(seed))
        return order[part * self._examples : (part + 1) * self._examples]

    def _step(self, indices: Tensor, noise: torch.Generator) -> Tensor:
        """Run one step; return the number of examples, and the sums of the loss and of each measure."""
        loss, measures = self.goal.loss(self._parallel, indices, noise)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = check_gradient(self._parameters, self._recipe, len(self.history) + 1)
        if self._recipe.clip is not None:
            nn.utils.clip_grads_with_norm_(self._parameters, self._recipe.clip, norm)
        self._optimizer.step()
        if self._average is not None:
            self._average.update_parameters(self.network)
        count = loss.new_tensor([len(indices)])
        return torch.cat([count, loss.detach()[None] * count, measures.to(loss)]).cpu()

    def _set_rate(self, progress: float) -> None:
        """Set the learning rate for this progress of the run, in [0, 1)."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.lr * lr_factor(progress, self._recipe.warmup) * group["rate"]

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
        moments: dict[int, dict[str, Tensor]] = {}
        try:
            for name, value in groups["optimizer"].items():
                number, _, moment = name.partition(".")
                # The fused optimizer expects the parameter's memory layout.
                like = self._parameters[int(number)] if value.ndim else value
                moments.setdefault(int(number), {})[moment] = torch.empty_like(like).copy_(value)
            self.network.load_state_dict(groups["network"])
            if self._average is not None:
                self._average.load_state_dict(groups["average"])
            self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": moments})
        except (RuntimeError, KeyError, IndexError, ValueError) as error:
            raise ValueError("a state of another network or recipe") from error
        whole = all(moments.get(number, {}).keys() == _MOMENTS for number in range(len(self._parameters)))
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
