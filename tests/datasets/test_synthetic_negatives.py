"""Words that are none, made of words."""

import torch

from artcnn.datasets.examples import Examples
from artcnn.datasets.synthetic_negatives import WithOthers
from artcnn.datasets.utterance import OTHER, known_words


def words(count: int = 60) -> Examples:
    """Return words whose columns count up, so that it can be seen what became of them."""
    columns = torch.arange(64, dtype=torch.uint8) + 1
    columns[:16] = columns[48:] = 0
    inputs = columns.expand(count, 1, 40, 64).clone()
    labels = torch.arange(count) % 3
    inputs += (64 * labels.view(-1, 1, 1, 1)).byte() * (inputs > 0)
    return Examples(inputs, labels, ("a", "b", "c"), "test")


def test_the_words_are_as_they_were_and_the_others_come_behind():
    both = WithOthers(words(), 0.5)
    assert (len(both), both.classes) == (90, ("a", "b", "c", OTHER))
    assert known_words(both.classes) == ("a", "b", "c")
    inputs, labels = both.batch(torch.tensor([3, 70, 4]))
    expected, known = words().batch(torch.tensor([3, 4]))
    assert torch.equal(inputs[[0, 2]], expected)
    assert labels.tolist() == [known[0], 3, known[1]]


def test_an_other_is_backwards_or_swapped_or_of_two_words():
    both, seen = WithOthers(words(), 1.0), set()
    inputs, labels = both.batch(torch.arange(60, 120))
    assert labels.tolist() == [3] * 60
    for made, word in zip(inputs.mul(255).round().int(), words().inputs.int(), strict=True):
        row, whole = made[0, 0], word[0, 0]
        assert not torch.equal(row, whole), "never the word itself"
        if torch.equal(row, whole.flip(0)):
            seen.add("backwards")
        elif torch.equal(row[16:32], whole[32:48]) and torch.equal(row[32:48], whole[16:32]):
            seen.add("swapped")
        else:
            assert torch.equal(row[:32], whole[:32])
            assert abs(int(row[40] - whole[40])) in (64, 128), "of another word"
            seen.add("joined")
    assert seen == {"backwards", "swapped", "joined"}


def test_the_same_indices_give_the_same():
    both = WithOthers(words(), 1.0)
    one, same = (both.batch(torch.arange(50, 90))[0] for _ in range(2))
    assert torch.equal(one, same)
    assert torch.equal(words().inputs, both._words.inputs), "the words are not touched"
