"""Train a network: the events of a training, its checkpoint, and its result."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic

import torch
from PIL import Image
from torch import Tensor

from artcnn import __version__
from artcnn.backbones.device import choose_device
from artcnn.datasets.examples import Examples
from artcnn.errors import CheckpointError, DivergenceError, RecipeError, enough_memory
from artcnn.files.model import ModelCard, read_tensors, write_model
from artcnn.files.write import to_pillow
from artcnn.jobs.events import never
from artcnn.jobs.tasks.sources import Source
from artcnn.jobs.tasks.table import find_task
from artcnn.jobs.tasks.task import LeftOut, Loading, TrainingData, load
from artcnn.machine.memory import disable_trim
from artcnn.training.classification import evaluate
from artcnn.training.distributed import Processes
from artcnn.training.loop import Batch, Epoch, Training
from artcnn.training.metrics import wilson_interval
from artcnn.training_recipes import ModelKind, TrainRecipe

_ADVICE = "use a smaller batch (--set batch=...); --resume goes on where there is a checkpoint"


@dataclass(frozen=True)
class TrainingStarted:
    """The examples are loaded, and the training begins.

    Attributes:
        notes: what there is to know about the examples, a line each.
        history: the epochs that an earlier run had done, which this one continues.
    """

    notes: Sequence[str]
    history: Sequence[Epoch]


@dataclass(frozen=True)
class TrainingFinished:
    """The training is over.

    Save the result before asking for the next event: that is when the checkpoint of a finished training is removed, and
    the ``DivergenceError`` of a training that diverged is raised.

    Attributes:
        result: the best epoch; incomplete where the training was cancelled or diverged; None where no epoch was done.
    """

    result: "TrainingResult | None"


@dataclass(frozen=True, eq=False)
class Preview:
    """What the network makes so far, if it makes pictures: shape (1, 3, H, W), sRGB in [0, 1]."""

    image: Tensor

    def to_pil(self) -> Image.Image:
        """Return it as a Pillow image, which a notebook shows."""
        return to_pillow(self.image)


TrainingEvent = Loading | LeftOut | TrainingStarted | Batch | Epoch | Preview | TrainingFinished
"""What ``train`` yields, in this order; ``Epoch``, and a ``Preview``, after the batches of each epoch."""


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A trained network.

    Attributes:
        recipe: the settings of the training.
        card: describes the network in its file, with the history and the metrics.
        state: the weights of the best epoch.
        history: the epochs that are done.
        best: the number of the best epoch.
        metrics: how good it is: what the validation measured, and the test accuracy, where there is a test.
        seconds: that the run took, its loading included.
        complete: whether all epochs are done.
    """

    recipe: TrainRecipe
    card: ModelCard
    state: dict[str, Tensor]
    history: Sequence[Epoch]
    best: int
    metrics: dict[str, float]
    seconds: float
    complete: bool

    def save(self, path: Path, *, replace: bool = True) -> Path:
        """Write the network to a model file, as the command line does; return where it is.

        Args:
            path: the file, ending in .safetensors.
            replace: whether a file that is there may be replaced; if not, another name is chosen.

        Raises:
            ArtcnnError: it cannot be written there.
        """
        return find_task(self.card.kind).write(path, self.state, self.card, replace)

    def save_curve(self, path: Path, *, replace: bool = True) -> Path:
        """Draw the learning curve to a .png file; return where it is."""
        from artcnn.reports.chart import write_learning_curve

        title = find_task(self.card.kind).describe(self.recipe)
        return write_learning_curve(path, list(self.history), self.best, title, replace)


def train(
    recipe: TrainRecipe,
    source: Source,
    *,
    device: str = "auto",
    checkpoint: Path | None = None,
    processes: Processes | None = None,
    cancelled: Callable[[], bool] = never,
) -> Iterator[TrainingEvent]:
    """Train a network from scratch, and yield what happens.

    The same recipe and examples give the same weights, whether the training was stopped and resumed or not.

    Args:
        recipe: the settings.
        source: of the examples; its kind is that of the recipe.
        device: what to compute on.
        checkpoint: a file, written after each epoch; a training continues the one that is there.
        processes: this process among those that train together; the first one writes the checkpoint.
        cancelled: asked before each step whether to stop; the best epoch by then is the result.

    Raises:
        DivergenceError: a loss or a gradient is not finite.
        ArtcnnError: the examples cannot be read, the checkpoint is of another training, or memory is short.
    """
    began, processes = monotonic(), processes or Processes()
    disable_trim(None)  # each step asks for the blocks that the one before has freed
    if recipe.batch % processes.count:
        few = f"batch: {recipe.batch} cannot be shared among {processes.count} processes"
        raise RecipeError(few, hint="choose a multiple")
    with enough_memory(_ADVICE):
        place, task = choose_device(device), find_task(source.kind)
        yield Loading(task.loading)
        data: TrainingData = yield from load(partial(task.load_training, source, recipe))
        training, card = data.new_training(place, processes), _card(source.kind, recipe, data)
        if checkpoint is not None and checkpoint.exists():
            _resume(training, card, checkpoint)
        yield TrainingStarted(data.notes, tuple(training.history))
        writes = checkpoint if processes.rank == 0 else None
        diverged = yield from _run(training, data, card, writes, processes, cancelled)
        if diverged is not None and not training.best:
            raise diverged
        result = _result(training, recipe, card, data.test, processes)
    yield TrainingFinished(None if result is None else replace(result, seconds=monotonic() - began))
    if writes is not None and result is not None and (result.complete or diverged):
        writes.unlink(missing_ok=True)  # of a training that diverged, too: it would diverge again
    if diverged is not None:
        raise diverged


def _run(
    training: Training,
    data: TrainingData,
    card: ModelCard,
    checkpoint: Path | None,
    processes: Processes,
    cancelled: Callable[[], bool],
) -> Generator[Batch | Epoch | Preview, None, DivergenceError | None]:
    """Yield each step and each epoch; return what ended the training before its end, if it diverged."""
    with closing(training.run()) as events:
        while not processes.sum(torch.tensor(float(cancelled()))):  # all processes stop at the same step
            try:
                event = next(events, None)
            except DivergenceError as error:
                return error
            if event is None:
                break
            if isinstance(event, Epoch) and checkpoint is not None:
                write_model(checkpoint, training.state(), card.with_history(training.history))
            yield event
            if isinstance(event, Epoch) and data.preview is not None and processes.rank == 0:
                yield Preview(data.preview(training.eval_network))
    return None


def _card(kind: ModelKind, recipe: TrainRecipe, data: TrainingData) -> ModelCard:
    """Return the card of a network that will be trained, without what comes of it."""
    return ModelCard(
        version=__version__,
        kind=kind,
        recipe=recipe.model_dump(),
        classes=data.classes,
        data=data.dataset.name,
        data_sha256=data.dataset.sha256(),
        paintings=data.paintings,
    )


def _resume(training: Training, card: ModelCard, checkpoint: Path) -> None:
    """Bring a training to where an interrupted one was.

    Raises:
        CheckpointError: the checkpoint is of another recipe, other data or another network.
        ModelError: it is damaged.
    """
    found, state = read_tensors(checkpoint)
    before = found.train_recipe().model_dump()
    differ = [f"{key} was {before.get(key)}" for key, value in card.recipe.items() if before.get(key) != value]
    if differ:
        raise CheckpointError(
            f"{checkpoint} is of another recipe ({', '.join(differ)})", hint="give the same options as then"
        )
    if found.data_sha256 != card.data_sha256:
        raise CheckpointError(f"{checkpoint} was trained on other data", hint="give the same as then")
    try:
        training.restore(state, found.epochs())
    except ValueError as error:
        raise CheckpointError(f"{checkpoint}: {error}") from error


def _result(
    training: Training, recipe: TrainRecipe, card: ModelCard, test: Examples | None, processes: Processes
) -> TrainingResult | None:
    """Return the best epoch, tested if all are done; None if there is none."""
    if not training.best:
        return None
    best, history = training.history[training.best - 1], tuple(training.history)
    metrics = {f"validation_{name}": value for name, value in best.validation.items()}
    metrics["best_epoch"] = float(best.index)
    complete = len(history) == recipe.epochs
    if test is not None and complete:
        training.eval_network.load_state_dict(training.best_state)
        accuracy = evaluate(training.eval_network, test, processes).accuracy
        low, high = wilson_interval(round(accuracy * len(test)), len(test))
        metrics |= {"test_accuracy": accuracy, "test_low": low, "test_high": high, "test_count": float(len(test))}
    card = card.with_history(training.history, **metrics)
    return TrainingResult(recipe, card, training.best_state, history, best.index, metrics, 0, complete)
