"""Effects by child on IHDP, where both potential outcomes' means are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from causalrec.errors import CausalrecError
from causalrec.identification import Estimand
from tests.datasets import IHDP_FILES, N_REPLICATIONS, absent, ihdp
from tests.truth.estimators import estimated, named

TITLE = "IHDP: effects by child over 50 replications, nothing tuned"
N_RUNS = N_REPLICATIONS
ESTIMAND = Estimand(("treated",), "score", "adjustment", adjustment=("covariates",))
PEHE_MARK, ATE_MARK = 1.0, 0.25


def boosting(random_state: int = 0) -> Any:
    """Gradient boosting as scikit-learn has it."""
    from sklearn.ensemble import GradientBoostingRegressor

    return GradientBoostingRegressor(random_state=random_state)


def stack() -> Any:
    """What learners of effects by unit stack for 672 rows of 25 covariates."""
    from causalrec.estimation.nuisances.default_models import outcome_models

    return outcome_models(672, 25)


def forest() -> Any:
    """EconML's causal forest in its adapter."""
    from econml.dml import CausalForestDML

    return named(
        "EconMLEstimator", CausalForestDML(discrete_treatment=True, n_estimators=200, random_state=0, n_jobs=1)
    )


LEARNERS: dict[str, Callable[[], Any]] = {
    "S-learner": lambda: named("SLearner"),
    "T-learner": lambda: named("TLearner"),
    "X-learner": lambda: named("XLearner"),
    "T-learner, gradient boosting": lambda: named("TLearner", boosting()),
    "DR-learner, linear in the covariates": lambda: named("DRLearner"),
    "R-learner, linear in the covariates": lambda: named("RLearner"),
    "causal forest": lambda: forest(),
    "AIPW": lambda: named("AIPW"),
    "TMLE": lambda: named("TMLE"),
    "TMLE, the learners' stack": lambda: named("TMLE", stack()),
    "OLS": lambda: named("OLS"),
    "entropy balancing": lambda: named("EntropyBalancing"),
}


def run(seed: int) -> dict:
    """Errors of each learner on one replication."""
    if reason := absent(*IHDP_FILES):
        return {"found": {"data": {"problem": reason}}}
    rows, found = ihdp(seed), {}
    for name, make in LEARNERS.items():
        try:
            found[name] = errors(make().fit(rows.train), rows)
        except CausalrecError as refused:
            found[name] = {"problem": str(refused)[:200]}
    return {"found": found}


def errors(fitted: Any, rows: Any) -> dict[str, Any]:
    """Root mean squared error by child within and out of sample, and of the average effect."""
    truth = float(rows.effect_train.mean())
    average = estimated(fitted, ESTIMAND)
    found: dict[str, Any] = {
        "ate": abs(average["value"] - truth), "covers": int(average["lower"] <= truth <= average["upper"]),
    }  # fmt: skip
    parts = (("within", rows.train, rows.effect_train), ("out", rows.test, rows.effect_test))
    for part, effect, known in parts if hasattr(fitted, "effects") else ():
        by_child = fitted.proxy(effect) if hasattr(fitted, "proxy") else fitted.effects(effect).value
        found[part] = float(np.sqrt(((by_child - known) ** 2).mean()))
    return found


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a learner: means over the replications, with the standard error of the mean."""
    table: list[dict[str, object]] = []
    for name in results[0]["found"]:
        every = [one["found"][name] for one in results]
        good = [one for one in every if "problem" not in one]
        if not good:
            table.append({"method": name, "note": every[0]["problem"]})
            continue
        row: dict[str, object] = {"method": name, "replications": len(good), "refused": len(every) - len(good)}
        for part, words in (("within", "root PEHE within"), ("out", "root PEHE out")):
            row[words] = shown([one[part] for one in good]) if part in good[0] else ""
        row["error of the ATE"] = shown([one["ate"] for one in good])
        row["interval covers the sample's ATE"] = f"{np.mean([one['covers'] for one in good]):.0%}"
        row["below the marks"] = verdict(good)
        table.append(row)
    return table


def verdict(good: list[dict]) -> str:
    """Which of the means, by child within the sample and of the ATE, are below the marks set beforehand."""
    marks = {"within": PEHE_MARK, "ate": ATE_MARK}
    met = [part for part, mark in marks.items() if part in good[0] and np.mean([one[part] for one in good]) < mark]
    return " and ".join({"within": "by child", "ate": "ATE"}[part] for part in met) or "no"


def shown(values: list[float]) -> str:
    """Mean and standard error of the mean, and the median: a few replications have very large effects."""
    return (
        f"{np.mean(values):.2f} ({np.std(values) / max(len(values) - 1, 1) ** 0.5:.2f}), median {np.median(values):.2f}"
    )
