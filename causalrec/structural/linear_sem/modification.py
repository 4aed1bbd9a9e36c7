"""Which fixed zero, freed alone, would make the model fit better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from causalrec.structural.linear_sem.likelihood import expected_information, objective
from causalrec.structural.linear_sem.ram import structure
from causalrec.structural.linear_sem.solution import Solution
from causalrec.structural.linear_sem.specification import Specification
from causalrec.structural.linear_sem.syntax import Statement

__all__ = ["ModificationIndex", "modification_indices"]

N_AT_ONCE = 200  # candidates whose derivatives are held in memory
SMALLEST = 1e-8  # share of a candidate's information that the model's own parameters leave


@dataclass(frozen=True, slots=True)
class ModificationIndex:
    """What one parameter more would bring.

    Attributes
    ----------
    statement : str
        Such as "visual =~ x9".
    chi2 : float
        About how much chi-square would fall; chi-square of 1 degree of freedom if the model is true.
    expected : float
        About what its estimate would be.
    """

    statement: str
    chi2: float
    expected: float

    def __str__(self) -> str:
        return f"{self.statement}: chi-square falls by about {self.chi2:.3f}, estimate about {self.expected:+.3f}"


def modification_indices(solution: Solution, found: Specification) -> tuple[ModificationIndex, ...]:
    """Score test of each loading and covariance that the model fixes at 0; the largest first.

    References
    ----------
    Sörbom 1989, Psychometrika 54(3), 371-384.
    """
    candidates = list(_candidates(found))
    parts = [candidates[k : k + N_AT_ONCE] for k in range(0, len(candidates), N_AT_ONCE)]
    indices = [index for part in parts for index in _indices(solution, found, part)]
    return tuple(sorted(indices, key=lambda index: -index.chi2))


def _candidates(found: Specification) -> Iterator[Statement]:
    arrows = {frozenset(pair) for pair in found.arrows}
    covary = {frozenset((row.left, row.right)) for row in found.rows if row.operator == "~~" and row.value != 0}
    for latent in found.latent:
        yield from (Statement(latent, "=~", name) for name in found.observed if {latent, name} not in arrows)
    for names in (found.latent, found.observed):
        for one, other in combinations(names, 2):
            if {one, other} not in covary and {one, other} not in arrows:
                yield Statement(one, "~~", other)


def _indices(solution: Solution, found: Specification, candidates: list[Statement]) -> Iterator[ModificationIndex]:
    old = solution.shape
    wider = structure(replace(found, rows=(*old.rows, *candidates), has_means=True))
    theta = np.concatenate([solution.theta, np.zeros(len(candidates))])
    score = -objective(wider, solution.sample).gradient(theta)[len(solution.theta) :] / 2
    information = expected_information(wider, solution.sample, theta)
    basis, q = solution.limits.basis, len(solution.theta)
    across = basis.T @ information[:q, q:]
    own = np.diag(information)[q:]
    left = own - (across * np.linalg.solve(basis.T @ information[:q, :q] @ basis, across)).sum(axis=0)
    for row, slope, size, before in zip(candidates, score, left, own, strict=True):
        if size > SMALLEST * before:
            yield ModificationIndex(str(row), float(solution.sample.n * slope**2 / size), float(slope / size))
