"""Controls of a survey for a training programme: what the attacks see of a set that is too small."""

import pandas as pd
import pytest

from causalrec.data import Dataset
from causalrec.estimation import IPW, OLS, estimate_effect
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand
from causalrec.refutation import Attacked
from causalrec.refutation.overlap.balance import covariate_balance
from causalrec.refutation.overlap.extrapolation import extrapolation
from causalrec.refutation.overlap.propensity import propensity_overlap
from causalrec.refutation.routes.other_sets import other_sets
from tests.datasets import LALONDE_COVARIATES, LALONDE_FILES, need, place

NAMES = dict(
    zip(LALONDE_COVARIATES, ("age", "education", "black", "hispanic", "married", "no degree", "earnings 1974",
                             "earnings 1975"), strict=True)
)  # fmt: skip
GRAPH = CausalGraph([(c, end) for c in NAMES.values() for end in ("trained", "earnings")] + [("trained", "earnings")])
ATTACKS = other_sets, covariate_balance, propensity_overlap, extrapolation


@pytest.fixture(scope="module")
def rows():
    need(*LALONDE_FILES)
    trained, controls = (pd.read_stata(place() / file) for file in LALONDE_FILES)
    both = pd.concat([trained[trained.treat == 1], controls]).reset_index(drop=True).astype({"treat": float})
    named = both.rename(columns={**NAMES, "treat": "trained", "re78": "earnings"})
    return Dataset.from_frames(named[["trained", "earnings", *NAMES.values()]].astype(float))


def failed(rows, adjustment, estimator, target="ATE"):
    estimand = Estimand(("trained",), "earnings", "adjustment", adjustment=tuple(adjustment))
    effect = estimate_effect(estimand, rows, estimator=estimator, target=target)
    world = Attacked(effect, rows, effect.recipe.columns(estimand, rows), effect.recipe, GRAPH)
    return {attack.__name__: found for attack in ATTACKS if (found := attack(world)).verdict == "failed"}


def test_age_and_education_alone_are_flagged_twice(rows):
    found = failed(rows, ("age", "education"), IPW(target="ATT"), "ATT")
    assert {"other_sets", "covariate_balance"} <= set(found)
    assert "earnings 1974" in found["covariate_balance"].reason
    assert found["other_sets"].refuted == pytest.approx(1180, abs=30)


def test_the_whole_set_leaves_nothing_that_these_attacks_see_for_the_treated(rows):
    assert not failed(rows, NAMES.values(), IPW(target="ATT"), "ATT")


def test_the_effect_on_all_lacks_overlap_and_balance_and_says_for_whom(rows):
    found = failed(rows, NAMES.values(), OLS())
    assert set(found) == {"covariate_balance", "propensity_overlap", "extrapolation"}
    assert "earnings 1974" in found["extrapolation"].reason
    assert "treated among them" in found["extrapolation"].reason
