import numpy as np
import pytest

from causalrec.errors import EstimationError, NotFittedError
from causalrec.estimation.balancing import EntropyBalancing
from causalrec.estimation.doubly_robust import AIPW
from causalrec.estimation.ratios import odds_ratio, risk_ratio
from causalrec.estimation.tmle import TMLE
from causalrec.estimation.weighting import IPW
from tests.estimation.planted import Logit, exact_interval, expit, planted

N_RUNS = 100
MODELS = {"n_folds": 2}
KINDS = {
    "AIPW": lambda: AIPW(Logit(), Logit(), **MODELS), "TMLE": lambda: TMLE(Logit(), Logit(), **MODELS), "IPW": IPW,
    "balanced": EntropyBalancing,
}  # fmt: skip


def risks(effect=1.0):
    """Risks untreated and treated of `planted(binary=True)`, by a large sample of its level."""
    level = 0.8 * np.random.default_rng(9).normal(0, np.sqrt(1.5), 4_000_000) - 0.5
    return expit(level).mean(), expit(level + effect).mean()


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


def test_a_randomised_table_gives_the_textbook_error():
    from causalrec.data.design import Design

    t = np.repeat([0.0, 1.0], 1000)
    y = np.concatenate([np.arange(1000) < 200, np.arange(1000) < 300]).astype(float)
    found = IPW().fit(Design(y, t[:, None], np.empty((2000, 0)), (), {}))
    assert risk_ratio(found).value == pytest.approx(1.5)
    assert risk_ratio(found).log_stderr == pytest.approx(np.sqrt(0.8 / 200 + 0.7 / 300), rel=2e-3)
    assert odds_ratio(found).value == pytest.approx(0.3 / 0.7 / 0.25)
    assert odds_ratio(found).log_stderr == pytest.approx(np.sqrt(1 / 200 + 1 / 800 + 1 / 300 + 1 / 700), rel=2e-3)
    assert "risk 0.2000 untreated, 0.3000 treated" in str(risk_ratio(found))
    assert risk_ratio(found).to_dict()["target"] == "ATE"


def test_refusals():
    with pytest.raises(NotFittedError):
        risk_ratio(IPW())
    with pytest.raises(EstimationError, match="is the outcome 0 or 1"):
        odds_ratio(IPW().fit(planted(0, effect=5.0)))
