from dataclasses import replace

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.matching.matching import Matching
from causalrec.estimation.matching.neighbours import nearest_units
from tests.estimation.planted import expit, permuted, planted, refuse_coverage

N_RUNS = 200


@pytest.mark.parametrize("target", ["ATE", "ATT"])
@pytest.mark.parametrize(
    "given", [{}, {"n_matches": 4}, {"metric": "mahalanobis"}, {"n_matches": 3, "metric": "mahalanobis"}], ids=str
)
def test_intervals_cover(target, given):
    refuse_coverage(lambda seed: planted(seed), lambda: Matching(target=target, **given), 1.0, N_RUNS, max_width=1.2)


def test_intervals_cover_where_covariates_are_few_levels():
    def make(seed):
        rng = np.random.default_rng(seed)
        x = rng.integers(0, 4, 400).astype(float)
        t = (rng.random(400) < expit(0.5 * x - 1)).astype(float)
        y = np.sin(x) + t + rng.normal(size=400)
        return Design(y, t[:, None], x[:, None], (), {}, ("shown",))

    for target in ("ATE", "ATT"):
        refuse_coverage(make, lambda t=target: Matching(target=t, bias_correction=False), 1.0, N_RUNS)


def test_intervals_cover_an_effect_that_differs():
    def truth(design):
        return 1.0

    refuse_coverage(lambda seed: planted(seed, slope=1.0), lambda: Matching(target="ATE"), truth, N_RUNS)


def test_equals_brute_force():
    rows = planted(0, n=120)
    X, t, y = rows.covariates / rows.covariates.std(axis=0), rows.treatments[:, 0], rows.outcome
    distance = ((X[t == 1][:, None] - X[t == 0][None]) ** 2).sum(axis=2)
    nearest = np.argsort(distance, axis=1)[:, :2]
    value = (y[t == 1] - y[t == 0][nearest].mean(axis=1)).mean()
    found = Matching(2, bias_correction=False).fit(rows)
    assert found.value_[0] == pytest.approx(value)
    times = np.bincount(nearest.ravel(), minlength=(t == 0).sum()) / 2
    np.testing.assert_allclose(found.weights_[t == 0], times)
    assert found.diagnostics_["most uses of one unit"] == times.max()


def test_ties_all_count():
    found = nearest_units(np.array([[0.0]]), np.array([[1.0], [-1.0], [1.0], [5.0]]), 1)
    assert found.mean(np.array([3.0, 6.0, 9.0, 100.0]))[0] == pytest.approx(6.0)
    many = nearest_units(np.zeros((3, 1)), np.repeat([[1.0], [2.0]], 500, axis=0), 1)
    assert many.times[:500].sum() == pytest.approx(3)
    assert many.times[500:].sum() == 0


def test_rows_in_another_order_and_scale():
    rows = planted(0)
    for array in (rows.outcome, rows.covariates, rows.treatments):
        array.setflags(write=False)
    first, again = Matching(target="ATE").fit(rows), Matching(target="ATE").fit(permuted(rows)[0])
    np.testing.assert_allclose([*first.value_, *first.stderr_], [*again.value_, *again.stderr_], rtol=1e-9)
    scaled = Matching(target="ATE").fit(replace(rows, outcome=rows.outcome * 8 + 1, covariates=rows.covariates * 4))
    np.testing.assert_allclose(scaled.stderr_, 8 * first.stderr_, rtol=1e-8)


def test_refusals():
    rows = planted(0, n=120, n_per_cluster=4)
    with pytest.raises(EstimationError, match="no clusters by user"):
        Matching().fit(rows)
    plain = replace(rows, clusters={})
    with pytest.raises(EstimationError, match="no weights"):
        Matching().fit(replace(plain, weight=np.ones(120)))
    with pytest.raises(EstimationError, match="too few to match"):
        Matching(100).fit(plain)
    with pytest.raises(EstimationError, match="nothing to match on"):
        Matching().fit(replace(plain, covariates=np.ones((120, 1)), covariate_names=("one",)))
    for given in ({"n_matches": 0}, {"metric": "cosine"}, {"target": "ATO"}):
        with pytest.raises(DataError, match=next(iter(given))):
            Matching(**given).fit(plain)
