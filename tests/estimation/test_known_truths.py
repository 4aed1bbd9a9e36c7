"""Public data sets whose answers are known; `make truth` has every estimator, this the fast part."""

from dataclasses import replace

import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.instruments.instrumental import TwoStageLeastSquares
from causalrec.estimation.linear.dml import PartiallyLinearDML
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.weighting.inverse_propensity import IPW
from tests import datasets


def test_schooling():
    datasets.need(*datasets.CARD_FILES)
    rows = datasets.card(instrument=True)
    plain, moved = OLS().fit(datasets.card()), TwoStageLeastSquares().fit(rows)
    assert plain.value_[0] == pytest.approx(0.071, abs=5e-4)
    assert moved.value_[0] == pytest.approx(0.124, abs=5e-4)
    assert moved.stderr_[0] > 10 * plain.stderr_[0]


def test_incentive():
    datasets.need(*datasets.THORNTON_FILES)
    rows = datasets.thornton()
    for estimator in (OLS(), PartiallyLinearDML(), IPW()):
        found = estimator.fit(rows)
        assert found.value_[0] == pytest.approx(0.45, abs=0.01)
        assert found.n_clusters_ == {"villnum": 119}


def test_quitting_smoking():
    datasets.need(*datasets.NHEFS_FILES)
    rows = datasets.nhefs()
    naive = OLS().fit(replace(rows, covariates=np.empty((rows.n, 0)), covariate_names=()))
    assert naive.value_[0] == pytest.approx(2.5, abs=0.05)
    for estimator in (OLS(), PartiallyLinearDML(), IPW()):
        found = estimator.fit(rows)
        assert found.value_[0] == pytest.approx(3.4, abs=0.2)  # folds alone move a cross-fitted one by .05
        assert found.stderr_[0] == pytest.approx((4.5 - 2.4) / 3.92, rel=0.15)


def test_training():
    datasets.need(*datasets.LALONDE_FILES)
    rows, experiment = datasets.lalonde(), datasets.lalonde("nsw")
    nothing = {"covariates": np.empty((rows.n, 0)), "covariate_names": ()}
    assert OLS().fit(replace(rows, **nothing)).value_[0] == pytest.approx(-8_497.5, abs=0.1)
    drawn = OLS().fit(replace(experiment, covariates=np.empty((445, 0)), covariate_names=()))
    assert drawn.value_[0] == pytest.approx(1_794.3, abs=0.1)
    assert drawn.stderr_[0] == pytest.approx(671, abs=1)
    assert OLS().fit(rows).value_[0] == pytest.approx(699.1, abs=0.1)
    found = IPW(target="ATT").fit(rows)
    assert abs(found.value_[0] - 1_794) < 671 + found.stderr_[0]
    with pytest.raises(EstimationError, match="nobody to be compared with"):
        IPW().fit(rows)
