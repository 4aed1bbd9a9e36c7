"""Scores of users and items from a flat table."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from causalrec.data import Dataset
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.estimation.learners import DRLearner, TLearner
from causalrec.estimation.unit_scores import score_units
from causalrec.identification import Estimand

LEARNER = DRLearner(LinearRegression(), LogisticRegression())
ESTIMAND = Estimand(("shown",), "bought", "adjustment", adjustment=("taste",), conditional=("age",))
N_WORLDS = 60


def log(seed=0, slope=1.0, n_users=60, n_items=20, n_rows=3000):
    """Users see items; an item shown is bought more by 1 + slope * age of the user."""
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, n_users, n_rows), rng.integers(0, n_items, n_rows)
    age, taste = rng.normal(size=n_users)[user], rng.normal(size=(n_users, n_items))[user, item]
    shown = (rng.random(n_rows) < 1 / (1 + np.exp(-taste))).astype(int)
    bought = taste + shown * (1 + slope * age) + rng.normal(size=n_rows)
    names = {"user": np.array([f"u{k:02d}" for k in user]), "item": np.array([f"i{k:02d}" for k in item])}
    columns = {"shown": shown, "bought": bought, "taste": taste, "age": age}
    return Dataset.from_frames(pa.table({**names, **columns})), age


def test_each_user_and_item_has_its_own_effect():
    data, age = log()
    found = score_units(ESTIMAND, data, ["age"], learner=LEARNER)
    rows = data.tables["interactions"]
    seen = {(u, i) for u, i in zip(rows["user"].to_pylist(), rows["item"].to_pylist(), strict=True)}
    assert not found.constant
    assert list(zip(found.scores.user, found.scores.item, strict=True)) == sorted(seen)
    truth = dict(zip(rows["user"].to_pylist(), 1 + age, strict=True))
    error = found.scores.value - np.array([truth[user] for user in found.scores.user])
    assert (np.abs(error) < 4.5 * found.scores.stderr).all()
    assert found.scores.treatment == "shown"
    assert ((found.scores.propensity >= 0) & (found.scores.propensity <= 1)).all()


def test_a_constant_effect_is_not_spread_out():
    constant = 0
    for seed in range(N_WORLDS):
        found = score_units(ESTIMAND, log(seed, slope=0.0, n_rows=600)[0], ["age"], learner=LEARNER)
        constant += found.constant
        if found.constant:
            assert len(np.unique(found.scores.value)) == 1
            assert (found.scores.stderr > 0).all()
            assert "average effect" in str(found)
    from scipy.stats import binom

    assert constant >= binom.ppf(0.0005, N_WORLDS, 0.95)


def test_rows_in_another_order_give_the_same():
    import pyarrow as pa

    data, _ = log(n_rows=800)
    table = data.tables["interactions"]
    again = Dataset.from_frames(table.take(pa.array(np.random.default_rng(0).permutation(table.num_rows))))
    first, second = (score_units(ESTIMAND, rows, ["age"], learner=LEARNER).scores for rows in (data, again))
    assert (first.user == second.user).all()
    assert first.value == pytest.approx(second.value, abs=1e-9)
    assert first.stderr == pytest.approx(second.stderr, rel=1e-6)


def test_errors_are_clustered_by_what_is_asked_for():
    data, _ = log()
    found = score_units(ESTIMAND, data, ["age"], learner=LEARNER, clusters=["user"])
    assert not found.constant


def test_what_scores_refuse():
    data, _ = log(n_rows=300)
    with pytest.raises(DataError, match=r"conditional=\['price'\]"):
        score_units(ESTIMAND, data, ["price"], learner=LEARNER)
    with pytest.raises(DataError, match="Name the modifiers"):
        score_units(ESTIMAND, data, [], learner=LEARNER)
    with pytest.raises(MissingColumnsError, match="customer"):
        score_units(ESTIMAND, data, ["age"], learner=LEARNER, user="customer")
    with pytest.raises(EstimationError, match="not all of them"):
        score_units(ESTIMAND, data, ["age"], learner=TLearner(LinearRegression()))
