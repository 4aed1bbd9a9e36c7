"""DoWhy's refuters on an effect of ours."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.data import Dataset, Design
from causalrec.errors import DataError, EstimationError, nearest
from causalrec.estimation import EffectEstimate
from causalrec.identification import check_adjustment
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import MIN_DRAWS
from causalrec.refutation.counts import refuse_counts
from causalrec.refutation.refutation import LEVEL, Refutation, Verdict

if TYPE_CHECKING:
    import pandas as pd

    from causalrec.graph import CausalGraph

__all__ = ["dowhy_refutation"]

TWO_SIDED = 100
STRENGTHS = np.array([0.0, 0.05, 0.1])
TREATMENT, OUTCOME = "treatment", "outcome"


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What every refuter of DoWhy takes."""

    frame: pd.DataFrame
    estimand: Any
    estimate: Any
    n_draws: int
    random_state: int

    @property
    def common(self) -> dict[str, Any]:
        """Arguments that all of them share."""
        return {
            "data": self.frame, "target_estimand": self.estimand, "estimate": self.estimate,
            "num_simulations": self.n_draws, "show_progress_bar": False,
        }  # fmt: skip


def dowhy_refutation(
    effect: EffectEstimate, data: Dataset, graph: CausalGraph | None = None,
    method_name: str = "placebo_treatment_refuter", *, n_draws: int = 100, random_state: int = 0,
) -> Refutation:  # fmt: skip
    """One of DoWhy's refuters, by DoWhy's name, on the rows and the adjustment set of an effect.

    DoWhy's linear regression is refuted in place of the effect's own estimator; `details` has its estimate, and the
    reason says where it is another number. DoWhy's random numbers are seeded, and the seed of numpy is put back.

    Parameters
    ----------
    effect : EffectEstimate
        Of one treatment, by adjustment, from a flat table without weights.
    data : Dataset
        What it was estimated on.
    graph : CausalGraph, optional
        Checked to allow the effect's set.
    method_name : str
        "placebo_treatment_refuter", "random_common_cause", "data_subset_refuter", "bootstrap_refuter",
        "dummy_outcome_refuter" or "add_unobserved_common_cause".
    n_draws : int, at least 20
    random_state : int

    Raises
    ------
    DataError : a name that DoWhy does not have; an effect that is not by adjustment or does not know its rows.
    AdjustmentError : the graph does not allow the effect's set.
    EstimationError : DoWhy broke off.

    References
    ----------
    Sharma, Kiciman (2020), DoWhy: an end-to-end library for causal inference, arXiv 2011.04216.
    """
    if not isinstance(method_name, str) or method_name not in REFUTERS:
        raise DataError(
            f"DoWhy has no refuter {nearest([str(method_name)], list(REFUTERS))} that fits an effect of ours."
        )
    refuse_counts({"n_draws": (n_draws, MIN_DRAWS), "random_state": (random_state, 0)})
    rows = _rows(effect, data)
    if graph is not None:
        held = (*effect.estimand.adjustment, *effect.estimand.selected)
        check_adjustment(graph, effect.estimand.treatment, effect.estimand.outcome, held)
    asked, run = REFUTERS[method_name]
    with _silent(random_state):
        try:
            given = _given(rows, n_draws, random_state)
            found = run(given)
        except Exception as error:  # whatever DoWhy raises
            raise EstimationError(f"DoWhy's {method_name} broke off: {type(error).__name__}: {error}") from error
    return _judged(effect, asked, float(given.estimate.value), found)


def _rows(effect: EffectEstimate, data: Dataset) -> Design:
    known = isinstance(effect, EffectEstimate) and isinstance(data, Dataset)
    if not known or effect.recipe is None or data.is_grid or effect.estimand.strategy != "adjustment":
        raise DataError("DoWhy's refuters need an effect by adjustment that `estimate` made from a flat table.")
    rows = effect.recipe.columns(effect.estimand, data)
    if not isinstance(rows, Design) or rows.n != effect.n:
        raise DataError(f"Give the data, in memory, that the effect was estimated on: {effect.n:,} units.")
    if rows.weight is not None or rows.absorbed or rows.treatments.shape[1] != 1:
        raise DataError("DoWhy's refuters take one treatment, no weights, and no groups that are held fixed.")
    return rows


def _given(rows: Design, n_draws: int, random_state: int) -> Given:
    """Rows, estimand and estimate as DoWhy wants them; our graph has decided what is adjusted for."""
    import pandas as pd
    from dowhy.causal_estimators.linear_regression_estimator import LinearRegressionEstimator
    from dowhy.causal_identifier.identified_estimand import IdentifiedEstimand

    X = rows.matrix()
    names = [f"covariate_{k}" for k in range(X.shape[1])]
    frame = pd.DataFrame(X, columns=names).assign(**{TREATMENT: rows.treatments[:, 0], OUTCOME: rows.outcome})
    estimand = IdentifiedEstimand(
        None, treatment_variable=[TREATMENT], outcome_variable=[OUTCOME], backdoor_variables={"backdoor": names},
        default_backdoor_id="backdoor", estimands={"backdoor": {}}, identifier_method="backdoor",
    )  # fmt: skip
    estimand.instrumental_variables = []
    estimator = LinearRegressionEstimator(estimand)
    estimator.fit(frame, effect_modifier_names=[])
    estimate = estimator.estimate_effect(frame, treatment_value=1, control_value=0, target_units="ate")
    estimate.add_estimator(estimator)
    return Given(frame, estimand, estimate, n_draws, random_state)


@dataclass(frozen=True, slots=True)
class Answer:
    """New effect of a refuter, its p-value, and the range where it gives one."""

    value: float
    p_value: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")


def _answer(given: Given, found: Any) -> Answer:
    """DoWhy's answer; its p-value is two-sided from 100 draws on, and one-sided below, where it is doubled."""
    one = found[0] if isinstance(found, list) else found
    result = one.refutation_result
    p_value = float(result["p_value"]) * (1 if given.n_draws >= TWO_SIDED else 2) if result else float("nan")
    return Answer(float(np.mean(one.new_effect)), min(p_value, 1.0) if result else p_value)


def _placebo(given: Given) -> Answer:
    from dowhy.causal_refuters.placebo_treatment_refuter import PlaceboType, refute_placebo_treatment

    return _answer(
        given,
        refute_placebo_treatment(
            **given.common, treatment_names=[TREATMENT], placebo_type=PlaceboType.PERMUTE,
            random_state=given.random_state,
        ),
    )  # fmt: skip


def _random_cause(given: Given) -> Answer:
    from dowhy.causal_refuters.random_common_cause import refute_random_common_cause

    return _answer(given, refute_random_common_cause(**given.common, random_state=given.random_state))


def _subset(given: Given) -> Answer:
    from dowhy.causal_refuters.data_subset_refuter import refute_data_subset

    state = np.random.RandomState(given.random_state)  # with a number every subset would be the same one
    return _answer(given, refute_data_subset(**given.common, random_state=state))


def _bootstrap(given: Given) -> Answer:
    from dowhy.causal_refuters.bootstrap_refuter import refute_bootstrap

    state = np.random.RandomState(given.random_state)
    return _answer(given, refute_bootstrap(**given.common, random_state=state))


def _dummy_outcome(given: Given) -> Answer:
    from dowhy.causal_refuters.dummy_outcome_refuter import refute_dummy_outcome

    return _answer(
        given,
        refute_dummy_outcome(**given.common, treatment_name=[TREATMENT], outcome_name=OUTCOME, required_variables=True),
    )


def _hidden_cause(given: Given) -> Answer:
    from dowhy.causal_refuters.add_unobserved_common_cause import sensitivity_simulation

    binary = bool(given.frame[TREATMENT].isin([0, 1]).all())
    found = sensitivity_simulation(
        given.frame, given.estimand, given.estimate, [TREATMENT], [OUTCOME], kappa_t=STRENGTHS, kappa_y=STRENGTHS,
        confounders_effect_on_treatment="binary_flip" if binary else "linear",
        confounders_effect_on_outcome="linear", plotmethod=None,
    )  # fmt: skip
    reached = np.ravel(found.new_effect_array)
    return Answer(float(np.mean(reached)), float("nan"), float(np.min(reached)), float(np.max(reached)))


NOISE = "an estimator that finds effects in noise; no confounding"
REFUTERS: dict[str, tuple[Asked, Callable[[Given], Answer]]] = {
    "placebo_treatment_refuter": (
        Asked("DoWhy: placebo treatment", "Has a permuted treatment no effect?", NOISE),
        _placebo,
    ),
    "random_common_cause": (
        Asked(
            "DoWhy: random common cause", "Does a covariate of noise leave the effect as it is?",
            "an unstable estimator; no confounding",
        ),
        _random_cause,
    ),
    "data_subset_refuter": (
        Asked(
            "DoWhy: data subset", "Do random subsets give the same effect?",
            "an effect that few rows carry; no confounding",
        ),
        _subset,
    ),
    "bootstrap_refuter": (
        Asked(
            "DoWhy: bootstrap", "Do resampled rows with noisy covariates give the same effect?",
            "an effect that small errors in the covariates move; no confounding",
        ),
        _bootstrap,
    ),
    "dummy_outcome_refuter": (
        Asked("DoWhy: dummy outcome", "Has the treatment no effect on an outcome of noise?", NOISE),
        _dummy_outcome,
    ),
    "add_unobserved_common_cause": (
        Asked(
            "DoWhy: hidden common cause", "Do simulated hidden causes leave the sign of the effect?",
            "an effect that a weak hidden cause would turn",
        ),
        _hidden_cause,
    ),
}  # fmt: skip
"""By DoWhy's name of the method: what it asks, and how it is run."""


def _judged(effect: EffectEstimate, asked: Asked, theirs: float, found: Answer) -> Refutation:
    details = {"DoWhy's linear regression": theirs}
    apart = abs(theirs - effect.value) > effect.stderr
    other = f" DoWhy's linear regression gives {theirs:+.5g}, not {effect.value:+.5g}." if apart else ""
    numbers: dict[str, Any] = {"refuted": found.value, "p_value": found.p_value, "details": details}
    if found.lower == found.lower:
        turned = found.lower * found.upper <= 0 or found.value * theirs < 0
        verdict: Verdict = "failed" if turned else "passed"
        reason = (
            f"Hidden causes of up to {STRENGTHS[-1]:g} bring it from {found.lower:+.5g} to {found.upper:+.5g}.{other}"
        )
        return replace(asked.answer(effect, verdict, reason, **numbers), lower=found.lower, upper=found.upper)
    if found.p_value != found.p_value:
        return asked.cannot(effect, f"DoWhy gives no p-value; its new effect is {found.value:+.5g}.{other}", details)
    verdict = "failed" if found.p_value < LEVEL else "passed"
    return asked.answer(effect, verdict, f"DoWhy's new effect is {found.value:+.5g}.{other}", **numbers)


@contextlib.contextmanager
def _silent(random_state: int) -> Iterator[None]:
    """Without DoWhy's warnings, prints and log, and with numpy's global random numbers put back."""
    log = logging.getLogger("dowhy")
    state = np.random.get_state()  # noqa: NPY002
    level = log.level
    log.setLevel(logging.CRITICAL)
    np.random.seed(random_state)  # noqa: NPY002 - DoWhy draws from it
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
        np.random.set_state(state)  # noqa: NPY002
