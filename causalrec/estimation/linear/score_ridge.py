"""Wide blocks adjusted for by a ridge with the treatment's own score beside it, from second moments."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.linear.ols import refuse_absorbed
from causalrec.estimation.linear.penalised_line import Line, Spectrum, fitted_line, treatment_scores
from causalrec.estimation.moments.design_moments import DesignMoments, design_moments
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.ridge import SINGULAR, centred
from causalrec.estimation.moments.score_sums import influence_error
from causalrec.estimation.uncertainty.row_share import RowShare
from causalrec.training.ranges import check_whole

__all__ = ["ScoreRidge"]

SMALLEST = 1e-9  # share of a treatment's variance that is rounding error
CONSTANT = "{!r} does not vary once the adjustment set is held fixed, so the data say nothing on its effect."


class ScoreRidge(InfluenceEstimator):
    """Ridge regression on wide blocks, with what they say of the treatment beside them (Hahn et al. 2018).

    A ridge on blocks alone shrinks the adjustment, and what it leaves is bias. Where what the blocks say of the
    treatment, its score, is a column of its own without a penalty, the part of the confounding that the penalty leaves
    goes along with it (Hahn, Carvalho, Puelz, He 2018, Bayesian Analysis 13(1)). Both ridges have the penalty of the
    largest restricted likelihood: as in a mixed model, coefficients of the blocks' columns are taken for random, those
    of treatment and outcome correlated. The score stands in parts, from what many columns share to what few have, so
    that the correlation may differ between them.

    Assumes one effect for all units, an outcome linear in covariates and blocks, and that what confounds runs through
    the columns of the blocks as evenly as a random coefficient each would have it. The last is what removes more than
    least squares does, and what can take off too much where it fails. Covariates outside the blocks have no
    penalty; blocks count in their own scale, each with the same total variance. Without blocks it is least squares.

    The error is that of the residuals, HC1 with the degrees of freedom of the penalised fit, wider by what the penalty
    leaves of the blocks' part of the outcome.

    Parameters
    ----------
    n_scores : int
        Parts of the treatment's score; 0 for none, a ridge alone.

    Attributes
    ----------
    value_ : float64, shape (1,)
    l2_ : float64, shape (2,)
        Penalties of treatment and outcome on the scaled columns, as scikit-learn's `Ridge(alpha)`.

    Examples
    --------
    >>> from causalrec.data import DesignBlock
    >>> rng = np.random.default_rng(0)
    >>> block = rng.normal(size=(400, 50))
    >>> confounds = block @ rng.normal(size=50) / 7
    >>> t = confounds + rng.normal(size=400)
    >>> y = 2 * t + confounds + rng.normal(size=400)
    >>> rows = Design(y, t[:, None], np.empty((400, 0)), (), {}, blocks=(DesignBlock("text", np.arange(400), block),))
    >>> bool(abs(ScoreRidge().fit(rows).value_[0] - 2) < 0.2)
    True
    """

    def __init__(self, n_scores: int = 3):
        self.n_scores = n_scores

    def fit(self, design: Design) -> Self:
        """Estimate from a design, in memory or streamed.

        Raises
        ------
        DataError : a number of scores below 0, or several treatments.
        EstimationError : a treatment that does not vary given covariates and blocks.
        """
        check_whole("n_scores", self.n_scores, 0)
        refuse_absorbed(design, type(self).__name__)
        if len(names := design.treatment_names) > 1:
            raise DataError(f"ScoreRidge takes one treatment, not {' and '.join(names)} together: use OLS.")
        found = design_moments(design)
        columns = _Columns(found)
        if not columns.spectrum.tt > SMALLEST * columns.before:
            raise EstimationError(CONSTANT.format(found.names[0]))
        if columns.spectrum.dof < 2:
            raise EstimationError(f"{found.total.n} rows are too few for {columns.n_free} columns without a penalty.")
        scores, l2 = np.empty((len(columns.spectrum.values), 0)), 0.0
        if self.n_scores and len(scores):
            scores, l2 = treatment_scores(columns.spectrum, self.n_scores)
        line = fitted_line(columns.spectrum, scores)
        variation = 0.0 if line is None else 1 / (line.on_treatment * columns.before)
        if line is None or not variation > SMALLEST:
            raise EstimationError(CONSTANT.format(found.names[0]))
        self.l2_ = np.array([l2, line.l2])
        maps, of_rows = columns.maps(line), RowShare()
        scale = found.total.n * line.widening

        def influence(batch: Design) -> np.ndarray:
            left, residual = _both(maps, batch, line)
            weight = 1.0 if batch.weight is None else batch.weight
            of_rows.add((left**2 * weight)[:, None])
            return (scale * left * residual * weight)[:, None]

        n_parameters = columns.n_free + round(line.n_parameters)
        kept = influence_error(design, influence, 1, n_parameters)
        diagnostics = {
            f"variation of {found.names[0]}": variation, "degrees of freedom": columns.n_free + line.n_parameters,
            "error widened by": line.widening,
        } | of_rows.diagnostics(found.names[:1])  # fmt: skip
        return self._keep(
            design, value=np.array([line.value]), n_parameters=n_parameters, diagnostics=diagnostics,
            method=f"ridge beside the treatment's score in {scores.shape[1]} parts", **kept,
        )  # fmt: skip


class _Columns:
    """Blocks along their eigenvectors, after what covariates say is taken out of them, treatment and outcome."""

    def __init__(self, found: DesignMoments):
        self.found, start = found, 2 + found.n_rowwise
        about = centred(found.total.gram, found.total.n)
        self.mean, cross, self.before = about.mean, about.cross, float(about.cross[0, 0])
        covariates, rest = np.arange(2, start), np.r_[:2, start : len(cross)]
        self.by_covariates, rank = _explained(cross[np.ix_(covariates, covariates)], cross[np.ix_(covariates, rest)])
        left = cross[np.ix_(rest, rest)] - cross[np.ix_(rest, covariates)] @ self.by_covariates
        self.unit = _one_scale(found, np.diag(cross)[start:] / about.weight)
        own = left[2:, 2:] / np.outer(self.unit, self.unit)
        values, vectors = np.linalg.eigh((own + own.T) / 2) if len(own) else (np.empty(0), np.empty((0, 0)))
        kept = np.flatnonzero(values > SINGULAR * values.max(initial=0.0))[::-1]
        self.turn = vectors[:, kept] / np.sqrt(values[kept])  # rows times this are the unit eigenvectors
        along = self.turn.T @ (left[2:, :2] / self.unit[:, None])
        self.n_free = 1 + rank
        self.spectrum = Spectrum(
            values[kept], along[:, 0], along[:, 1], float(left[0, 0]), float(left[0, 1]), float(left[1, 1]),
            found.total.n - self.n_free,
        )  # fmt: skip

    def maps(self, line: Line) -> LinearMap:
        """Of covariates and blocks: what is left of the treatment, and minus what the line says of the outcome."""
        along = np.column_stack([line.along, -line.outcome_along])
        of_blocks = self.turn @ along / self.unit[:, None]
        leading = np.array([[line.on_treatment, -line.value], [0.0, 1.0]])  # of treatment and outcome
        of_covariates = -self.by_covariates @ np.vstack([leading, of_blocks])
        coef = np.vstack([of_covariates, of_blocks])
        base = -self.mean[:2] @ leading - self.mean[2:] @ coef - self.found.shift[:2] @ leading
        return LinearMap.about(self.found, coef, base)


def _both(maps: LinearMap, batch: Design, line: Line) -> tuple[np.ndarray, np.ndarray]:
    values, t = maps.of(batch), batch.treatments[:, 0]
    return values[:, 0] + line.on_treatment * t, values[:, 1] + batch.outcome - line.value * t


def _explained(own: np.ndarray, cross: np.ndarray) -> tuple[np.ndarray, int]:
    """Coefficients of the other columns on the covariates, those that others explain left out; and the rank."""
    spread = np.sqrt(np.diag(own))
    unit = np.where(spread > 0, spread, 1.0)
    values, vectors = np.linalg.eigh(own / np.outer(unit, unit)) if len(own) else (np.empty(0), np.empty((0, 0)))
    real = values > 1e-11 * values.max(initial=0.0)
    turn = vectors[:, real] / np.sqrt(values[real])
    return (turn @ (turn.T @ (cross / unit[:, None]))) / unit[:, None], int(real.sum())


def _one_scale(found: DesignMoments, variance: np.ndarray) -> np.ndarray:
    """One number a block, repeated for its columns: they are of total variance 1 after division."""
    unit, start = np.ones(len(variance)), 0
    for block in found.blocks:
        stop = start + block.shape[1]
        total = variance[start:stop].sum()
        unit[start:stop] = np.sqrt(total) if total > 0 else 1.0
        start = stop
    return unit
