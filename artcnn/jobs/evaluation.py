"""Test a model on examples that it did not learn from."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from artcnn.backbones.device import choose_device
from artcnn.datasets.examples import Examples
from artcnn.errors import ArtcnnError, ModelError
from artcnn.files.atomic import write_atomic
from artcnn.files.model import Model, read_model
from artcnn.jobs.events import never
from artcnn.jobs.tasks.sources import Source
from artcnn.jobs.tasks.table import find_task
from artcnn.jobs.tasks.task import EvaluationData, LeftOut, Loading, load
from artcnn.machine.memory import disable_trim
from artcnn.nets.kinds import KINDS
from artcnn.reports.sheet import Sheet, write_sheet
from artcnn.training.classification import iter_logits
from artcnn.training.metrics import ClassScore, confusion, score_classes, wilson_interval

_WORST = 40
"""Mistakes that are shown."""


@dataclass(frozen=True)
class Evaluating:
    """So many of all examples are done; at first none, with what there is to know about them."""

    done: int
    total: int
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class EvaluationFinished:
    """The evaluation is over; ``result`` is None where it was cancelled: a part of the examples is no test."""

    result: Any


EvaluationEvent = Loading | LeftOut | Evaluating | EvaluationFinished


def evaluate_model(
    name: str | Path, source: Source, *, device: str = "auto", cancelled: Callable[[], bool] = never
) -> Iterator[EvaluationEvent]:
    """Test a model on a source's examples, and yield what happens.

    The result is an ``Evaluation`` where the network tells classes apart, a ``MoveEvaluation`` where it plays Go.

    Args:
        name: the model, by name or file.
        source: of the examples; its kind is what the model must have learned.
        device: what to compute on.
        cancelled: asked between batches whether to stop.

    Raises:
        ArtcnnError: the model or the examples cannot be read, or do not fit each other.
    """
    disable_trim(None)
    model, task, place = read_model(name, source.kind), find_task(source.kind), choose_device(device)
    if task.load_evaluation is None:
        raise ModelError(f"{model.path} is a network for {KINDS[source.kind].subject}, which are not tested")
    yield Loading(task.loading)
    data: EvaluationData = yield from load(partial(task.load_evaluation, source, model, place))
    total, done, kept = len(data.examples), 0, list[Tensor]()
    yield Evaluating(0, total, data.notes)
    with closing(iter_logits(data.network, data.examples, torch.arange(total))) as batches:
        while done < total:
            if cancelled():
                yield EvaluationFinished(None)
                return
            with data.precision():
                logits, labels = next(batches)
            kept.append(data.measure(logits, labels))
            done += len(labels)
            yield Evaluating(done, total)
    yield EvaluationFinished(data.summarize(torch.cat(kept)))


@dataclass(frozen=True)
class Accuracy:
    """How many answers are right.

    Attributes:
        count: how many there are.
        accuracy: the part of them that is right.
        low: the lower end of its 95 % interval (Wilson 1927).
        high: the upper end.
    """

    count: int
    accuracy: float
    low: float
    high: float

    @classmethod
    def of(cls, right: Tensor) -> "Accuracy":
        """Return it from which answers are right, shape (N,)."""
        number, count = int(right.sum()), len(right)
        return cls(count, number / count, *wilson_interval(number, count))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model's answers to examples that it did not learn from.

    Attributes:
        model: the model.
        examples: the examples.
        probabilities: of each class of the model, shape (N, classes); the first of them are the examples' classes.
        columns: more about each example, by heading; the column ``speaker`` groups them.
    """

    model: Model
    examples: Examples
    probabilities: Tensor
    columns: Mapping[str, Sequence[str]]

    @cached_property
    def right(self) -> Tensor:
        """Which answers are right, shape (N,); "none of the words" never is."""
        return self.probabilities.argmax(1) == self.examples.labels

    @cached_property
    def overall(self) -> Accuracy:
        """How many answers are right."""
        return Accuracy.of(self.right)

    @cached_property
    def among_words(self) -> Accuracy | None:
        """How many would be right if the model had to choose a class of the examples; None where it has no others."""
        count = len(self.examples.classes)
        if count == self.probabilities.shape[1]:
            return None
        return Accuracy.of(self.probabilities[:, :count].argmax(1) == self.examples.labels)

    @cached_property
    def by_speaker(self) -> dict[str, Accuracy] | None:
        """How many answers are right of each speaker; None where the examples have none."""
        speakers = self.columns.get("speaker")
        if speakers is None:
            return None
        names = sorted(set(speakers) - {""})
        return {name: Accuracy.of(self.right[torch.tensor([who == name for who in speakers])]) for name in names}

    @cached_property
    def confusion(self) -> Tensor:
        """How often each class of the examples (row) is taken for each of the model's (column)."""
        matrix = confusion(self.examples.labels, self.probabilities.argmax(1), self.probabilities.shape[1])
        return matrix[: len(self.examples.classes)]

    @cached_property
    def by_class(self) -> dict[str, ClassScore]:
        """Precision and recall of each class."""
        return dict(zip(self.examples.classes, score_classes(self.confusion), strict=True))

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        report: dict[str, Any] = {"model": str(self.model.path), **asdict(self.overall)}
        if self.by_speaker is not None:
            report["by_speaker"] = {name: asdict(part) for name, part in self.by_speaker.items()}
        if self.among_words is not None:
            report["among_words"] = asdict(self.among_words)
        report["classes"] = {name: asdict(score) for name, score in self.by_class.items()}
        return report | {"confusion": self.confusion.tolist()}

    def write_confusion(self, path: Path, title: str) -> Path:
        """Draw the confusion matrix to a new file; return where it is."""
        from artcnn.reports.chart import write_confusion_matrix

        name = f"{self.model.path.stem}: {title}"
        return write_confusion_matrix(path, self.confusion, self.model.card.classes, name, replace=False)

    def write_mistakes(self, path: Path) -> Path | None:
        """Draw the mistakes that the network is surest of to a new file; return where it is, None without mistakes."""
        examples, (sure, guesses) = self.examples, self.probabilities.max(1)
        wrong = (~self.right).nonzero().flatten()
        wrong = wrong[sure[wrong].argsort(descending=True, stable=True)][:_WORST]
        if not len(wrong):
            return None
        of, to = examples.classes, self.model.card.classes
        captions = [f"{of[examples.labels[i]]} as {to[guesses[i]]}, {100 * sure[i]:.0f} %" for i in wrong.tolist()]
        title = f"{self.model.path.stem}: what it was surest of and wrong (what it is, as what it was taken for)"
        scale = max(1, 84 // examples.inputs.shape[3])
        return write_sheet(path, Sheet(examples.inputs[wrong], 8, captions, title, scale), replace=False)

    def write_predictions(self, path: Path, replace: bool) -> None:
        """Write each example's label, prediction and probabilities as CSV."""
        text, classes = StringIO(), self.model.card.classes
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("index", *self.columns, "label", "predicted", *(f"p_{name}" for name in classes)))
        for index, (label, row) in enumerate(zip(self.examples.labels.tolist(), self.probabilities, strict=True)):
            more, guess = (values[index] for values in self.columns.values()), classes[int(row.argmax())]
            writer.writerow((index, *more, classes[label], guess, *(f"{p:.6f}" for p in row.tolist())))
        write_atomic(path, text.getvalue().encode(errors="surrogateescape"), replace)


def classification(
    model: Model, examples: Examples, device: torch.device, columns: Mapping[str, Sequence[str]] | None = None
) -> EvaluationData:
    """Return what the evaluation of a model that tells classes apart needs."""
    return EvaluationData(
        network=model.network.to(device),
        examples=examples,
        measure=lambda logits, _: logits.softmax(1),
        summarize=lambda probabilities: Evaluation(model, examples, probabilities, columns or {}),
    )


def check_classes(model: Model, known: tuple[str, ...], examples: Examples) -> None:
    """Raise an ArtcnnError where a model's classes, ``known``, are not those of the examples."""
    if known != examples.classes:
        raise ArtcnnError(
            f"{model.path} knows the labels {', '.join(known)}, and the data has {', '.join(examples.classes)}",
            hint="choose another model or other data",
        )
