"""What a trained task is: how its examples are loaded, to train a network or to test one."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from artcnn.datasets.examples import Examples
from artcnn.errors import ArtcnnError
from artcnn.files.model import Model, ModelCard, write_model
from artcnn.files.painting import Painting
from artcnn.training.classification import Source as ExampleSource
from artcnn.training.distributed import Processes
from artcnn.training.loop import Training

T = TypeVar("T")

Skip = Callable[[ArtcnnError], None]
"""Takes the error of a file that cannot be read; it is left out."""


class Dataset(Protocol):
    """What a network learns from, as its card describes it."""

    @property
    def name(self) -> str:
        """Where it comes from."""
        ...

    def sha256(self) -> str:
        """Return the sha256 of all of it, in hexadecimal."""
        ...


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a training needs, loaded.

    Attributes:
        new_training: returns the training, not begun, on a device and among processes.
        dataset: what the network learns from.
        classes: what the network's outputs stand for.
        test: examples that have no part in the training, if there are any.
        notes: what there is to know about the data, a line each.
        paintings: of styles, what they are learned from, one for each class.
        preview: returns what a network makes so far, as a picture; None where it makes none.
    """

    new_training: Callable[[torch.device, Processes], Training]
    dataset: Dataset
    classes: tuple[str, ...]
    test: Examples | None = None
    notes: Sequence[str] = ()
    paintings: tuple[Painting, ...] = ()
    preview: Callable[[nn.Module], Tensor] | None = None


@dataclass(frozen=True, eq=False)
class EvaluationData:
    """What an evaluation needs, loaded.

    Attributes:
        network: answers with logits.
        examples: what it answers to.
        measure: returns what to keep of a batch, from logits (B, classes) and labels (B,).
        summarize: returns the result, from all that was kept.
        notes: what there is to know about the data, a line each.
        precision: returns the context in which the network computes.
    """

    network: nn.Module
    examples: ExampleSource
    measure: Callable[[Tensor, Tensor], Tensor]
    summarize: Callable[[Tensor], Any]
    notes: Sequence[str] = ()
    precision: Callable[[], AbstractContextManager[Any]] = nullcontext


@dataclass(frozen=True)
class Task:
    """What networks are trained for.

    Attributes:
        loading: what it does first, to show meanwhile.
        load_training: loads what a recipe's training needs, from a source.
        load_evaluation: loads what the evaluation of a model needs, from a source, for a device; None where there is no
            other test than validation.
        describe: returns the settings that tell one training from another, from a recipe.
        write: writes a trained network with its card, as ``write_model``.
    """

    loading: str
    load_training: Callable[[Any, Any, Skip], TrainingData]
    load_evaluation: Callable[[Any, Model, torch.device, Skip], EvaluationData] | None
    describe: Callable[[Any], str]
    write: Callable[[Path, dict[str, Tensor], ModelCard, bool], Path] = write_model


@dataclass(frozen=True)
class Loading:
    """The job loads its examples; ``what`` is to be shown meanwhile."""

    what: str


@dataclass(frozen=True)
class LeftOut:
    """A file cannot be read, and is left out."""

    error: ArtcnnError


def load(read: Callable[[Skip], T]) -> Generator[LeftOut, None, T]:
    """Yield each file that ``read`` leaves out, also where it raises in the end; return what it returns."""
    errors: list[ArtcnnError] = []
    try:
        return read(errors.append)
    finally:
        yield from map(LeftOut, errors)
