from types import SimpleNamespace

import numpy as np
import pytest

from causalrec.data import Ranking
from causalrec.estimation import EffectEstimate
from causalrec.evaluation import GainComparison
from causalrec.identification import Estimand
from causalrec.refutation import Battery, Refutation

NASTY = "<script>alert(1)</script>"


def _parts(name=NASTY):
    """One of each result, with the same name of an item, a user and a ranking in all of them."""
    estimand = Estimand(
        ("display",), "purchased", "adjustment", ("mailer",), ("visit",), assumptions=(f"{name} is no confounder",)
    )
    effect = EffectEstimate(
        0.0063, 0.0002, 84_610_000, np.inf, "least squares", estimand, "probability of purchase", {"users": 2469}
    )
    draws = tuple(np.linspace(-0.001, 0.001, 20).tolist())
    battery = Battery((
        Refutation("placebo", "Is chance?", 0.0063, 0.0001, 0.0004, "passed", "No.", effect.unit, reference=draws),
        Refutation("lead", "Is it the future?", 0.0063, 0.0009, 0.0002, "failed", f"A bit: {name}.", effect.unit),
        Refutation("routes", "Do they agree?", 0.0063, np.nan, np.nan, "not applicable", "There is one.", effect.unit),
    ))  # fmt: skip
    value = np.array([[51.2, 23.6], [46.2, 21.6]])
    drawn = value + np.random.default_rng(0).normal(0, [[4, 0.1], [4, 0.1]], (200, 2, 2))
    n_units, n_listed = np.full((2, 2), 900), np.tile([10.0, 50.0], (2, 1))
    gains = GainComparison(("uplift", name), (10, 50), value, drawn, drawn, n_units, n_listed, 2213, 549)
    ranking = Ranking(np.array(["u1", "u1", name]), np.array(["milk", name, "tea"]), np.array([1, 2, 1]), np.ones(3))
    made_of = {"bought tea": 0.9, name: 0.3}
    explanation = SimpleNamespace(user="u1", item=name, score=1.2, contributions=made_of, sentence=f"Since {name}.")
    return SimpleNamespace(
        effect=effect, battery=battery, gains=gains, ranking=ranking, explanations=[explanation], name=name
    )


@pytest.fixture
def parts():
    return _parts()
