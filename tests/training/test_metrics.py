import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, t, ttest_1samp

from artcnn.training.metrics import T95, Mean, confusion, score_classes, wilson_interval


@pytest.mark.slow
@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_wilsons(counts):
    right, total = counts
    expected = binomtest(right, total).proportion_ci(0.95, "wilson")
    assert wilson_interval(right, total) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_confusion_and_scores_by_hand():
    labels = torch.tensor([0, 0, 0, 1, 1, 2])
    guesses = torch.tensor([0, 0, 1, 1, 0, 0])
    matrix = confusion(labels, guesses, 4)
    assert matrix.tolist() == [[2, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    scores = score_classes(matrix)
    assert (scores[0].precision, scores[0].recall, scores[0].count) == (2 / 4, 2 / 3, 3)
    assert (scores[1].precision, scores[1].recall, scores[1].count) == (1 / 2, 1 / 2, 2)
    assert (scores[2].precision, scores[2].recall, scores[2].count) == (None, 0.0, 1)
    assert (scores[3].precision, scores[3].recall, scores[3].count) == (None, None, 0)


def test_the_interval_of_a_mean_is_students():
    assert pytest.approx([t.ppf(0.975, df) for df in range(1, 31)], abs=5e-4) == T95
    values = [5.3, 5.9, 5.1, 6.4, 5.6]
    mean, expected = Mean.from_values(values), ttest_1samp(values, 0).confidence_interval(0.95)
    assert (mean.value - mean.half, mean.value + mean.half) == pytest.approx(tuple(expected), abs=1e-3)
    assert Mean.from_values([3.0]) == Mean(3.0, None)
