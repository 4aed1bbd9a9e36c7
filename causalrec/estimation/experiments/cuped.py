"""The effect in a randomised experiment, more precise by what units did before it."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.moments.design_moments import design_moments
from causalrec.estimation.moments.ridge import centred

__all__ = ["CUPED"]

MISMATCH = 0.001  # level of the test of shares: teams look at it in every experiment


class CUPED(InfluenceEstimator):
    """Difference of a randomised treatment, less what covariates from before it explain.

    One coefficient a covariate for both arms (Deng, Xu, Kohavi, Walker 2013, WSDM), which is least squares on
    treatment and covariates; with unequal arms and errors that follow (HC2, or the design's clusters) it is valid
    whatever the covariates' true relation (Lin 2013, Ann. Applied Statistics 7(1)). Assumes that treatment was
    assigned at random, and that every covariate was known before it: one that the treatment moves biases the effect.

    Parameters
    ----------
    share_treated : float, optional
        Share that was to be treated. Where it is given, a share of the units that differs by more than chance (one
        in a thousand) is refused: units went missing, or the assignment is broken.

    Attributes
    ----------
    value_ : float64, shape (1,)
    explained_ : float
        Share of the outcome's variance within the arms that the covariates explain: the variance of the effect
        is that much smaller.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before, shown = rng.normal(size=(400, 1)), np.tile([[0.0], [1.0]], (200, 1))
    >>> rows = Design(shown[:, 0] + before[:, 0] + rng.normal(size=400), shown, before, (), {})
    >>> round(CUPED().fit(rows).explained_, 1)
    0.5
    """

    def __init__(self, share_treated: float | None = None):
        self.share_treated = share_treated

    def fit(self, design: Design) -> Self:
        """Estimate from a design with one treatment of 0 and 1, in memory or streamed.

        Raises
        ------
        DataError : `share_treated` out of range.
        EstimationError : another kind of treatment, or shares that chance does not explain.
        """
        self._refuse(design)
        fitted = OLS("HC2").fit(design)
        self.explained_ = _explained(design)
        self._keep(
            design, value=fitted.value_, influence=fitted.influence_, covariance=fitted.covariance_,
            dof=getattr(fitted, "dof_", None), n_parameters=fitted.n_parameters_, n_clusters=fitted.n_clusters_,
            method=f"difference of randomised arms, {len(design.matrix_names)} covariates from before taken off",
            diagnostics={"variance explained by covariates": self.explained_, "share treated": self.shown_},
        )  # fmt: skip
        return self

    def _refuse(self, design: Design) -> None:
        share = self.share_treated
        if share is not None and not 0 < share < 1:
            raise DataError(f"share_treated is {share!r}; it is a share between 0 and 1.")
        if len(design.treatment_names) != 1:
            raise EstimationError(f"CUPED compares two arms; {' and '.join(design.treatment_names)} are several.")
        treated, n, name = 0.0, 0, design.treatment_names[0]
        for batch in design.batches():
            t = batch.treatments[:, 0]
            if not np.isin(t, (0.0, 1.0)).all():
                raise EstimationError(f"CUPED compares two arms, and {name!r} has values other than 0 and 1.")
            treated, n = treated + float(t.sum()), n + batch.n
        if not n:
            raise EstimationError("The table is empty: there is nothing to estimate from.")
        self.shown_ = treated / n
        if share is None or design.n_clusters:  # of units that come together chance explains more
            return
        from scipy.stats import binomtest

        p_value = binomtest(int(treated), n, share).pvalue
        if p_value < MISMATCH:
            raise EstimationError(
                f"{int(treated):,} of {n:,} units have {name!r}, {treated / n:.2%}, where {share:.2%} "
                f"were to have it (p = {p_value:.1e}): the assignment is broken, or units of one arm went missing. "
                f"Find out why before reading an effect."
            )


def _explained(design: Design) -> float:
    """Share of the outcome's variance, given the treatment, that the covariates explain."""
    total = design_moments(design).total
    cross = centred(total.gram, total.n).cross
    before = cross[1, 1] - cross[0, 1] ** 2 / cross[0, 0]
    others = [0, *range(2, len(cross))]
    inside = cross[np.ix_(others, others)]
    after = cross[1, 1] - cross[1, others] @ np.linalg.pinv(inside, rcond=1e-12, hermitian=True) @ cross[others, 1]
    return float(np.clip(1 - after / before, 0.0, 1.0)) if before > 0 else 0.0
