"""Words that nobody taught: made of the known ones, so that a network learns what it does not know."""

import torch
from torch import Generator, Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.utterance import OTHER


class WithOthers:
    """Words to learn, and others made of them: backwards, the halves swapped, or the halves of two words joined.

    They have the sounds, the voices and the rooms of the words, and are none. (To learn from what is outside as well
    as from what is inside is outlier exposure, Hendrycks et al. 2018, arXiv:1812.04606.)

    Attributes:
        classes: the words' labels, then ``OTHER``.
    """

    def __init__(self, words: Examples, share: float) -> None:
        """Add others to words.

        Args:
            words: spectrograms, (N, 1, BANDS, FRAMES), each word in the middle.
            share: others for each word.
        """
        self._words, self._others = words, round(share * len(words))
        self.classes = (*words.classes, OTHER)

    def __len__(self) -> int:
        return len(self._words) + self._others

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return the examples of these indices: inputs in [0, 1] and labels; the same indices give the same others."""
        inputs, labels = self._words.batch(indices % len(self._words))
        made = indices >= len(self._words)
        if made.any():
            generator = Generator().manual_seed(int(indices.sum()))
            inputs[made] = self._make(inputs[made], labels[made], generator)
            labels[made] = len(self._words.classes)
        return inputs, labels

    def _make(self, words: Tensor, labels: Tensor, generator: Generator) -> Tensor:
        """Return other words, shape (N, 1, BANDS, FRAMES), made of these."""
        count, half, quarter = len(words), words.shape[3] // 2, words.shape[3] // 4
        second, of = self._words.batch(torch.randint(len(self._words), (count,), generator=generator))
        backwards = words.flip(3)
        joined = torch.cat([words[..., :half], second[..., half:]], dim=3)
        # The outer quarters are silence as a rule: the halves change places within the inner ones.
        inner = torch.cat([words[..., half : half + quarter], words[..., half - quarter : half]], dim=3)
        swapped = torch.zeros_like(words)
        swapped[..., half - quarter : half + quarter] = inner
        kind = torch.randint(3, (count,), generator=generator)
        kind[(kind == 1) & (labels == of)] = 0  # the halves of one word joined are that word
        return torch.stack([backwards, joined, swapped])[kind, torch.arange(count)]
