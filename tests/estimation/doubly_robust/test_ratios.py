import json
from dataclasses import replace

import numpy as np
import pytest

from causalrec import CausalGraph, Dataset, identify
from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, NotFittedError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.estimation.doubly_robust.ratios import odds_ratio, ratio_effect, risk_ratio
from causalrec.estimation.doubly_robust.tmle import TMLE
from causalrec.estimation.weighting.entropy_balancing import EntropyBalancing
from causalrec.estimation.weighting.inverse_propensity import IPW
from tests.estimation.planted import Logit, exact_interval, expit, planted

N_RUNS = 100
N_CLUSTERED = 120
MODELS = {"n_folds": 2}
KINDS = {
    "AIPW": lambda: AIPW(Logit(), Logit(), **MODELS), "TMLE": lambda: TMLE(Logit(), Logit(), **MODELS), "IPW": IPW,
    "balanced": EntropyBalancing,
}  # fmt: skip
GRAPH = CausalGraph([("age", "shown"), ("age", "clicked"), ("shown", "clicked")])
ESTIMAND = identify(GRAPH, "shown", "clicked")
COIN = identify(CausalGraph([("shown", "clicked")]), "shown", "clicked")


def risks(effect=1.0):
    """Risks untreated and treated of `planted(binary=True)`, by a large sample of its level."""
    level = 0.8 * np.random.default_rng(9).normal(0, np.sqrt(1.5), 4_000_000) - 0.5
    return expit(level).mean(), expit(level + effect).mean()


def visits(seed, n=800, *, effect=1.0, n_per_user=1):
    """Clicks of users whose visits share age, and a treatment that is all of a user's where there are several."""
    rng = np.random.default_rng(seed)
    user = np.arange(n) // n_per_user
    age, taste = rng.normal(size=(2, user[-1] + 1))
    shown = (rng.random(user[-1] + 1) < expit(0.7 * age))[user].astype(float)
    chance = expit(0.9 * age[user] + (n_per_user > 1) * 1.2 * taste[user] - 0.5 + effect * shown)
    return {"age": age[user], "shown": shown, "clicked": (rng.random(n) < chance).astype(float), "user": user}


def crosses():
    """200 of 1,000 untreated and 300 of 1,000 treated."""
    clicked = np.concatenate([np.arange(1000) < 200, np.arange(1000) < 300]).astype(float)
    return {"shown": np.repeat([0.0, 1.0], 1000), "clicked": clicked}


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_cover_both_ratios(kind):
    off, on = risks()
    truth = {risk_ratio: on / off, odds_ratio: on / (1 - on) / (off / (1 - off))}
    covered = dict.fromkeys(truth, 0)
    logs = []
    for seed in range(N_RUNS):
        found = KINDS[kind]().fit(planted(seed, n=800, binary=True))
        for ratio, value in truth.items():
            low, high = ratio(found).interval()
            covered[ratio] += low <= value <= high
        logs.append(np.log(risk_ratio(found).value / truth[risk_ratio]))
    for count in covered.values():
        low, high = exact_interval(count, N_RUNS)
        assert low <= 0.95 <= high, f"{count} of {N_RUNS}"
    assert abs(np.mean(logs)) < 4 * np.std(logs) / np.sqrt(N_RUNS)


@pytest.mark.filterwarnings("ignore::causalrec.data.shared_treatment.SharedTreatmentWarning")
def test_intervals_cover_with_clusters_and_would_not_without():
    level = np.random.default_rng(9).normal(0, np.hypot(0.9, 1.2), 4_000_000) - 0.5
    truth = expit(level + 1).mean() / expit(level).mean()
    covered = {("user",): 0, (): 0}
    for seed in range(N_CLUSTERED):
        data = Dataset.from_frames(visits(seed, 800, n_per_user=8))
        for clusters in covered:
            low, high = ratio_effect(
                ESTIMAND, data, scale="risk ratio", clusters=clusters, estimator=TMLE(Logit(), Logit(), **MODELS)
            ).interval()  # fmt: skip
            covered[clusters] += low <= truth <= high
    low, high = exact_interval(covered[("user",)], N_CLUSTERED)
    assert low <= 0.95 <= high, covered
    assert covered[()] < 0.85 * N_CLUSTERED


def test_nothing_adjusted_for_is_the_table_of_two_by_two():
    data, factor = Dataset.from_frames(crosses()), np.sqrt(2000 / 1998)
    risk = ratio_effect(COIN, data, scale="risk ratio")
    assert risk.value == pytest.approx(1.5, rel=1e-10)
    assert risk.log_stderr == pytest.approx(factor * np.sqrt(0.8 / 200 + 0.7 / 300), rel=1e-8)
    odds = ratio_effect(COIN, data, scale="odds ratio")
    assert odds.value == pytest.approx(0.3 / 0.7 / 0.25, rel=1e-10)
    assert odds.log_stderr == pytest.approx(factor * np.sqrt(1 / 200 + 1 / 800 + 1 / 300 + 1 / 700), rel=1e-8)
    assert risk.reason == "nothing is adjusted for"


def test_a_saturated_table_is_standardised_as_a_logistic_regression_of_statsmodels_is():
    import statsmodels.api as sm

    table = visits(0, 3000)
    old = (table["age"] > 0).astype(float)
    t, y = table["shown"], table["clicked"]
    X = np.column_stack([np.ones_like(t), t, old, t * old])
    fitted = sm.GLM(y, X, family=sm.families.Binomial()).fit(cov_type="HC1")

    def arm(value):
        rows = np.column_stack([np.ones_like(t), np.full_like(t, value), old, value * old])
        chance = fitted.predict(rows)
        return chance, (chance * (1 - chance))[:, None] * rows

    (off, off_slope), (on, on_slope) = arm(0.0), arm(1.0)
    gradient = on_slope.mean(axis=0) / on.mean() - off_slope.mean(axis=0) / off.mean()
    spread = on / on.mean() - off / off.mean()  # of the covariates, which the regression takes as given
    stderr = np.sqrt(gradient @ fitted.cov_params() @ gradient + spread.var() / len(t))
    found = ratio_effect(
        ESTIMAND, Dataset.from_frames(table | {"age": old}), scale="risk ratio", estimator=IPW()
    )  # fmt: skip
    assert found.value == pytest.approx(on.mean() / off.mean(), rel=1e-6)
    assert found.log_stderr == pytest.approx(stderr, rel=2e-3)
    conditional = np.exp(fitted.params[1])
    marginal = ratio_effect(ESTIMAND, Dataset.from_frames(table | {"age": old}), scale="odds ratio", estimator=IPW())
    assert 1 < marginal.value < conditional  # odds ratios do not collapse


def test_the_choice_is_doubly_robust_and_printed():
    data = Dataset.from_frames(visits(1))
    found = ratio_effect(ESTIMAND, data, scale="risk ratio", clusters="user")
    assert found.method.startswith("TMLE")
    assert "risks stay within 0 and 1" in found.reason
    printed = str(found)
    assert printed.startswith("Risk ratio of shown on clicked: 1.")
    assert "+" not in printed
    assert "adjusted for age" in printed
    assert "clustered by 800 user" in printed
    assert ratio_effect(ESTIMAND, data, scale="odds ratio", target="ATO").method.startswith("AIPW")
    assert ratio_effect(ESTIMAND, data, scale="odds ratio", target="ATT").target == "ATT"
    few = Dataset.from_frames({name: column[:150] for name, column in visits(1).items()})
    assert "fewer than 200 rows" in ratio_effect(ESTIMAND, few, scale="risk ratio").reason
    saved = json.loads(json.dumps(found.to_dict()))
    assert 0 < saved["lower"] < saved["value"] < saved["upper"]
    assert saved["estimand"]["outcome"] == "clicked"


def test_swapped_arms_give_the_inverse_and_no_interval_leaves_the_positive():
    table = visits(2, 400)
    turned = table | {"shown": 1 - table["shown"]}
    one, other = (ratio_effect(ESTIMAND, Dataset.from_frames(t), scale="odds ratio", estimator=IPW())
                  for t in (table, turned))  # fmt: skip
    assert one.value * other.value == pytest.approx(1, rel=1e-8)
    assert one.interval()[0] * other.interval()[1] == pytest.approx(1, rel=1e-7)
    tiny = ratio_effect(COIN, Dataset.from_frames({"shown": [0, 1] * 50, "clicked": [0] * 97 + [1] * 3}),
                        scale="risk ratio")  # fmt: skip
    assert tiny.interval(0.9999)[0] > 0


def test_a_randomised_design_gives_the_textbook_error():
    rows = crosses()
    found = IPW().fit(Design(rows["clicked"], rows["shown"][:, None], np.empty((2000, 0)), (), {}))
    assert risk_ratio(found).log_stderr == pytest.approx(np.sqrt(0.8 / 200 + 0.7 / 300), rel=2e-3)
    assert "risk 0.2000 untreated, 0.3000 treated" in str(risk_ratio(found))
    assert risk_ratio(found).to_dict()["target"] == "ATE"


def test_refusals():
    with pytest.raises(NotFittedError):
        risk_ratio(IPW())
    with pytest.raises(EstimationError, match="code the outcome as 0 and 1"):
        odds_ratio(IPW().fit(planted(0, effect=5.0)))
    share = planted(0, binary=True)
    with pytest.raises(EstimationError, match="code the outcome as 0 and 1"):  # means that could be risks
        risk_ratio(IPW().fit(replace(share, outcome=0.3 + 0.2 * share.outcome)))
    with pytest.raises(EstimationError, match="InteractiveDML has no mean for each arm"):
        risk_ratio(InteractiveDML().fit(planted(0)))
    data = Dataset.from_frames(visits(3))
    with pytest.raises(DataError, match="scale is 'ratio'"):
        ratio_effect(ESTIMAND, data, scale="ratio")
    with pytest.raises(EstimationError, match="'clicked' goes from 0 to 3"):
        ratio_effect(ESTIMAND, Dataset.from_frames(visits(3) | {"clicked": np.arange(800) % 4}), scale="risk ratio")
    with pytest.raises(EstimationError, match="within values of age"):
        ratio_effect(identify(GRAPH, "shown", "clicked", conditional="age"), data, scale="risk ratio")
    with pytest.raises(EstimationError, match="has no mean for each arm"):
        ratio_effect(ESTIMAND, data, scale="risk ratio", estimator=InteractiveDML())
    nobody = visits(3)
    nobody["clicked"] = nobody["clicked"] * nobody["shown"]
    with pytest.raises(EstimationError, match=r"'clicked' is 0 for all .* untreated units, a risk of 0%"):
        ratio_effect(ESTIMAND, Dataset.from_frames(nobody), scale="odds ratio")
