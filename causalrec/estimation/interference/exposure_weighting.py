"""Direct and spill-over effects by inverse probabilities of exposure, from the lottery that was held."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.interference.assignments import Assignment, refuse_assignment
from causalrec.estimation.interference.contrasts import SpilloverEffects, contrast
from causalrec.estimation.interference.exposure_levels import (
    N_LEVELS,
    ExposureProbabilities,
    ExposureRule,
    exposure_probabilities,
)
from causalrec.estimation.interference.exposures import Neighbours, neighbours_at
from causalrec.estimation.interference.level_covariance import (
    bound_covariance,
    difference_variance,
    level_covariance,
    level_weights,
)
from causalrec.estimation.interference.network import Network
from causalrec.estimation.interference.pair_probabilities import PairProbabilities, pair_probabilities
from causalrec.estimation.interference.treated_units import one_treatment
from causalrec.identification import Estimand

__all__ = ["ExposureWeighting"]

LEAST_DRAWS = 100
LEVELS = ("neither", "friends alone", "itself alone", "both")
CONTRASTS = {  # name: (level, less level, what is compared)
    "direct": (2, 0, "itself treated against not, not exposed"),
    "spill-over": (1, 0, "exposed against not, itself untreated"),
    "total": (3, 0, "both against neither"),
}


class ExposureWeighting(InfluenceEstimator):
    """Means of the four exposures, weighted by the inverse of their chances (Aronow, Samii 2017, AoAS 11(4)).

    Assumes that treatments were drawn by the stated lottery and that others act through the exposure alone; no
    model of the outcome. The chances are exact for a throw of each unit, else counted in seeded draws. The effects
    are of units that can have every exposure: those without friends are left out and counted. Variances are those
    of the paper, whose expectation is at least the true one; pairs of units that share no lot are independent (for a
    fixed number of treated units nearly so). Where such a variance is negative, the bound takes its place that
    counts every dependent pair as perfectly correlated.

    Parameters
    ----------
    network : Network or Slates
        One row a unit, in the order of the design.
    assignment : BernoulliAssignment, CompleteAssignment or ClusterAssignment
        How treatments were drawn.
    kind, threshold
        Who counts as exposed: "any" friend treated, or at least a "share" or "count" of `threshold`.
    hops : {1, 2}
    normalised : bool
        Divide by the sum of the weights (Hajek), which is steadier; or by the number of units (Horvitz-Thompson),
        which is unbiased.
    n_draws : int
        Draws of the lottery where chances have no closed form.
    random_state : int

    Attributes
    ----------
    value_ : float64, shape (1,)
        The total effect.
    means_ : float64, shape (4,)
        Mean outcome, were all units: untreated and not exposed, exposed alone, treated alone, both.
    covariance_of_means_ : float64, shape (4, 4)
    probabilities_ : ExposureProbabilities

    Examples
    --------
    >>> from causalrec.estimation.interference.assignments import BernoulliAssignment
    >>> from causalrec.estimation.interference.network import network_of
    >>> rng = np.random.default_rng(0)
    >>> ring = network_of(np.arange(2000), (np.arange(2000) + 1) % 2000, n=2000)
    >>> t = (rng.random(2000) < 0.3).astype(float)
    >>> y = 2 * t + (ring.treated_friends(t) > 0) + 0.1 * rng.normal(size=2000)
    >>> rows = Design(y, t[:, None], np.empty((2000, 0)), (), {}, ("invited",))
    >>> ExposureWeighting(ring, BernoulliAssignment(0.3)).fit(rows).value_.round(1)
    array([3.])
    """

    def __init__(
        self, network: Neighbours, assignment: Assignment, *, kind: str = "any", threshold: float | None = None,
        hops: int = 1, normalised: bool = True, n_draws: int = 10_000, random_state: int = 0,
    ):  # fmt: skip
        self.network = network
        self.assignment = assignment
        self.kind = kind
        self.threshold = threshold
        self.hops = hops
        self.normalised = normalised
        self.n_draws = n_draws
        self.random_state = random_state

    def fit(self, design: Design) -> Self:
        """Estimate from a design with one row for each unit of the network; covariates play no part.

        Raises
        ------
        DataError : a treatment that is not 0 and 1 or that the lottery cannot have drawn; weights.
        ShapeError : other units than those of the network.
        EstimationError : everybody or nobody is treated, or an exposure that no unit has.
        """
        near, treatment, rule = self._checked(design)
        chances = exposure_probabilities(
            near, self.assignment, rule, n_draws=self.n_draws, random_state=self.random_state
        )
        levels = (2 * treatment + rule.holds(near, treatment)).astype(np.int64)
        kept = chances.possible
        _refuse_empty(levels, kept, rule)
        pairs = pair_probabilities(near, self.assignment, rule, n_draws=self.n_draws, random_state=self.random_state)
        weight = level_weights(levels, chances)
        n = int(kept.sum())
        sums = weight.sum(axis=0) if self.normalised else np.full(N_LEVELS, float(n))
        self.means_ = weight.T @ design.outcome / sums
        left = design.outcome[:, None] - (self.means_ if self.normalised else 0.0)
        self._set_covariance(left, levels, chances, pairs, sums)
        self.probabilities_, self.rule_, self._n_kept = chances, rule, n
        self._name, self._smallest = design.treatment_names[0], int(np.bincount(levels[kept]).min())
        centre = np.zeros((design.n, 1)) if self.normalised else kept[:, None] * self.means_ / n
        influence = design.n * (weight * left / sums - centre)
        high, low, _ = CONTRASTS["total"]
        return self._keep(
            design, value=self.means_[[high]] - self.means_[[low]], influence=influence[:, high] - influence[:, low],
            n_parameters=N_LEVELS, method=self._words(rule),
            covariance=np.array([[difference_variance(self.covariance_of_means_, high, low)]]),
            dof=self._smallest - 1.0, n_clusters={},
            diagnostics=_counts(levels[kept]) | {"smallest chance of an exposure": float(chances.value[kept].min()),
                                                 "units left out": float(design.n - n)},
        )  # fmt: skip

    def effects(self, estimand: Estimand, *, unit: str = "outcome") -> SpilloverEffects:
        """Direct, spill-over and total effect, each with its error.

        Raises
        ------
        NotFittedError : `fit` was not called.
        """
        self._require_fitted()
        found = {
            name: contrast(name, compares, float(self.means_[high] - self.means_[low]),
                           difference_variance(self.covariance_of_means_, high, low), self._smallest - 1.0)
            for name, (high, low, compares) in CONTRASTS.items()
        }  # fmt: skip
        return SpilloverEffects(
            found["direct"], found["spill-over"], found["total"], self._name, estimand.outcome, self.method_,
            self._error_words(), self._n_kept, unit=unit, diagnostics=dict(self.diagnostics_), notes=self._notes(),
        )  # fmt: skip

    def _checked(self, design: Design) -> tuple[Network, np.ndarray, ExposureRule]:
        near = neighbours_at(self.network, self.hops)
        treatment = one_treatment(design, near, type(self).__name__)
        if self.n_draws < LEAST_DRAWS:
            raise DataError(f"n_draws is {self.n_draws}; chances that are drawn need {LEAST_DRAWS} or more.")
        if design.weight is not None:
            raise DataError("ExposureWeighting weights by chances of exposure and takes no other weights.")
        refuse_assignment(self.assignment, treatment)
        network = near if isinstance(near, Network) else near.as_network()
        return network, treatment, ExposureRule(self.kind, self.threshold)

    def _set_covariance(
        self, left: np.ndarray, levels: np.ndarray, chances: ExposureProbabilities, pairs: PairProbabilities,
        sums: np.ndarray,
    ) -> None:  # fmt: skip
        found = level_covariance(left, levels, chances, pairs)
        self.bounded_ = any(difference_variance(found, high, low) < 0 for high, low, _ in CONTRASTS.values())
        found = bound_covariance(left, levels, chances, pairs) if self.bounded_ else found
        self.covariance_of_means_ = found / np.outer(sums, sums)

    def _words(self, rule: ExposureRule) -> str:
        kind = "Hajek" if self.normalised else "Horvitz-Thompson"
        return f"{kind} means by chances of exposure ({rule.words}), treated were {self.assignment.words}"

    def _error_words(self) -> str:
        drawn = self.probabilities_.n_draws
        return f"Aronow and Samii, {f'chances from {drawn:,} draws' if drawn else 'exact chances'}"

    def _notes(self) -> tuple[str, ...]:
        left = self.n_ - self._n_kept
        out = f"{left:,} units cannot have every exposure and are left out; the effects are of the others"
        bound = "a variance came out negative and a wide bound took its place"
        return (out,) * bool(left) + (bound,) * self.bounded_


def _counts(levels: np.ndarray) -> dict[str, float]:
    counts = np.bincount(levels, minlength=N_LEVELS)
    return {f"units with {name}": float(count) for name, count in zip(LEVELS, counts, strict=True)}


def _refuse_empty(levels: np.ndarray, kept: np.ndarray, rule: ExposureRule) -> None:
    if not kept.any():
        raise EstimationError(f"No unit can have every exposure ({rule.words}, or own treatment): nothing to compare.")
    counts = np.bincount(levels[kept], minlength=N_LEVELS)
    if (counts < 2).any():
        few = ", ".join(f"{LEVELS[at]!r} {counts[at]}" for at in np.flatnonzero(counts < 2))
        raise EstimationError(
            f"An exposure needs at least two units of the {int(kept.sum()):,} that can have every one; these have "
            f"fewer: {few} ({rule.words}). Take another rule, such as kind='share', threshold=0.5."
        )
