"""The two models that a fit stands between: all moments free, and no observed variable depending on another."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from causalrec.structural.linear_sem.likelihood import objective
from causalrec.structural.linear_sem.optimum import maximum
from causalrec.structural.linear_sem.ram import matrices, moments, structure
from causalrec.structural.linear_sem.restrictions import restriction
from causalrec.structural.linear_sem.sample import Sample
from causalrec.structural.linear_sem.specification import Specification
from causalrec.structural.linear_sem.syntax import Statement

__all__ = ["baseline_value", "saturated_moments"]

Means = tuple[np.ndarray, np.ndarray | None]


def saturated_moments(sample: Sample) -> tuple[Means, float]:
    """Covariance and means of the largest likelihood of all, and the discrepancy there."""
    p = len(sample.names)
    if sample.is_complete:
        return (sample.covariance, sample.mean), float(np.linalg.slogdet(sample.covariance)[1] + p)
    return _free(sample, tuple(combinations(sample.names, 2)))


def baseline_value(sample: Sample, exogenous: tuple[str, ...]) -> float:
    """Discrepancy of the model in which only exogenous variables covary."""
    if not sample.is_complete:
        return _free(sample, tuple(combinations(exogenous, 2)))[1]
    among = [sample.names.index(name) for name in exogenous]
    others = [k for k in range(len(sample.names)) if k not in among]
    together = np.linalg.slogdet(sample.covariance[np.ix_(among, among)])[1] if among else 0.0
    return float(together + np.log(np.diag(sample.covariance)[others]).sum() + len(sample.names))


def _free(sample: Sample, pairs: tuple[tuple[str, str], ...]) -> tuple[Means, float]:
    rows = [Statement(name, "~~", name) for name in sample.names] + [Statement(a, "~~", b) for a, b in pairs]
    rows += [Statement(name, "~1") for name in sample.names]
    shape = structure(Specification(sample.names, (), tuple(rows), True))
    start = np.concatenate([np.diag(sample.covariance), np.zeros(len(pairs)), sample.mean])
    goal = objective(shape, sample)
    theta = maximum(goal, start, restriction(shape.parameters, (), ()), shape.parameters)
    at = moments(matrices(shape, theta))
    return (at.covariance, at.mean), goal.value(theta)
