"""What a treatment does in a linear model: total, direct and indirect effects, and means under an intervention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.structural.linear_sem.coefficient import Coefficient
from causalrec.structural.linear_sem.ram import Matrices, Structure, matrices, moments

__all__ = ["Intervention", "PathEffects", "means_under", "path_effects"]


@dataclass(frozen=True, slots=True)
class PathEffects:
    """Change of the outcome for one unit more of the treatment.

    Attributes
    ----------
    treatment, outcome : str
    through : tuple of str
        Variables that the indirect effect passes at least one of; empty for all paths past the direct edge.
    total, direct, indirect : Coefficient
        In the outcome's unit for one of the treatment's. Without `through` the direct and indirect effects add
        up to the total; with it, "direct" is all that passes none of them.
    standardized : Coefficient
        The total effect in standard deviations of the outcome for one of the treatment.
    errors : str
        Where the errors come from.
    """

    treatment: str
    outcome: str
    through: tuple[str, ...]
    total: Coefficient
    direct: Coefficient
    indirect: Coefficient
    standardized: Coefficient
    errors: str

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        kinds = ("total", "direct", "indirect", "standardized")
        named = {"treatment": self.treatment, "outcome": self.outcome, "through": list(self.through)}
        return {**named, **{kind: getattr(self, kind).to_dict(level) for kind in kinds}, "errors": self.errors}

    def __str__(self) -> str:
        past = f"not through {', '.join(self.through)}" if self.through else "direct"
        by = f"through {', '.join(self.through)}" if self.through else "indirect"
        width = max(map(len, ("standardized", past, by)))
        lines = (("total", self.total), (past, self.direct), (by, self.indirect), ("standardized", self.standardized))
        title = f"Effect of {self.treatment} on {self.outcome}"
        return "\n".join([title, *(f"  {name:{width}}  {found}" for name, found in lines), f"  {self.errors}"])


@dataclass(frozen=True, slots=True)
class Intervention:
    """Means and variances when variables are set from outside.

    Attributes
    ----------
    values : mapping of str to float
        What was set.
    means : mapping of str to Coefficient
        Mean of each other variable; latent ones have mean 0 without the intervention.
    variances : mapping of str to float
    notes : tuple of str
        Where a value lies far from what was seen.
    """

    values: Mapping[str, float]
    means: Mapping[str, Coefficient]
    variances: Mapping[str, float]
    notes: tuple[str, ...] = ()

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        means = {name: found.to_dict(level) for name, found in self.means.items()}
        return {
            "values": dict(self.values), "means": means, "variances": dict(self.variances), "notes": list(self.notes)
        }  # fmt: skip

    def __str__(self) -> str:
        width = max(map(len, self.means))
        title = "Means under do(" + ", ".join(f"{name} = {value:g}" for name, value in self.values.items()) + ")"
        lines = [f"  {name:{width}}  {found}" for name, found in self.means.items()]
        return "\n".join([title, *lines, *(f"  note: {note}" for note in self.notes)])


def path_effects(
    shape: Structure, theta: np.ndarray, treatment: str, outcome: str, through: tuple[str, ...]
) -> np.ndarray:
    """Total, direct, indirect and standardised total effect; shape (4,), real or complex.

    The treatment is set from outside, so that nothing moves it back in a feedback loop. What passes some
    variables is the total less what is left when no arrow enters them.
    """
    x, y = shape.names.index(treatment), shape.names.index(outcome)
    found = matrices(shape, theta)
    total = _total(found.A, x, y)
    if through:
        cut = found.A.copy()
        cut[[shape.names.index(name) for name in through]] = 0
        direct = _total(cut, x, y)
    else:
        direct = found.A[y, x]
    variance = np.diag(moments(found).covariance)
    ratio = variance[x] / variance[y] if min(variance[x].real, variance[y].real) > 0 else np.nan
    return np.array([total, direct, total - direct, total * np.sqrt(ratio)])


def means_under(shape: Structure, theta: np.ndarray, values: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Means and variances of all variables when `values` are set; each shape (n_variables,)."""
    at = moments(_set(matrices(shape, theta), {shape.names.index(name): value for name, value in values.items()}))
    return at.mean, np.diag(at.covariance)


def _total(A: np.ndarray, x: int, y: int) -> Any:
    cut = A.copy()
    cut[x] = 0
    return np.linalg.inv(np.eye(len(A)) - cut)[y, x]


def _set(found: Matrices, values: Mapping[int, float]) -> Matrices:
    A, S, m = found.A.copy(), found.S.copy(), found.m.copy()
    for k, value in values.items():
        A[k] = S[k] = S[:, k] = 0
        m[k] = value
    return Matrices(A, S, m)
