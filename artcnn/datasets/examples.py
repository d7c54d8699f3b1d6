"""Labelled examples in memory."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures with their labels, all in one tensor.

    Attributes:
        inputs: shape (N, C, H, W), bytes of 0 to 255.
        labels: shape (N,), int64: indices into ``classes``.
        classes: what the labels stand for.
        name: where they come from.
    """

    inputs: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    name: str

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return the examples of these indices: inputs in [0, 1], shape (B, C, H, W), and labels, shape (B,)."""
        return self.inputs[indices].float().div_(255), self.labels[indices]

    def take(self, indices: Tensor) -> "Examples":
        """Return the examples of these indices as a set of their own."""
        return Examples(self.inputs[indices], self.labels[indices], self.classes, self.name)

    def split(self, validation: int, seed: int) -> tuple["Examples", "Examples"]:
        """Return the examples in two parts, mixed by the seed: all but ``validation``, and these."""
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        return self.take(order[validation:]), self.take(order[:validation])

    def sha256(self) -> str:
        """Return the sha256 of inputs and labels, in hexadecimal."""
        digest = hashlib.sha256(self.inputs.numpy().tobytes())
        digest.update(self.labels.numpy().tobytes())
        return digest.hexdigest()
