"""Labeled examples in memory."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs and labels in tensors.

    Attributes:
        inputs: shape (N, C, H, W), uint8.
        labels: shape (N,), int64: indices into ``classes``.
        classes: names of the classes.
        name: of the dataset.
    """

    inputs: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    name: str

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return a batch by indices: inputs in [0, 1], shape (B, C, H, W), and labels, shape (B,)."""
        return self.inputs[indices].float().div_(255), self.labels[indices]

    def take(self, indices: Tensor) -> "Examples":
        """Return a subset by indices."""
        return Examples(self.inputs[indices], self.labels[indices], self.classes, self.name)

    def split(self, validation: int, seed: int) -> tuple["Examples", "Examples"]:
        """Shuffle by the seed and split: all but ``validation`` examples, and the validation examples."""
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        return self.take(order[validation:]), self.take(order[:validation])

    def sha256(self) -> str:
        """Return the sha256 of inputs and labels, in hexadecimal."""
        digest = hashlib.sha256(self.inputs.numpy().tobytes())
        digest.update(self.labels.numpy().tobytes())
        return digest.hexdigest()
