"""Bounds on what omitted variables do to an effect that was learned with any models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import CausalrecError, EstimationError
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.refutation.sensitivity.benchmark import Benchmark
from causalrec.refutation.sensitivity.covariate_groups import asked_groups, without_columns
from causalrec.refutation.sensitivity.learned_robustness import OmittedVariableDML
from causalrec.refutation.sensitivity.riesz_parts import Learned, RieszParts, riesz_parts

__all__ = ["omitted_variable_dml"]


def omitted_variable_dml(
    estimator: Learned, design: Design, groups: Mapping[str, Sequence[str]] | Sequence[str] | None = (), *,
    unit: str = "outcome",
) -> OmittedVariableDML:  # fmt: skip
    """Bounds on omitted variable bias for PartiallyLinearDML, InteractiveDML or AIPW.

    The models are learned once, and once more without each benchmark, on the same folds.

    Parameters
    ----------
    estimator : PartiallyLinearDML, InteractiveDML or AIPW
        Left as it is; a copy is fitted.
    design : Design
        In memory, with one treatment.
    groups : mapping of str to sequence of str, sequence of str, or None
        Benchmarks, as in `omitted_variable`; None for every group. Default: none, as each costs a fit.
    unit : str

    Raises
    ------
    EstimationError : an estimator or a target of another kind, or what the estimator refuses.
    MissingColumnsError : a benchmark that the design lacks.

    References
    ----------
    Chernozhukov, Cinelli, Newey, Sharma, Syrgkanis (2022), NBER Working Paper 30302.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> age = rng.normal(size=500)
    >>> t = age + rng.normal(size=500)
    >>> rows = Design(t + 2 * age + rng.normal(size=500), t[:, None], age[:, None], (), {}, ("shown",), ("age",))
    >>> from causalrec.estimation import PartiallyLinearDML
    >>> round(omitted_variable_dml(PartiallyLinearDML(), rows).robustness_value(), 2)
    0.59
    """
    named = asked_groups(design, groups)
    full = riesz_parts(_copy(estimator), design)
    benchmarks = []
    for name, columns in named.items():
        try:
            less = riesz_parts(_copy(estimator), without_columns(design, columns))
        except CausalrecError:  # without it there is no design, so it is no benchmark
            continue
        benchmarks.append(_benchmark(name, len(columns), full, less))
    scale = float(np.sqrt(full.residual_variance * full.representer_square))
    covariance, _ = influence_covariance(full.influence, design.clusters, 0)
    turn = np.array([
        [1.0, 0.0, 0.0], [0.0, full.representer_square / (2 * scale), full.residual_variance / (2 * scale)]
    ])  # fmt: skip
    return OmittedVariableDML(
        design.treatment_names[0], full.value, scale, turn @ covariance @ turn.T, design.n, unit,
        getattr(estimator, "target", "ATE"), design.n_clusters, tuple(benchmarks),
    )  # fmt: skip


def _benchmark(name: str, n_columns: int, full: RieszParts, less: RieszParts) -> Benchmark:
    gains = less.residual_variance - full.residual_variance, full.representer_square - less.representer_square
    outcome = min(max(gains[0] / full.residual_variance, 0.0), 1.0)
    treatment = min(max(gains[1] / less.representer_square, 0.0), 1.0)
    moved = less.value - full.value
    worst = np.sqrt(gains[0] * gains[1]) if min(gains) > 0 else 0.0
    adversity = float(np.sign(moved) * (min(abs(moved) / worst, 1.0) if worst > 0 else 1.0))
    f2 = full.value**2 / (full.residual_variance * full.representer_square)
    return Benchmark(name, n_columns, treatment, outcome, moved, _times(f2, treatment, outcome), adversity)


def _times(f2: float, treatment: float, outcome: float) -> float:
    """Multiple k of both shares for which k outcome * k treatment / (1 - k treatment) = f2."""
    if treatment <= 0 or outcome <= 0:
        return float("inf") if f2 > 0 else 0.0
    both = treatment * outcome
    times = (np.sqrt((f2 * treatment) ** 2 + 4 * both * f2) - f2 * treatment) / (2 * both)
    if times * outcome > 1:  # it explains all of the outcome already; the rest must come from the treatment
        times = f2 / (1 + f2) / treatment
    return float(times)


def _copy(estimator: Learned) -> Any:
    if not isinstance(estimator, Learned):
        raise EstimationError(
            f"Bounds on omitted variables are for PartiallyLinearDML, InteractiveDML and AIPW, not for "
            f"{type(estimator).__name__}."
        )
    return type(estimator)(**estimator.get_params(deep=False))
