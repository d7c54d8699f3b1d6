"""Reasons to doubt an answer: the picture may show no digit, the recording may hold none of the words."""

from collections.abc import Callable, Sequence
from functools import cache

import torch
from torch import Tensor

from artcnn.datasets.handwriting import Handwriting, likeness, profiles
from artcnn.datasets.mnist import load_mnist
from artcnn.datasets.spoken import SURE, Word
from artcnn.datasets.utterance import OTHER
from artcnn.reports.messages import Message, message

Logits = Callable[["Tensor"], "Tensor"]
"""Inputs (N, C, H, W) in [0, 1] in, a network's outputs back, shape (N, classes)."""

_SURE, _ALIKE = 0.7, 0.82
"""Of MNIST's test digits, one in a hundred is less sure than the one, one in two hundred less alike than the other."""


def doubt_of_digit(logits: Logits, classes: Sequence[str], data: str, found: Handwriting) -> Message | None:
    """Return why a picture may show none of a network's digits, or not the one that it answers.

    Args:
        logits: the network.
        classes: its labels.
        data: what it learned from; if that is MNIST, the picture is compared with it.
        found: in the picture.
    """
    if found.doubt is not None:
        return message(found.doubt)
    if data == "mnist-train" and _likeness_with_mnist(found.digit) < _ALIKE:
        return message("it looks like none of the digits that the network learned from")
    with torch.no_grad():
        probabilities = logits(found.digit).softmax(1)[0]
        labels = {int(probabilities.argmax()), *logits(found.again).argmax(1).tolist()}
    if probabilities.max() < _SURE:
        return message("the network is not sure")
    if len(labels) > 1:
        every = [classes[label] for label in sorted(labels)]
        return message("it reads as {some} or as {other}", some=" or as ".join(every[:-1]), other=every[-1])
    return None


def doubt_of_word(logits: Logits, classes: Sequence[str], word: Word) -> Message | None:
    """Return why a recording may be none of a network's words, or not a single one.

    Args:
        logits: the network.
        classes: its labels.
        word: what was heard.
    """
    if word.doubt is not None:
        return message(word.doubt)
    with torch.no_grad():
        probability, best = logits(word.spectrogram).softmax(1)[0].max(0)
    if classes[int(best)] == OTHER or probability < SURE:
        return message("it sounds like none of the words that the network knows")
    return None


def _likeness_with_mnist(digit: Tensor) -> float:

    return float(likeness(digit, _mnist_profiles()))


@cache
def _mnist_profiles() -> Tensor:

    return profiles(load_mnist("train").inputs.float().div_(255))
