"""Lotteries and what they can draw."""

import numpy as np
import pytest

from causalrec.errors import DataError, ShapeError
from causalrec.estimation.interference.assignments import (
    Assignment,
    BernoulliAssignment,
    ClusterAssignment,
    CompleteAssignment,
)

CODES = np.arange(60) // 3
LOTTERIES = [BernoulliAssignment(0.3), CompleteAssignment(20), ClusterAssignment(CODES, 0.4)]


@pytest.mark.parametrize("lottery", LOTTERIES)
def test_chances_are_those_stated(lottery):
    drawn = lottery.draw(60, 4000, np.random.default_rng(0))
    share = {BernoulliAssignment: 0.3, CompleteAssignment: 1 / 3, ClusterAssignment: 0.4}[type(lottery)]
    assert np.abs(drawn.mean(axis=1) - share).max() < 0.035
    assert isinstance(lottery, Assignment)
    assert lottery.words


@pytest.mark.parametrize("lottery", LOTTERIES)
def test_redraws_keep_what_is_fixed_and_draw_the_rest_alike(lottery):
    rng = np.random.default_rng(1)
    treatment = lottery.draw(60, 1, rng)[:, 0].astype(float)
    fixed = CODES < 7
    drawn = lottery.redraw(treatment, fixed, 3000, rng)
    assert (drawn[fixed] == (treatment[fixed, None] > 0)).all()
    for column in drawn.T[:20]:
        lottery.refuse(column.astype(float))
    expected = treatment[~fixed].mean() if isinstance(lottery, CompleteAssignment) else lottery.probability
    assert np.abs(drawn[~fixed].mean(axis=1) - expected).max() < 0.05


def test_complete_and_cluster_draws_are_whole():
    assert (CompleteAssignment(7).draw(20, 50, np.random.default_rng(0)).sum(axis=0) == 7).all()
    drawn = ClusterAssignment(CODES, 0.5).draw(60, 50, np.random.default_rng(0)).reshape(20, 3, 50)
    assert (drawn == drawn[:, :1]).all()


@pytest.mark.parametrize(("make", "words"), [
    (lambda: BernoulliAssignment(0), "between 0 and 1"), (lambda: BernoulliAssignment("half"), "'half'"),
    (lambda: BernoulliAssignment(True), "True"), (lambda: CompleteAssignment(0), "1 or more"),
    (lambda: CompleteAssignment(2.5), "whole number"), (lambda: ClusterAssignment(CODES, 1.0), "between 0 and 1"),
    (lambda: ClusterAssignment(np.array(["a"]), 0.5), "whole numbers"),
    (lambda: CompleteAssignment(5).draw(5, 1, np.random.default_rng(0)), "one is left untreated"),
    (lambda: CompleteAssignment(5).refuse(np.ones(8)), "5 units were to be treated, and 8 are"),
    (lambda: ClusterAssignment(np.array([0, 0, 1]), 0.5).refuse(np.array([1.0, 0, 0])), "1 are treated in part"),
    (lambda: ClusterAssignment(np.array([0, 0, 1]), 0.5).lots(4), "3 units, and there are 4"),
])  # fmt: skip
def test_lotteries_that_are_none(make, words):
    with pytest.raises((DataError, ShapeError), match=words):
        make()
