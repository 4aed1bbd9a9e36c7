"""Instruments: two-stage least squares and LIML, from second moments."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.instruments.weak_instruments import ReducedForm, RobustInterval
from causalrec.estimation.linear.ols import refuse_absorbed
from causalrec.estimation.moments.partialled import Partialled, partialled
from causalrec.estimation.moments.score_sums import influence_error
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uncertainty.row_share import RowShare

__all__ = ["LIML", "TwoStageLeastSquares"]

TARGET = "LATE, or the linear effect"


class TwoStageLeastSquares(InfluenceEstimator):
    """Two-stage least squares from second moments, with robust or clustered errors.

    Assumes that the instruments move the treatments, reach the outcome through them alone and share no
    cause with it given the covariates. With effects that differ between units, and a binary instrument
    that moves nobody the other way, it gives the effect on those that the instrument moves (Imbens, Angrist
    1994, Econometrica 62(2)). With weak instruments its interval covers too seldom; `anderson_rubin` gives
    one that holds however weak they are.

    Parameters
    ----------
    allow_weak : bool
        Whether to go on where the first stage is not significant at 5%, for the sake of `anderson_rubin`.

    Attributes
    ----------
    value_ : float64, shape (k,)
    first_stage_f_ : float64, shape (k,)
        Robust (or clustered) F of the instruments in each treatment's first stage.
    effective_f_ : float
        F of Montiel Olea, Pflueger (2013, J. Business & Economic Statistics 31(3)); of one treatment, else NaN.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> z, u = rng.normal(size=(2, 5000))
    >>> t = z + u + rng.normal(size=5000)
    >>> rows = Design(2 * t + 3 * u, t[:, None], np.empty((5000, 0)), (), {}, instruments=z[:, None])
    >>> bool(abs(TwoStageLeastSquares().fit(rows).value_[0] - 2) < 0.2)
    True
    """

    words = "two-stage least squares"

    def __init__(self, *, allow_weak: bool = False):
        self.allow_weak = allow_weak

    def fit(self, design: Design) -> Self:
        """Estimate from a design, in memory or streamed.

        Raises
        ------
        EstimationError : fewer instruments than treatments, or instruments that move nothing.
        """
        refuse_absorbed(design, type(self).__name__)
        parts = partialled(design)
        k, n_parameters = parts.k, parts.n_covariates + 1 + parts.k
        self._reduced_form(design, parts)
        kappa = self._kappa(parts)
        # k-class: (1 - kappa) of the treatment itself and kappa of what the instruments say of it.
        normal = (1 - kappa) * parts.cross[:k, :k] + kappa * parts.explained[:k, :k]
        right = (1 - kappa) * parts.cross[:k, k] + kappa * parts.explained[:k, k]
        self._refuse_rank(parts, normal)
        value, inverse = np.linalg.solve(normal, right), np.linalg.inv(normal) * parts.n

        of_rows = RowShare()

        def influence(batch: Design) -> np.ndarray:
            left = parts.left(batch)
            residual = left[:, k] - left[:, :k] @ value
            moved = ((1 - kappa) * left[:, :k] + kappa * (left[:, k + 1 :] @ parts.first_stage[:, :k])) @ inverse
            weight = np.ones((batch.n, 1)) if batch.weight is None else batch.weight[:, None]
            of_rows.add(weight * moved**2)
            return moved * weight * residual[:, None]

        names = design.treatment_names
        kept = influence_error(design, influence, k, n_parameters)
        diagnostics = {f"first-stage F of {name}": f for name, f in zip(names, self.first_stage_f_, strict=True)}
        diagnostics |= {"effective F": self.effective_f_} if k == 1 else {}
        diagnostics |= of_rows.diagnostics(names)
        diagnostics |= {"kappa": kappa} if kappa != 1 else {}
        return self._keep(
            design, value=value, n_parameters=n_parameters, target=TARGET, diagnostics=diagnostics,
            method=f"{self.words}, {len(parts.instruments)} instruments", **kept,
        )  # fmt: skip

    def anderson_rubin(self, level: float = 0.95) -> RobustInterval:
        """Values of the effect that the instruments do not reject, however weak they are.

        Anderson, Rubin (1949, Annals of Mathematical Statistics 20(1)), with the robust or clustered
        covariance. It can be the whole line, two rays, or empty, where the instruments contradict each other.

        Raises
        ------
        NotFittedError : `fit` was not called.
        EstimationError : several treatments.
        """
        self._require_fitted()
        if len(self.value_) > 1:
            raise EstimationError("An Anderson-Rubin interval is of one treatment; this has several.")
        return self.reduced_form_.interval(level)

    def _kappa(self, parts: Partialled) -> float:
        return 1.0

    def _reduced_form(self, design: Design, parts: Partialled) -> None:
        """How treatments and outcome follow the instruments, with the covariance of all of it."""
        k, m = parts.k, len(parts.instruments)
        n_parameters = parts.n_covariates + 1 + m

        def influence(batch: Design) -> np.ndarray:
            left = parts.left(batch)
            z = left[:, k + 1 :]
            residual = left[:, : k + 1] - z @ parts.first_stage
            scaled = z @ parts.inverse * parts.n
            scaled = scaled if batch.weight is None else scaled * batch.weight[:, None]
            return (residual[:, :, None] * scaled[:, None, :]).reshape(len(left), -1)

        kept = influence_error(design, influence, (k + 1) * m, n_parameters)
        covariance, dof = _covariance(kept, design, n_parameters)
        self.first_stage_f_ = np.array([
            parts.first_stage[:, at] @ np.linalg.pinv(_part(covariance, at, at, m), hermitian=True)
            @ parts.first_stage[:, at] / parts.rank for at in range(k)
        ])  # fmt: skip
        self.effective_f_ = float("nan")
        if k == 1:
            own = _part(covariance, 0, 0, m)
            self.effective_f_ = float(parts.explained[0, 0] / np.trace(own @ parts.between))
            self.reduced_form_ = ReducedForm(
                on_treatment=parts.first_stage[:, 0], on_outcome=parts.first_stage[:, 1],
                covariance=covariance, rank=parts.rank, dof=dof,
            )  # fmt: skip
        self._refuse_idle(design, parts, dof)

    def _refuse_idle(self, design: Design, parts: Partialled, dof: float) -> None:
        from scipy.stats import f

        chance = f.sf(self.first_stage_f_, parts.rank, dof)
        for name, value, p in zip(design.treatment_names, self.first_stage_f_, chance, strict=True):
            if not p < 0.05 and not self.allow_weak:
                raise EstimationError(
                    f"{' and '.join(map(repr, parts.instruments))} moves nothing: its first stage of {name!r} has an F "
                    f"of {value:.2f} (p = {p:.2f}). Find a stronger instrument, or ask for {type(self).__name__}"
                    f"(allow_weak=True) and its anderson_rubin interval."
                )

    def _refuse_rank(self, parts: Partialled, normal: np.ndarray) -> None:
        unit = np.sqrt(np.diag(parts.cross)[: parts.k])
        if np.linalg.eigvalsh(parts.explained[: parts.k, : parts.k] / np.outer(unit, unit))[0] < 1e-10:
            raise EstimationError(
                f"{' and '.join(map(repr, parts.instruments))} cannot tell treatments apart: it moves them together."
            )


class LIML(TwoStageLeastSquares):
    """Limited information maximum likelihood (Anderson, Rubin 1949, Annals of Mathematical Statistics 20(1)).

    The same assumptions as two-stage least squares, of which it has less of the bias where instruments are
    many and weak; with as many instruments as treatments both are the same. Errors are robust or clustered,
    and do not count the number of instruments in.
    """

    words = "limited information maximum likelihood"

    def _kappa(self, parts: Partialled) -> float:
        """Smallest ratio of what is left without the instruments to what is left with them."""
        if parts.rank == parts.k:
            return 1.0
        from scipy.linalg import eigh

        size = parts.k + 1
        whole = parts.cross[:size, :size]
        return float(eigh(whole, whole - parts.explained, eigvals_only=True, subset_by_index=[0, 0])[0])


def _part(covariance: np.ndarray, a: int, b: int, m: int) -> np.ndarray:
    return covariance[a * m : (a + 1) * m, b * m : (b + 1) * m]


def _covariance(kept: dict[str, Any], design: Design, n_parameters: int) -> tuple[np.ndarray, float]:
    if kept["influence"] is None:
        return kept["covariance"], kept["dof"]
    return influence_covariance(kept["influence"], design.clusters, n_parameters)
