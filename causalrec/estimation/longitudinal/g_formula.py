"""The parametric g-formula: what would happen, simulated from models of every covariate and of the outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.longitudinal.ice import products_in_words, refuse_extrapolation
from causalrec.estimation.longitudinal.regime_estimator import Means, RegimeEstimator, is_binary
from causalrec.estimation.longitudinal.regimes import Regime, known_by
from causalrec.estimation.longitudinal.sequential_design import SequentialDesign
from causalrec.estimation.longitudinal.working_models import WorkingModel, fitted
from causalrec.estimation.row_order import row_order
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["GFormula"]

LEAST_BOOTSTRAP = 20
MOST_FAILED = 0.05  # share of bootstrap samples whose models cannot be fitted


class GFormula(RegimeEstimator):
    """Parametric g-formula by simulation (Robins 1986).

    Covariates before the first treatment are those of the units; later ones are drawn from models given all that came
    before, treatments are set, and the outcome is predicted. Models are logistic for columns of 0 and 1 and linear with
    normal errors for others; all must be right. The error is from a bootstrap of units, or of clusters, with the same
    random numbers in each sample and regime, so that it has no noise of the simulation; what noise the means have is
    added.

    Parameters
    ----------
    n_products : int
        How many columns a term of the models multiplies.
    n_draws : int
        Simulated units.
    n_bootstrap : int
    random_state : int

    References
    ----------
    Robins (1986), Mathematical Modelling 7.

    Examples
    --------
    >>> t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float).repeat(2, axis=0)
    >>> noise = np.tile([-0.5, 0.5], 4)
    >>> rows = SequentialDesign(1 + 2 * t[:, 0] + t[:, 1] + noise, t, np.empty((8, 0)), (), {})
    >>> GFormula(n_draws=100, n_bootstrap=20).fit(rows).value_.round(6)
    array([4., 1.])
    """

    def __init__(
        self, *, n_products: int = 1, n_draws: int = 10_000, n_bootstrap: int = 200, random_state: int = 0
    ):  # fmt: skip
        self.n_products = n_products
        self.n_draws = n_draws
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state

    def _words(self) -> str:
        words = f"parametric g-formula, {self.n_draws:,} draws{products_in_words(self.n_products)}"
        return f"{words}, {self.n_bootstrap} bootstrap samples, random_state {self.random_state}"

    def _means(self, design: SequentialDesign, regimes: tuple[Regime, ...]) -> Means:
        self._refuse(design)
        refuse_extrapolation(design, regimes)
        rows = design.rows(row_order(design))
        assert isinstance(rows, SequentialDesign)
        w = unit_weights(rows)
        world = _World(rows, self.n_products, _draws(rows, self.n_draws, self.random_state))
        outcomes = world.outcomes(regimes, w)
        noise = np.cov(outcomes, bias=True).reshape(len(regimes), -1) / self.n_draws if world.n_later else 0.0
        return Means(outcomes.mean(axis=1), covariance=self._bootstrap_covariance(world, regimes, w) + noise)

    def _bootstrap_covariance(self, world: _World, regimes: tuple[Regime, ...], w: np.ndarray) -> np.ndarray:
        codes = next(iter(world.rows.clusters.values()), np.arange(world.rows.n))
        n_clusters, rng = int(codes.max()) + 1, np.random.default_rng([self.random_state, 1])
        found: list[np.ndarray] = []
        for _ in range(self.n_bootstrap):
            counts = rng.multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters))[codes]
            try:
                found.append(world.outcomes(regimes, w * counts * len(w) / (w @ counts)).mean(axis=1))
            except EstimationError as error:
                why = error
        if len(found) < (1 - MOST_FAILED) * self.n_bootstrap:
            raise EstimationError(
                f"The models could not be fitted in {self.n_bootstrap - len(found)} of {self.n_bootstrap} bootstrap "
                f"samples: {why}"
            )
        return np.cov(np.array(found), rowvar=False).reshape(len(regimes), -1)

    def _refuse(self, design: SequentialDesign) -> None:
        if self.n_draws < 1 or self.n_bootstrap < LEAST_BOOTSTRAP:
            raise DataError(
                f"n_draws is {self.n_draws} and n_bootstrap {self.n_bootstrap}; they are at least 1 and "
                f"{LEAST_BOOTSTRAP}."
            )
        if self.random_state < 0:
            raise DataError(f"random_state is {self.random_state}; it is a whole number of 0 or more.")
        if len(design.clusters) > 1:
            raise DataError(f"The bootstrap draws clusters of one kind, not {' and '.join(design.clusters)}.")


def _draws(design: SequentialDesign, n_draws: int, random_state: int) -> np.ndarray:
    """Uniform numbers for each simulated unit and each later covariate; float64, shape (n_covariates, n_draws)."""
    return np.random.default_rng(random_state).random((design.covariates.shape[1], n_draws))


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """The units, the models' form, and the random numbers of a simulation."""

    rows: SequentialDesign
    n_products: int
    draws: np.ndarray
    is_binary: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_binary", np.array([is_binary(column) for column in self.rows.covariates.T], bool))

    @property
    def n_later(self) -> int:
        """Covariates after the first treatment."""
        return int((self.rows.at > 0).sum())

    def outcomes(self, regimes: tuple[Regime, ...], w: np.ndarray) -> np.ndarray:
        """Expected outcome of each simulated unit under each regime; float64, shape (n_regimes, n_draws)."""
        rows = self.rows
        later = {int(at): self._model(int(at), w) for at in np.flatnonzero(rows.at > 0)}
        outcome, _ = fitted(
            rows.through(rows.n_times - 1), rows.outcome, w, self.n_products, is_logistic=is_binary(rows.outcome),
            what="the outcome",
        )  # fmt: skip
        return np.array([self._simulated(regime, later, outcome, w) for regime in regimes])

    def _model(self, at: int, w: np.ndarray) -> tuple[WorkingModel, float]:
        """Model of one covariate given what came before, and the spread of its errors."""
        y = self.rows.covariates[:, at]
        what = f"the covariate {self.rows.covariate_names[at]!r}"
        past = self._past(at, self.rows.covariates, self.rows.treatments)
        model, X = fitted(past, y, w, self.n_products, is_logistic=bool(self.is_binary[at]), what=what)
        return model, float(np.sqrt(w @ (y - model.mean(X)) ** 2 / max(w.sum() - len(model.coef), 1.0)))

    def _past(self, at: int, covariates: np.ndarray, treatments: np.ndarray) -> np.ndarray:
        """Columns before one covariate: those of earlier times, those before it at its own, earlier treatments."""
        time = int(self.rows.at[at])
        before = (self.rows.at < time) | ((self.rows.at == time) & (np.arange(len(self.rows.at)) < at))
        return np.column_stack([covariates[:, before], treatments[:, :time]])

    def _simulated(
        self, regime: Regime, later: dict[int, tuple[WorkingModel, float]], outcome: WorkingModel, w: np.ndarray
    ) -> np.ndarray:
        rows, n = self.rows, self.draws.shape[1]
        picked = np.searchsorted(np.cumsum(w) / w.sum(), (np.arange(n) + 0.5) / n)  # even steps: no noise from here
        covariates = np.where(rows.at == 0, rows.covariates[picked], 0.0)
        treatments = np.zeros((n, rows.n_times))
        for time in range(rows.n_times):
            for at in np.flatnonzero((rows.at == time) & (time > 0)):
                covariates[:, at] = self._drawn(int(at), *later[int(at)], covariates, treatments)
            treatments[:, time] = regime.value(time, known_by(rows, time, covariates, treatments), n)
        return outcome.mean(outcome.basis.of(np.column_stack([covariates, treatments])))

    def _drawn(
        self, at: int, model: WorkingModel, spread: float, covariates: np.ndarray, treatments: np.ndarray
    ) -> np.ndarray:
        from scipy.special import ndtri

        mean = model.mean(model.basis.of(self._past(at, covariates, treatments)))
        return (self.draws[at] < mean).astype(float) if self.is_binary[at] else mean + spread * ndtri(self.draws[at])
