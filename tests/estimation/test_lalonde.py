"""The effect of job training on the trained, from other men's earnings, against the experiment's 1,794 (671)."""

import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.tmle import TMLE
from causalrec.estimation.matching.matching import Matching
from causalrec.estimation.weighting.balance import balance_table
from causalrec.estimation.weighting.entropy_balancing import EntropyBalancing
from causalrec.estimation.weighting.inverse_propensity import IPW
from tests.datasets import LALONDE_FILES, lalonde, need

EXPERIMENT, EXPERIMENT_ERROR = 1_794, 671


@pytest.fixture(scope="module")
def rows():
    need(*LALONDE_FILES)
    return lalonde()


def kinds():
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    models = LinearRegression(), make_pipeline(StandardScaler(), LogisticRegression(C=100.0, max_iter=2_000))
    return {
        "entropy balancing": EntropyBalancing(target="ATT"), "AIPW, linear": AIPW(*models, target="ATT"),
        "TMLE, linear": TMLE(*models, target="ATT"), "IPW": IPW(target="ATT"),
        "matching": Matching(4, metric="mahalanobis"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", kinds())
def test_the_effect_on_the_trained_is_near_the_experiment(rows, kind):
    found = kinds()[kind].fit(rows)
    value, stderr = float(found.value_[0]), float(found.stderr_[0])
    print(f"{kind}: {value:,.0f} ({stderr:,.0f})")
    assert abs(value - EXPERIMENT) < 1.96 * EXPERIMENT_ERROR
    assert 500 < stderr < 1_500


def test_the_arms_differ_before_and_agree_after(rows):
    before, after = balance_table(rows, EntropyBalancing(target="ATT").fit(rows)).largest
    assert before > 2
    assert after < 1e-6


def test_an_average_over_all_is_refused_and_says_for_whom(rows):
    models = kinds()["AIPW, linear"]
    linear = models.outcome_model, models.propensity_model
    for kind in (AIPW(*linear), IPW(), EntropyBalancing(), Matching(target="ATE")):
        with pytest.raises(EstimationError, match=r"no ATE. Overlap fails for .*re7"):
            kind.fit(rows)
    naive = np.diff([rows.outcome[rows.treatments[:, 0] == arm].mean() for arm in (0, 1)])[0]
    assert naive == pytest.approx(-8_498, abs=1)
