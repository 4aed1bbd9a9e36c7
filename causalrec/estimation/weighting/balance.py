"""How alike both arms are, before and after weighting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import NotFittedError, ShapeError
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.estimators import effective_number

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BalanceTable", "balance_table"]

LARGE_DIFFERENCE = 0.1
N_SHOWN = 30


@dataclass(frozen=True, slots=True, eq=False)
class BalanceTable:
    """Differences between the arms' covariates, one row a covariate.

    Attributes
    ----------
    names : tuple of str, length p
    difference_before, difference_after : float64, shape (p,)
        Mean of the treated less that of the untreated, over the unweighted standard deviation (root of the
        mean of both arms' variances); beyond .1 it is often called large. 0 for a constant covariate.
    ratio_before, ratio_after : float64, shape (p,)
        Variance of the treated over that of the untreated; NaN where the latter is 0.
    n_arms : pair of int
        Units untreated and treated.
    effective_before, effective_after : pair of float
        Units of equal weight that say as much, untreated and treated.
    treatment : str
    """

    names: tuple[str, ...]
    difference_before: np.ndarray
    difference_after: np.ndarray
    ratio_before: np.ndarray
    ratio_after: np.ndarray
    n_arms: tuple[int, int]
    effective_before: tuple[float, float]
    effective_after: tuple[float, float]
    treatment: str

    @property
    def largest(self) -> tuple[float, float]:
        """Largest absolute difference before and after."""
        return (
            float(np.abs(self.difference_before).max(initial=0.0)),
            float(np.abs(self.difference_after).max(initial=0.0)),
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a covariate."""
        import pandas as pd

        columns = ("difference_before", "difference_after", "ratio_before", "ratio_after")
        frame = pd.DataFrame({name: getattr(self, name) for name in columns}, index=list(self.names))
        return frame.rename_axis("covariate")

    def __str__(self) -> str:
        order = np.argsort(-np.abs(self.difference_before), kind="stable")[:N_SHOWN]
        width = max([len(self.names[row]) for row in order] + [9])
        width = min(width, 40)
        lines = [
            f"Balance of {self.treatment}: standardised difference and ratio of variances, before and after",
            f"  {'covariate':<{width}}  {'before':>8}  {'after':>8}  {'ratio':>8}  {'after':>8}",
        ]
        for row in order:
            large = "  *" if abs(self.difference_after[row]) > LARGE_DIFFERENCE else ""
            before, after = (column[row] for column in (self.difference_before, self.difference_after))
            ratios = f"{self.ratio_before[row]:>8.2f}  {self.ratio_after[row]:>8.2f}"
            lines.append(f"  {self.names[row][:width]:<{width}}  {before:>8.3f}  {after:>8.3f}  {ratios}{large}")
        if len(self.names) > N_SHOWN:
            lines.append(f"  ... and {len(self.names) - N_SHOWN:,} others")
        (off, on), left = self.n_arms, self.effective_after
        lines.append(f"  {off:,} untreated count as {left[0]:,.1f}, {on:,} treated as {left[1]:,.1f} after weighting")
        if any(abs(self.difference_after) > LARGE_DIFFERENCE):
            lines.append(f"  * still beyond {LARGE_DIFFERENCE}")
        return "\n".join(lines)


def balance_table(design: Design, weights: Any = None) -> BalanceTable:
    """Balance of the covariates before and after weighting.

    Parameters
    ----------
    design : Design
        With a treatment of 0 and 1.
    weights : fitted estimator with `weights_`, or float64 of shape (n,); optional
        Left out: as before. Weights of the design count before and after.

    Raises
    ------
    EstimationError : the design has no two arms.
    NotFittedError, ShapeError : weights that are none.

    Examples
    --------
    >>> rows = Design(np.zeros(4), np.array([[0.0], [0], [1], [1]]), np.array([[0.0], [1], [1], [2]]), (), {})
    >>> table = balance_table(rows, np.array([0.0, 1.0, 1.0, 0.0]))
    >>> table.difference_before.round(2).tolist(), table.difference_after.tolist()
    ([2.0], [0.0])
    """
    arms = two_arms(design, "A balance table")
    after = _weights(arms, weights)
    masks = [arms.t == arm for arm in (0, 1)]
    means, variances = zip(*(_moments(arms.X[own], arms.weight[own]) for own in masks), strict=True)
    means_after, variances_after = zip(*(_moments(arms.X[own], after[own]) for own in masks), strict=True)
    spread = np.sqrt((variances[0] + variances[1]) / 2)
    return BalanceTable(
        names=arms.names, treatment=arms.treatment, n_arms=arms.n_arms,
        difference_before=_over(means[1] - means[0], spread),
        difference_after=_over(means_after[1] - means_after[0], spread),
        ratio_before=_over(variances[1], variances[0], np.nan),
        ratio_after=_over(variances_after[1], variances_after[0], np.nan),
        effective_before=(effective_number(arms.weight[masks[0]]), effective_number(arms.weight[masks[1]])),
        effective_after=(effective_number(after[masks[0]]), effective_number(after[masks[1]])),
    )  # fmt: skip


def _weights(arms: TwoArms, weights: Any) -> np.ndarray:
    if weights is None:
        return arms.weight
    if hasattr(weights, "fit"):
        if not hasattr(weights, "weights_"):
            raise NotFittedError(
                f"This {type(weights).__name__} has no weights: call fit(design) of a weighting first."
            )
        found = np.asarray(weights.weights_, dtype=float)  # those of the design are in them
    else:
        found = np.asarray(weights, dtype=float) * arms.weight if np.shape(weights) == (arms.n,) else np.empty(0)
    if found.shape != (arms.n,) or not np.isfinite(found).all():
        raise ShapeError(f"`weights` {np.shape(weights)} must be {arms.n:,} finite numbers, one for each unit.")
    for arm, word in enumerate(("untreated", "treated")):
        if (found[arms.t == arm] < 0).any() or not found[arms.t == arm].sum() > 0:
            raise ShapeError(f"`weights` must be 0 or more, and some above 0, among the {word}.")
    return found


def _moments(X: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = weight @ X / weight.sum()
    return mean, weight @ (X - mean) ** 2 / weight.sum()


def _over(top: np.ndarray, bottom: np.ndarray, otherwise: float = 0.0) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(len(top), otherwise), where=bottom > 0)
