"""EconML estimators on a design: EconML's own numbers, coverage, clusters, and what is refused."""

import numpy as np
import pytest
from econml.dml import CausalForestDML, KernelDML, LinearDML, SparseLinearDML
from econml.dr import DRLearner, LinearDRLearner
from econml.iv.dml import OrthoIV
from econml.metalearners import TLearner
from sklearn.linear_model import LinearRegression, LogisticRegression

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.adapters.econml import EconMLEstimator
from causalrec.estimation.heterogeneity.forest import forest_memory, prediction_rows
from causalrec.estimation.row_order import row_order

N_WORLDS = 100
DML = {"model_y": LinearRegression(), "model_t": LogisticRegression(C=1e6), "discrete_treatment": True}
DR = {"model_regression": LinearRegression(), "model_propensity": LogisticRegression(C=1e6)}


def linear_dml(**given):
    return LinearDML(**DML, cv=2, random_state=0, **given)


def linear_dr():
    return LinearDRLearner(**DR, cv=2, random_state=0)


def forest(**given):
    return CausalForestDML(**DML, cv=2, n_estimators=40, n_jobs=1, random_state=0, **given)


def in_order(design):
    """Rows as EconML is handed them."""
    rows = design.rows(row_order(design))
    return rows, rows.covariates


@pytest.mark.parametrize("make", [linear_dml, linear_dr])
def test_value_and_units_are_econmls(planted, make):
    design, X = in_order(planted(0)[0])
    found = EconMLEstimator(make()).fit(planted(0)[0])
    theirs = make().fit(design.outcome, design.treatments[:, 0], X=X)
    assert found.value_[0] == pytest.approx(float(theirs.ate(X)), abs=1e-10)
    units, inference = found.effects(design), theirs.effect_inference(X)
    assert units.value == pytest.approx(inference.point_estimate, abs=1e-10)
    assert units.stderr == pytest.approx(inference.stderr, abs=1e-10)


def test_the_average_error_without_modifiers_is_econmls(planted):
    design, X = in_order(planted(0)[0])
    found = EconMLEstimator(linear_dml(), modifiers=()).fit(design)
    theirs = linear_dml().fit(design.outcome, design.treatments[:, 0], W=X)
    assert found.value_[0] == pytest.approx(float(theirs.ate()), abs=1e-10)
    assert found.stderr_[0] == pytest.approx(float(theirs.ate_inference().stderr_mean), rel=2e-3)
    assert len(found.effects(np.empty((5, 0)))) == 5


def test_a_forests_average_is_econmls_doubly_robust_one(planted):
    design, X = in_order(planted(0, 400)[0])
    found = EconMLEstimator(forest()).fit(planted(0, 400)[0])
    theirs = forest().fit(design.outcome, design.treatments[:, 0], X=X)
    assert found.value_[0] == pytest.approx(float(np.ravel(theirs.ate_)[0]), abs=1e-10)
    assert found.stderr_[0] == pytest.approx(float(np.ravel(theirs.ate_stderr_)[0]), rel=5e-3)
    assert (found.effects(design).stderr > 0).all()


@pytest.mark.parametrize("make", [linear_dml, linear_dr])
@pytest.mark.parametrize("clusters", [None, 100])
def test_intervals_cover(planted, covers_at_95, estimand, make, clusters):
    hits = []
    for seed in range(N_WORLDS):
        low, high = EconMLEstimator(make()).fit(planted(seed, 400, clusters=clusters)[0]).effect(estimand).interval()
        hits.append(low <= 1 <= high)
    assert covers_at_95(hits)


def test_clusters_widen_the_error(planted, estimand):
    design, _ = planted(0, 800, clusters=80)
    alone = Design(design.outcome, design.treatments, design.covariates, (), {}, ("shown",), ("a", "b", "c"))
    clustered = EconMLEstimator(linear_dr()).fit(design)
    assert clustered.effect(estimand).n_clusters == {"user": 80}
    assert clustered.stderr_[0] > 1.5 * EconMLEstimator(linear_dr()).fit(alone).stderr_[0]


def test_econmls_own_error_where_it_keeps_no_influence(planted):
    design, _ = planted(0, 400)
    found = EconMLEstimator(SparseLinearDML(**DML, cv=2, random_state=0)).fit(design)
    assert found.influence_ is None
    assert found.value_[0] == pytest.approx(1, abs=4 * found.stderr_[0])


def test_instruments_become_z():
    rng = np.random.default_rng(0)
    n = 2000
    hidden, z, X = rng.normal(size=n), rng.integers(0, 2, n).astype(float), rng.normal(size=(n, 1))
    t = (z + hidden + rng.normal(size=n) > 0.5).astype(float)
    y = 2 * t + hidden + X[:, 0] + rng.normal(size=n)
    design = Design(y, t[:, None], X, (), {}, ("t",), ("a",), instruments=z[:, None])
    theirs = OrthoIV(model_y_xw=LinearRegression(), model_t_xw=LinearRegression(), model_z_xw=LinearRegression(), cv=2)
    found = EconMLEstimator(theirs, modifiers=()).fit(design)
    assert found.value_[0] == pytest.approx(2, abs=4 * found.stderr_[0])


def test_arms_that_econmls_own_model_tells_apart_are_refused(planted):
    """LinearDML itself gives -143 ± 43 here, where the effect is 1."""
    design, X = planted(0, 400)
    apart = (X[:, :1] > 0).astype(float)
    rows = Design(design.outcome + apart[:, 0], apart, X, (), {}, ("shown",), ("a", "b", "c"))
    for make in (linear_dml, linear_dr):
        with pytest.raises(EstimationError, match="nobody to be compared with"):
            EconMLEstimator(make()).fit(rows)


def test_what_econml_cannot_fit_is_said_with_its_words(planted):
    design, X = planted(0, 300)
    one = Design(design.outcome, np.eye(300)[:, :1], X, (), {}, ("shown",), ("a", "b", "c"))
    with pytest.raises(EstimationError, match="LinearDML could not be fitted to 'shown' in 300 rows: Provided cross"):
        EconMLEstimator(linear_dml()).fit(one)


def test_what_the_adapter_refuses(planted):
    design, _ = planted(0, 300)
    with pytest.raises(EstimationError, match="TLearner gives no standard error of the average"):
        EconMLEstimator(TLearner(models=LinearRegression())).fit(design)
    with pytest.raises(EstimationError, match="KernelDML gives no standard error"):
        EconMLEstimator(KernelDML(**DML, random_state=0)).fit(design)
    with pytest.raises(DataError, match="cannot be clustered by 'user'"):
        EconMLEstimator(SparseLinearDML(**DML, cv=2, random_state=0)).fit(planted(0, 300, clusters=30)[0])
    with pytest.raises(DataError, match="takes no covariates that are no modifiers"):
        EconMLEstimator(TLearner(models=LinearRegression()), modifiers=("a",)).fit(design)
    model = EconMLEstimator(DRLearner(**DR, model_final=LinearRegression(), cv=2, random_state=0)).fit(design)
    with pytest.raises(EstimationError, match="no standard error of single units"):
        model.effects(design)


def test_a_forest_that_is_too_large_is_refused_before_it_starts(planted):
    design, _ = planted(0, 300)
    with pytest.raises(EstimationError, match=r"40 trees on 300 rows x 3 columns may take .* GB"):
        EconMLEstimator(forest(), max_memory=1e5).fit(design)
    assert forest_memory(forest(), 2_000_000, 20) < 8e9 < forest_memory(forest(min_samples_leaf=1), 2_000_000, 20)
    assert forest_memory(linear_dml(), 2_000_000, 20) == 0
    assert prediction_rows(forest(), 2_000_000) < 1_000_000
