"""Regressions backwards in time, and the influence of each unit on what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.estimation.longitudinal.sequential_design import SequentialDesign
from causalrec.estimation.longitudinal.working_models import WorkingModel, fitted

__all__ = ["Step", "chain_influence", "iterated_means"]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The regression at one time.

    Attributes
    ----------
    model : WorkingModel
    X, X_set : float64, shape (n, q)
        Rows of its basis as they were, and with treatments set by the regime.
    target, mean_set : float64, shape (n,)
        What was regressed: the next time's `mean_set`, or the outcome. And predictions under the regime.
    """

    model: WorkingModel
    X: np.ndarray
    X_set: np.ndarray
    target: np.ndarray
    mean_set: np.ndarray

    @property
    def residual(self) -> np.ndarray:
        """What the regression leaves, shape (n,)."""
        return self.target - self.model.mean(self.X)


def iterated_means(
    design: SequentialDesign, set_to: np.ndarray, w: np.ndarray, n_products: int, *, is_logistic: bool
) -> list[Step]:
    """E[...E[Y | past of T] ... | past of 1] with treatments set, one step a time, the first time first.

    References
    ----------
    Bang, Robins (2005), Biometrics 61(4).
    """
    steps: list[Step] = []
    target = design.outcome
    for time in reversed(range(design.n_times)):
        model, X = fitted(
            design.through(time), target, w, n_products, is_logistic=is_logistic,
            what=f"the outcome at {design.treatment_names[time]!r}",
        )  # fmt: skip
        X_set = model.basis.of(design.through(time, set_to))
        steps.append(Step(model, X, X_set, target, model.mean(X_set)))
        target = steps[-1].mean_set
    return steps[::-1]


def chain_influence(steps: Sequence[Step], direct: Sequence[np.ndarray], w: np.ndarray) -> np.ndarray:
    """Influence of each unit through the coefficients of all steps; float64, shape (n,).

    A mean depends on the coefficients of each step directly, by `direct`, and through those of the steps before it,
    whose targets they make.

    Parameters
    ----------
    steps : sequence of Step
        In time.
    direct : sequence of float64, each (q,)
        Derivative of the mean by the coefficients of each step.
    w : float64, shape (n,)
    """
    influence, through = np.zeros(len(w)), np.zeros_like(direct[0])
    for time, step in enumerate(steps):
        weighted = w * (step.X @ (step.model.inverse @ (direct[time] + through)))
        influence += weighted * step.residual
        if time + 1 < len(steps):
            later = steps[time + 1]
            through = later.model.slope(later.X_set).T @ weighted / len(w)
    return influence
