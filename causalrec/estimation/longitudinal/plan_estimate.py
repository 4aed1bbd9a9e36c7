"""From a sequential plan and data to means under regimes: the door."""

from __future__ import annotations

from collections.abc import Sequence

from causalrec.data import Dataset
from causalrec.errors import DataError
from causalrec.estimation.longitudinal.ice import ICE
from causalrec.estimation.longitudinal.plan_check import refuse_plan, refuse_rules
from causalrec.estimation.longitudinal.regime_effects import RegimeEffects
from causalrec.estimation.longitudinal.regime_estimator import RegimeEstimator, is_binary
from causalrec.estimation.longitudinal.regimes import Regime, Regimes, as_regimes
from causalrec.estimation.longitudinal.sequential_aipw import SequentialAIPW
from causalrec.estimation.longitudinal.sequential_design import SequentialDesign, sequential_design
from causalrec.graph import CausalGraph
from causalrec.identification import SequentialPlan

__all__ = ["estimate_plan"]


def estimate_plan(
    plan: SequentialPlan, data: Dataset, *, regimes: Regimes | None = None, estimator: RegimeEstimator | None = None,
    graph: CausalGraph | None = None, clusters: str | Sequence[str] = (), weights: str | None = None,
) -> RegimeEffects:  # fmt: skip
    """Mean outcome if treatments in time were set by each regime, adjusted for what the plan says at each time.

    Parameters
    ----------
    plan : SequentialPlan
        What `sequential_backdoor` found.
    data : Dataset
        A flat table, one row a unit; `widen` makes one of a table with a row a unit and period.
    regimes : mapping of str to rules, optional
        Name to a number, a function, or one of these for each treatment. A function takes a mapping of names to the
        columns known by then, each (n,), and gives the column of treatments. Default: always 1, and never.
    estimator : optional
        Default: `SequentialAIPW` for treatments of 0 and 1, else `ICE`.
    graph : CausalGraph, optional
        The plan's; it is checked against it. Needed for regimes with functions, whose reading may open paths.
    clusters, weights
        Columns, as in `estimate`.

    Returns
    -------
    RegimeEffects

    Raises
    ------
    AdjustmentError, NotIdentifiableError : a plan that is none, or that the graph does not allow.
    DataError : functions without a graph; a table that does not hold what the plan names.
    EstimationError : the data carry no information on a regime.

    Examples
    --------
    >>> from causalrec.identification import sequential_backdoor
    >>> graph = CausalGraph([("mail", "visit"), ("visit", "coupon"), ("visit", "spent"), ("coupon", "spent")])
    >>> plan = sequential_backdoor(graph, ["mail", "coupon"], "spent")
    >>> rows = {"mail": [0, 0, 0, 0, 1, 1, 1, 1], "visit": [0, 0, 1, 1, 0, 1, 1, 1], "coupon": [0, 1, 0, 1, 0, 1, 0, 1],
    ...         "spent": [1, 2, 4, 6, 1, 6, 3, 5]}
    >>> estimate_plan(plan, Dataset.from_frames(rows), graph=graph).regimes
    ('always', 'never')
    """
    refuse_plan(plan)
    if not isinstance(data, Dataset):
        raise DataError(f"`data` is a {type(data).__name__}; make a Dataset of it first: Dataset.from_frames(data).")
    chosen = as_regimes(regimes, len(plan.treatment))
    if any(not regime.is_static for regime in chosen) and graph is None:
        raise DataError(
            "A regime that reads covariates can open paths that constants leave closed: pass graph=, so that it can be "
            "checked."
        )
    columns = sequential_design(plan, data, clusters=clusters, weights=weights)
    if graph is not None:
        for regime in chosen:
            refuse_rules(plan, graph, _reads(columns, regime))
    if estimator is not None and not isinstance(estimator, RegimeEstimator):
        raise DataError(f"`estimator` is {estimator!r}; take ICE(), SequentialAIPW() or another of treatments in time.")
    fitted = (_default(columns) if estimator is None else estimator).fit(columns, regimes)
    return fitted.regime_effects(plan, unit=data.unit)


def _default(columns: SequentialDesign) -> RegimeEstimator:
    return SequentialAIPW() if is_binary(columns.treatments) else ICE()


def _reads(columns: SequentialDesign, regime: Regime) -> dict[str, frozenset[str]]:
    """Nodes that the rule of each treatment reads."""
    regime.treatments(columns)
    known = {*columns.treatment_names, *columns.covariate_names}
    return {
        name: frozenset(read & known) for name, read in zip(columns.treatment_names, regime.reads, strict=True)
    }  # fmt: skip
