"""Synthetic negatives: nonwords made from known words, so that a network learns to reject unknown ones."""

import torch
from torch import Generator, Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.utterance import OTHER


class WithOthers:
    """Words, and negatives made from them: reversed, halves swapped, or halves of two words joined.

    Negatives have the sounds, voices and rooms of the words. (Training with such examples is called outlier exposure,
    Hendrycks et al. 2018, arXiv:1812.04606.)

    Attributes:
        classes: the words' labels, then ``OTHER``.
    """

    def __init__(self, words: Examples, share: float) -> None:
        """Add negatives to words.

        Args:
            words: spectrograms, (N, 1, BANDS, FRAMES), each word centered.
            share: number of negatives for each word.
        """
        self._words, self._others = words, round(share * len(words))
        self.classes = (*words.classes, OTHER)

    def __len__(self) -> int:
        return len(self._words) + self._others

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return a batch by indices: inputs in [0, 1] and labels. The same indices give the same negatives."""
        inputs, labels = self._words.batch(indices % len(self._words))
        made = indices >= len(self._words)
        if made.any():
            generator = Generator().manual_seed(int(indices.sum()))
            inputs[made] = self._make(inputs[made], labels[made], generator)
            labels[made] = len(self._words.classes)
        return inputs, labels

    def _make(self, words: Tensor, labels: Tensor, generator: Generator) -> Tensor:
        """Return negatives, shape (N, 1, BANDS, FRAMES), made from words."""
        count, half, quarter = len(words), words.shape[3] // 2, words.shape[3] // 4
        second, of = self._words.batch(torch.randint(len(self._words), (count,), generator=generator))
        backwards = words.flip(3)
        joined = torch.cat([words[..., :half], second[..., half:]], dim=3)
        # The outer quarters are usually silent, so the halves are swapped within the inner ones.
        inner = torch.cat([words[..., half : half + quarter], words[..., half - quarter : half]], dim=3)
        swapped = torch.zeros_like(words)
        swapped[..., half - quarter : half + quarter] = inner
        kind = torch.randint(3, (count,), generator=generator)
        kind[(kind == 1) & (labels == of)] = 0  # joining halves of the same word gives that word
        return torch.stack([backwards, joined, swapped])[kind, torch.arange(count)]
