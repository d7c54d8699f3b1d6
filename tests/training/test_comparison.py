"""Fair comparisons, on trials that train nothing."""

import pytest

from artcnn.errors import DivergenceError
from artcnn.training.classification import Score
from artcnn.training.comparison import Fit, compare
from artcnn.training_recipes import TrainRecipe

BEST = {"tall": 0.01, "wide": 0.002}
"""The rate at which each arm, told by its batch, errs least on what is held out."""
ARMS = {"tall": TrainRecipe(batch=1), "wide": TrainRecipe(batch=2)}


def run(rates, seeds=3, diverging=()):
    """Return the outcomes, every training and every score that was asked for, as (arm, seed, rate)."""
    trained, scored = [], []

    def trial(recipe, condition):
        arm = "tall" if recipe.batch == 1 else "wide"
        what = arm, recipe.seed, recipe.lr
        trained.append(what)
        if recipe.lr in diverging:
            raise DivergenceError("too fast")

        def score():
            scored.append(what)
            return 100 * recipe.lr + recipe.seed

        accuracy = 0.9 if recipe.lr == BEST[arm] else 0.8
        return Fit(Score(loss=1 / recipe.lr, error=0.0, accuracy=accuracy), score)

    outcomes = list(compare(ARMS, ["few"], seeds, rates, trial))
    return outcomes, trained, scored


def test_every_arm_gets_the_rate_with_the_fewest_errors_and_no_test_example_chooses():
    outcomes, trained, scored = run([0.002, 0.005, 0.01])
    assert {outcome.arm: outcome.lr for outcome in outcomes} == BEST
    assert [outcome.seed for outcome in outcomes] == [0, 1, 2, 0, 1, 2]
    assert scored == [(outcome.arm, outcome.seed, outcome.lr) for outcome in outcomes]
    assert len(trained) == 2 * (3 + 2), "the chosen one's first seed is not trained again"


def test_where_errors_are_equal_the_loss_decides():
    outcomes, *_ = run([0.003, 0.004], seeds=1)
    assert [outcome.lr for outcome in outcomes] == [0.004, 0.004]


def test_without_rates_the_recipes_own_is_taken():
    outcomes, trained, _ = run([], seeds=1)
    assert [outcome.lr for outcome in outcomes] == [ARMS["tall"].lr, ARMS["wide"].lr]
    assert len(trained) == 2


def test_a_rate_that_diverges_is_not_chosen():
    outcomes, *_ = run([0.002, 0.005, 0.01], seeds=1, diverging=[0.01])
    assert [outcome.lr for outcome in outcomes] == [0.005, 0.002]
    with pytest.raises(DivergenceError):
        run([0.01], diverging=[0.01])
