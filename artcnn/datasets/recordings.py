"""Recordings of spoken words as examples."""

from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.utterance import Utterance


@dataclass(frozen=True, eq=False)
class Recordings:
    """Spoken words as examples.

    Attributes:
        examples: spectrograms and labels.
        files: name of each example's file.
        utterances: label, speaker and take of each example.
    """

    examples: Examples
    files: tuple[str, ...]
    utterances: tuple[Utterance, ...]

    def speakers(self) -> list[str]:
        """Return the speakers, sorted by name."""
        return sorted({utterance.speaker for utterance in self.utterances} - {""})

    def take(self, indices: Tensor) -> "Recordings":
        """Return a subset by indices."""
        chosen = indices.tolist()
        files, utterances = tuple(self.files[i] for i in chosen), tuple(self.utterances[i] for i in chosen)
        return Recordings(self.examples.take(indices), files, utterances)

    def labelled(self, classes: tuple[str, ...]) -> "Recordings":
        """Return the recordings with labels as indices into ``classes``, which must contain all of their own."""
        own = self.examples.classes
        if not set(own) <= set(classes):
            return self
        numbers = torch.tensor([classes.index(label) for label in own])
        examples = Examples(self.examples.inputs, numbers[self.examples.labels], classes, self.examples.name)
        return Recordings(examples, self.files, self.utterances)

    def apart(self, speaker: str) -> "tuple[Recordings, Recordings]":
        """Split by speaker: the recordings of all others, and those of one speaker."""
        theirs = torch.tensor([utterance.speaker == speaker for utterance in self.utterances])
        return self.take((~theirs).nonzero().flatten()), self.take(theirs.nonzero().flatten())

    def split(self, part: float) -> "tuple[Recordings, Recordings]":
        """Split into training and validation recordings; the lowest takes of each label are for validation.

        If all speakers have the same takes, the same takes of each speaker are chosen. At least one recording of each
        label is; a label must have two.
        """
        held = torch.zeros(len(self.utterances), dtype=torch.bool)
        for label in range(len(self.examples.classes)):
            where = (self.examples.labels == label).nonzero().flatten().tolist()
            where.sort(key=lambda index: (self.utterances[index].take, self.files[index]))
            held[where[: min(ceil(part * len(where) - 1e-9), len(where) - 1)]] = True
        return self.take((~held).nonzero().flatten()), self.take(held.nonzero().flatten())
