"""From an estimand and data to an effect: the door, and the route behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from causalrec.data import Dataset
from causalrec.estimation.doubly_robust.ratio_estimate import RatioEstimate
from causalrec.estimation.doubly_robust.ratios import ratio_effect
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.grids.grid_effect import estimate_grid
from causalrec.estimation.groups.conditional_effects import conditional_effects
from causalrec.estimation.groups.conditional_table import ConditionalEffects
from causalrec.estimation.question import Question, question_of
from causalrec.estimation.table_effect import estimate_formula, estimate_table
from causalrec.identification import Estimand
from causalrec.progress import working
from causalrec.threads import use_threads

__all__ = ["Estimate", "estimate_effect"]

Estimate = EffectEstimate | ConditionalEffects | RatioEstimate


def estimate_effect(
    estimand: Estimand,
    data: Dataset,
    *,
    estimator: Any = None,
    clusters: str | Sequence[str] = (),
    weights: str | None = None,
    missing: str = "refuse",
    target: str = "ATE",
    scale: str = "difference",
    n_threads: int | None = None,
) -> Estimate:
    """Estimate an effect within the estimand's adjustment set, or by its instrument.

    A log of visits is regressed as a complete grid, errors clustered by user and item (or by one
    column of the items, such as their category). For a flat table an estimator is chosen from the
    estimand and the types of treatment and outcome, and `reason` says why. A joint treatment is the sum
    of its parts: all on against all off.

    Parameters
    ----------
    estimand : Estimand
    data : Dataset
    estimator : estimator, optional
        One of causalrec.estimation, or an estimator object of EconML. For flat tables.
    clusters : str or sequence of str
        Columns of the flat table; or one column of the items.
    weights : str, optional
        Column of the flat table that says how much each row counts.
    missing : {"refuse", "drop", "indicator", "impute"}
        What to do where values of the flat table are missing.
    target : {"ATE", "ATT", "ATO"}
        Whose effect, where no estimator is given.
    scale : {"difference", "risk ratio", "odds ratio"}
        Of an outcome of 0 and 1; ratios are marginal.
    n_threads : int, optional
        Threads of BLAS, OpenMP, torch, Arrow and DuckDB. Default: all cores.

    Returns
    -------
    EffectEstimate
        Or `ConditionalEffects` for an estimand within values of some nodes, `RatioEstimate` on another scale, and
        `DoseCurve` from a `DoseResponse`.

    Warns
    -----
    SharedTreatmentWarning : the treatment is the same within groups that no cluster covers; the note says so too.

    Raises
    ------
    DataError, MissingColumnsError : the tables do not hold what the estimand names.
    EstimationError : the treatment does not vary within the adjustment set, or nothing estimates this estimand.
    """
    question = question_of(
        estimand, data, estimator=estimator, clusters=clusters, weights=weights, missing=missing, target=target,
        scale=scale,
    )  # fmt: skip
    route = next(route for fits, route in ROUTES if fits(question))
    with use_threads(n_threads), working("estimating"):
        return route(question)


def _conditional(asked: Question) -> ConditionalEffects:
    return conditional_effects(
        asked.estimand, asked.data, estimator=asked.estimator, clusters=asked.clusters, weights=asked.weights,
        missing=asked.missing, target=asked.target,
    )  # fmt: skip


def _ratio(asked: Question) -> RatioEstimate:
    return ratio_effect(
        asked.estimand, asked.data, scale=asked.scale, estimator=asked.estimator, clusters=asked.clusters,
        weights=asked.weights, missing=asked.missing, target=asked.target,
    )  # fmt: skip


ROUTES: tuple[tuple[Callable[[Question], bool], Callable[[Question], Estimate]], ...] = (
    (lambda asked: bool(asked.estimand.conditional), _conditional),
    (lambda asked: asked.scale != "difference", _ratio),
    (lambda asked: asked.data.is_grid, estimate_grid),
    (lambda asked: asked.estimand.strategy == "id", estimate_formula),
    (lambda asked: True, estimate_table),
)
"""What fits a question, and what answers it; the first that fits does."""
