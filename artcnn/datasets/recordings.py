"""Recordings of spoken words as examples."""

from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.utterance import Utterance


@dataclass(frozen=True, eq=False)
class Recordings:
    """Spoken words as examples, each with its file's name.

    Attributes:
        examples: their spectrograms and labels.
        files: where each comes from.
        utterances: what each file's name says.
    """

    examples: Examples
    files: tuple[str, ...]
    utterances: tuple[Utterance, ...]

    def speakers(self) -> list[str]:
        """Return who speaks, in order of their names."""
        return sorted({utterance.speaker for utterance in self.utterances} - {""})

    def take(self, indices: Tensor) -> "Recordings":
        """Return the recordings of these indices as a set of their own."""
        chosen = indices.tolist()
        files, utterances = tuple(self.files[i] for i in chosen), tuple(self.utterances[i] for i in chosen)
        return Recordings(self.examples.take(indices), files, utterances)

    def labelled(self, classes: tuple[str, ...]) -> "Recordings":
        """Return the same with labels that count in ``classes``, where all of their own are among them."""
        own = self.examples.classes
        if not set(own) <= set(classes):
            return self
        numbers = torch.tensor([classes.index(label) for label in own])
        examples = Examples(self.examples.inputs, numbers[self.examples.labels], classes, self.examples.name)
        return Recordings(examples, self.files, self.utterances)

    def apart(self, speaker: str) -> "tuple[Recordings, Recordings]":
        """Return the recordings of everyone else, and those of a speaker."""
        theirs = torch.tensor([utterance.speaker == speaker for utterance in self.utterances])
        return self.take((~theirs).nonzero().flatten()), self.take(theirs.nonzero().flatten())

    def split(self, part: float) -> "tuple[Recordings, Recordings]":
        """Return the recordings in two parts: those to learn from, and of each label the part with the lowest takes.

        So the same takes of every speaker are held out, where speakers have as many. At least one of each label is; a
        label must have two.
        """
        held = torch.zeros(len(self.utterances), dtype=torch.bool)
        for label in range(len(self.examples.classes)):
            where = (self.examples.labels == label).nonzero().flatten().tolist()
            where.sort(key=lambda index: (self.utterances[index].take, self.files[index]))
            held[where[: min(ceil(part * len(where) - 1e-9), len(where) - 1)]] = True
        return self.take((~held).nonzero().flatten()), self.take(held.nonzero().flatten())
