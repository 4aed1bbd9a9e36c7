"""Ridge and logistic regressions on cells of rows, from sums over batches: nuisances of a table of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.cells import Cells, Target, add_rows
from causalrec.estimation.moments.design_moments import DesignMoments, FoldSums, leading_columns, pieces
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.logistic_steps import LogisticSteps
from causalrec.estimation.moments.moments import Moments
from causalrec.estimation.moments.ridge import SINGULAR, centred, cross_validated
from causalrec.estimation.nuisances.logistic import SEPARATED, sigmoid

__all__ = ["fit_targets", "predict_targets"]

CONSTANT = 1e-12  # share of a column's squares that is rounding error
FLOOR = 1e-100  # of the variance of a fitted probability, so that nothing is divided by 0
MAX_PASSES = 100


def fit_targets(
    design: Design, found: DesignMoments, cells: Cells, targets: Sequence[Target], l2: float | None
) -> LinearMap:
    """All regressions at once: the linear ones from the moments, the logistic ones by Newton passes over the rows.

    The penalty is on columns of unit variance among a regression's own rows, as `Ridge(alpha=l2)` and
    `LogisticRegression(C=1 / l2)` have it; columns that do not vary there are left out.

    Parameters
    ----------
    design : Design
        In memory or streamed.
    found : DesignMoments
        From `cell_moments`.
    cells : Cells
    targets : sequence of Target
    l2 : float or None
        None: chosen for each regression from its moments by generalised cross-validation. A logistic one takes what
        is best for a linear one, times the variance of a probability: at the mean both have the same solution.

    Returns
    -------
    LinearMap
        One function a target; log odds where it is logistic.

    Raises
    ------
    EstimationError : no rows, one class alone, or a logistic regression that does not converge.
    """
    scales = [_Scale.of(found, target) for target in targets]
    penalties = [scale.penalty(target) if l2 is None else l2 for target, scale in zip(targets, scales, strict=True)]
    coefs = [
        np.empty(0) if target.logistic else scale.ridge(target.column, penalty, found.shift[target.column])
        for target, scale, penalty in zip(targets, scales, penalties, strict=True)
    ]
    logistic = [at for at, target in enumerate(targets) if target.logistic]
    steps = {at: LogisticSteps(1 + len(scales[at].unit), penalties[at]) for at in logistic}
    for _ in range(MAX_PASSES):
        open_ = [at for at in logistic if not steps[at].done]
        if not open_:
            break
        _newton_pass(design, found, cells, {at: (targets[at], scales[at], steps[at]) for at in open_})
    else:
        raise EstimationError(f"A logistic regression did not converge in {MAX_PASSES} passes; give it a larger l2.")
    for at in logistic:
        coefs[at] = steps[at].tried
    return LinearMap.beside([_map(found, scale, coef) for scale, coef in zip(scales, coefs, strict=True)])


def predict_targets(batch: Design, maps: LinearMap, targets: Sequence[Target]) -> np.ndarray:
    """Fitted values of a batch, probabilities where logistic; float64, shape (m, n_targets)."""
    values = maps.of(batch)
    logistic = [at for at, target in enumerate(targets) if target.logistic]
    values[:, logistic] = sigmoid(values[:, logistic])
    return values


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """Means and units of the covariates among the rows of one target, with the moments about them."""

    about: np.ndarray  # centred cross products of [treatment, outcome, covariates]
    mean: np.ndarray  # of all of those, about the shift
    unit: np.ndarray  # of the covariates; infinite where one does not vary
    weight: float
    n: int  # rows

    @classmethod
    def of(cls, found: DesignMoments, target: Target) -> _Scale:
        parts = [part for part, chosen in zip(found.folds, target.cells, strict=True) if chosen]
        total: Moments = sum(parts[1:], parts[0])
        if not total.gram[0, 0] > 0:
            raise EstimationError("There are no rows of one arm, or none with a weight, outside a fold: ask for fewer.")
        about = centred(total.gram, total.n)
        spread, squares = np.diag(about.cross), np.diag(total.gram)[1:]
        varies = spread > CONSTANT * squares
        if target.logistic and not varies[target.column]:
            name = found.names[target.column]
            raise EstimationError(
                f"{name!r} has one value in all rows that a logistic regression is to learn it from: there is one "
                f"class. Ask for fewer folds, or for a linear regression."
            )
        k = found.n_leading
        unit = np.where(varies, np.sqrt(np.where(varies, spread, 1.0) / about.weight), np.inf)[k:]
        return cls(about.cross, about.mean, unit, about.weight, total.n)

    def penalty(self, target: Target) -> float:
        """The best one by generalised cross-validation."""
        k, column = len(self.mean) - len(self.unit), target.column
        values, vectors = np.linalg.eigh(self.about[k:, k:] / np.outer(self.unit, self.unit))
        keep = values > SINGULAR * values.max(initial=0)
        along = vectors[:, keep].T @ (self.about[k:, column] / self.unit)
        total = self.about[column, column]
        best = cross_validated(values[keep], along, total, self.weight, self.n)
        return best * total / self.weight if target.logistic else best

    def ridge(self, column: int, l2: float, shift: float) -> np.ndarray:
        """Intercept at the means, and coefficients of the standardised covariates."""
        k = len(self.mean) - len(self.unit)
        own = self.about[k:, k:] / np.outer(self.unit, self.unit) + l2 * np.eye(len(self.unit))
        coef = np.linalg.lstsq(own, self.about[k:, column] / self.unit, rcond=1e-13)[0]
        return np.r_[shift + self.mean[column], coef]


def _map(found: DesignMoments, scale: _Scale, coef: np.ndarray, *, shifted: bool = False) -> LinearMap:
    """The function of covariates as they are, or less the moments' shift: that one loses no digits to large means."""
    raw = coef[1:] / scale.unit
    base = np.array([coef[0] - scale.mean[found.n_leading :] @ raw])
    one = LinearMap.about(found, raw[:, None], base)
    return replace(one, intercept=base) if shifted else one


def _newton_pass(design: Design, found: DesignMoments, cells: Cells, regressions: dict) -> None:
    """Log likelihood, slope and curvature of each regression at the coefficients that it tries."""
    k, columns = found.n_leading, found.shift[found.n_leading : found.n_leading + found.n_rowwise]
    blocks = tuple(matrix - matrix.mean(axis=0) for matrix in found.blocks)
    sums = {at: FoldSums(2 + found.n_rowwise, blocks) for at in regressions}
    fits = dict.fromkeys(regressions, 0.0)
    maps = LinearMap.beside([_map(found, scale, step.tried, shifted=True) for _, scale, step in regressions.values()])
    for batch in pieces(design):
        code, leading, shifted = cells.of(batch), leading_columns(batch), batch.covariates - columns
        z = maps.of(replace(batch, covariates=shifted))
        rows = np.column_stack([np.ones((batch.n, 2)), shifted])
        for place, (at, (target, _, step)) in enumerate(regressions.items()):
            of = np.flatnonzero(target.cells[code])
            weight = np.ones(len(of)) if batch.weight is None else batch.weight[of]
            y, eta = leading[of, target.column], z[of, place]
            if not step.penalty.any() and np.abs(eta).max(initial=0.0) > SEPARATED:
                raise EstimationError(
                    "The covariates tell the two classes of a logistic regression apart, or nearly so: there is no "
                    "overlap. Give it a larger l2, or adjust for less."
                )
            p = sigmoid(eta)
            curve = np.maximum(p * (1 - p), FLOOR)
            part = rows[of]
            part[:, 1] = (y - p) / curve
            fits[at] += float(weight @ (y * eta - np.logaddexp(0.0, eta)))
            add_rows(sums[at], part, batch, of, weight * curve)
    for at, (_, scale, step) in regressions.items():
        gram = sums[at].moments().gram
        turn = np.diag(np.r_[1.0, 1 / scale.unit])
        turn[1:, 0] = -scale.mean[k:] / scale.unit
        places = np.r_[0, np.arange(2, len(gram))]
        step.take(fits[at], turn @ gram[np.ix_(places, places)] @ turn.T, turn @ gram[places, 1])
