import numpy as np
import pytest

from causalrec.data import Design
from causalrec.errors import DataError, EstimationError, NotFittedError
from causalrec.estimation.estimators import InfluenceEstimator, effective_number
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.identification import Estimand

ESTIMAND = Estimand(("shown", "mailed"), "bought", "adjustment")


class Mean(InfluenceEstimator):
    """Means of the treatments' columns."""

    def __init__(self, inner=None, *, rate=0.5):
        self.inner = inner
        self.rate = rate

    def fit(self, design):
        value = design.treatments.mean(axis=0)
        return self._keep(
            design, value=value, influence=design.treatments - value, n_parameters=1, method="means",
            diagnostics={"rate": self.rate},
        )  # fmt: skip


def design(n=200, clusters=(), weight=None, seed=0):
    rng = np.random.default_rng(seed)
    codes = {name: rng.integers(0, 12, n) for name in clusters}
    return Design(rng.normal(size=n), rng.normal(size=(n, 2)), np.empty((n, 0)), (), codes, weight=weight)


@pytest.mark.parametrize("clusters", [(), ("user",), ("user", "item")])
def test_treatments_set_together_add_up_with_clustered_errors(clusters):
    rows = design(clusters=clusters)
    found = Mean().fit(rows)
    effect = found.effect(ESTIMAND, unit="baskets")
    together = rows.treatments.sum(axis=1)
    expected, dof = influence_covariance((together - together.mean())[:, None], rows.clusters, 1)
    assert effect.value == pytest.approx(together.mean())
    assert effect.stderr == pytest.approx(float(expected[0, 0]) ** 0.5)
    assert (effect.dof, effect.unit, effect.n, effect.method) == (dof, "baskets", 200, "means")
    assert effect.n_clusters == dict.fromkeys(clusters, 12)
    assert effect.diagnostics == {"rate": 0.5}
    np.testing.assert_allclose(effect.influence, together - together.mean())
    assert found.stderr_.shape == (2,)


def test_weights_give_an_effective_number_of_units():
    weight = np.r_[np.ones(50), np.zeros(150)]
    assert Mean().fit(design(weight=weight)).effect(ESTIMAND).effective_n == 50
    assert np.isnan(Mean().fit(design()).effect(ESTIMAND).effective_n)
    assert np.isnan(effective_number(None))


def test_parameters_are_kept_listed_set_and_printed():
    found = Mean(Mean(rate=0.1))
    assert found.get_params(deep=False) == {"inner": found.inner, "rate": 0.5}
    assert found.get_params()["inner__rate"] == 0.1
    found.set_params(rate=0.2, inner__rate=0.3)
    assert (found.rate, found.inner.rate) == (0.2, 0.3)
    assert repr(found) == "Mean(inner=Mean(rate=0.3), rate=0.2)"
    assert repr(Mean()) == "Mean()"
    with pytest.raises(DataError, match="Mean has no parameter 'speed'; it has inner, rate"):
        found.set_params(speed=1)


def test_scikit_learn_clones_it():
    clone = pytest.importorskip("sklearn.base").clone
    assert clone(Mean(rate=0.3)).rate == 0.3


def test_asking_before_fitting_is_refused():
    with pytest.raises(NotFittedError, match="This Mean is not fitted yet"):
        Mean().effect(ESTIMAND)
    with pytest.raises(NotFittedError, match="not fitted"):
        _ = Mean().stderr_


def test_an_error_that_is_no_number_is_refused():
    rows = design()
    rows.treatments[3, 0] = np.nan
    with pytest.raises(EstimationError, match="the effect of shown and mailed on bought"):
        Mean().fit(rows).effect(ESTIMAND)
