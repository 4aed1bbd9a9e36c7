"""A test of whether units touch each other at all, exact whatever the outcomes are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.interference.assignments import Assignment, refuse_assignment
from causalrec.estimation.interference.exposure_levels import in_order
from causalrec.estimation.interference.exposures import Neighbours, binary_treatment, mapped, neighbours_at, refuse_kind
from causalrec.estimation.interference.network import Network

__all__ = ["SpilloverTest", "focal_units", "spillover_test"]

N_TOGETHER = 256


@dataclass(frozen=True, slots=True)
class SpilloverTest:
    """Test of no spill-over.

    Attributes
    ----------
    statistic : float
        How strongly the focal units' outcomes follow their exposure; a covariance in the outcome's unit.
    p_value : float
        Share of draws, the observed one among them, whose statistic is as far from 0; in (0, 1].
    n_focal, n_draws : int
    kind : str
        Exposure that the statistic looks at.
    """

    statistic: float
    p_value: float
    n_focal: int
    n_draws: int
    kind: str

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        verdict = "others' treatment matters" if self.p_value < 0.05 else "no sign that others' treatment matters"
        return (
            f"Does the treatment of others matter? p = {self.p_value:.3f}: {verdict}\n"
            f"  {self.n_focal:,} focal units, {self.n_draws:,} draws of the others' treatment; exposure: "
            f"{self.kind} of friends treated"
        )


def spillover_test(
    network: Neighbours, treatment: np.ndarray, outcome: np.ndarray, assignment: Assignment, *, kind: str = "share",
    hops: int = 1, focal: np.ndarray | None = None, n_draws: int = 999, random_state: int = 0,
) -> SpilloverTest:  # fmt: skip
    """Test that the outcomes depend on own treatment alone (Athey, Eckles, Imbens 2018, JASA 113(521)).

    Outcomes and treatments of some focal units are held fixed; the treatments of all others are drawn again, as the
    lottery would have. Under the null the focal outcomes would be the same, so that the share of draws with a larger
    statistic is an exact p-value, whatever the outcomes' distribution and however they hang together. The statistic
    is the covariance of exposure with the outcome less the mean of its treatment, over the focal units.

    Parameters
    ----------
    network : Network or Slates
    treatment, outcome : float64, shape (n,)
    assignment : BernoulliAssignment, CompleteAssignment or ClusterAssignment
        How treatments were drawn.
    kind : {"share", "count", "any"}
    hops : {1, 2}
    focal : bool, shape (n,), optional
        Focal units; chosen without a look at treatments or outcomes. Default: `focal_units`.
    n_draws : int
    random_state : int

    Raises
    ------
    DataError : a treatment that is not 0 and 1 or that the lottery cannot have drawn; an outcome that is not finite.
    EstimationError : everybody or nobody treated, too few focal units, or exposures that no draw can change.

    Examples
    --------
    >>> from causalrec.estimation.interference.assignments import BernoulliAssignment
    >>> from causalrec.estimation.interference.network import network_of
    >>> rng = np.random.default_rng(0)
    >>> ring = network_of(np.arange(300), (np.arange(300) + 1) % 300, n=300)
    >>> t = (rng.random(300) < 0.5).astype(float)
    >>> y = t + ring.treated_friends(t) + rng.normal(size=300)
    >>> spillover_test(ring, t, y, BernoulliAssignment(0.5)).p_value
    0.001
    """
    near, treated, values = _checked(network, treatment, outcome, assignment, kind, hops, n_draws)
    chosen = focal_units(near, random_state=random_state) if focal is None else _given(focal, near.n)
    residual = _residual(values[chosen], treated[chosen])
    if not np.any(residual):
        raise EstimationError("The outcome does not vary among focal units of one treatment, so that draws are alike.")
    whole = near.all_friends()

    def statistic(draws: np.ndarray) -> np.ndarray:
        seen = mapped(near.treated_friends(draws)[chosen], whole[chosen], kind)
        return np.asarray(residual @ seen) / len(residual)

    observed = float(statistic(treated[:, None])[0])
    redraws = _redraws(near, assignment, treated, chosen, n_draws, random_state)
    drawn = np.concatenate([statistic(draws) for draws in redraws])
    if np.ptp(drawn) == 0 and np.isclose(drawn[0], observed):
        raise EstimationError("No draw of the others' treatment changes any exposure of the focal units.")
    centre = (drawn.sum() + observed) / (n_draws + 1)
    # Sums of the same terms may differ in their last digits, and a tie counts.
    slack = 1e-9 * max(float(np.abs(drawn - centre).max()), 1e-300)
    larger = int((np.abs(drawn - centre) >= abs(observed - centre) - slack).sum())
    return SpilloverTest(observed - float(centre), (1 + larger) / (1 + n_draws), int(chosen.sum()), n_draws, kind)


def focal_units(network: Network, *, random_state: int = 0) -> np.ndarray:
    """Units with friends of which no two are friends, as many as fit: bool, shape (n,).

    Taken in a random order of their names, so that the choice depends on neither rows, treatments nor outcomes.
    """
    rng, order = np.random.default_rng(random_state), network.by_name
    ties = network.ties()
    chosen, blocked = np.zeros(network.n, dtype=bool), network.n_friends == 0
    for unit in order[rng.permutation(network.n)]:
        if not blocked[unit]:
            chosen[unit] = True
            blocked[ties.indices[ties.indptr[unit] : ties.indptr[unit + 1]]] = True
    return chosen


def _redraws(
    network: Network, assignment: Assignment, treated: np.ndarray, focal: np.ndarray, n_draws: int, seed: int
) -> Iterator[np.ndarray]:
    order, rng = network.by_name, np.random.default_rng([seed, 1])
    named = in_order(assignment, order)
    for start in range(0, n_draws, N_TOGETHER):
        draws = np.empty((network.n, min(N_TOGETHER, n_draws - start)))
        draws[order] = named.redraw(treated[order], focal[order], draws.shape[1], rng)
        yield draws


def _residual(outcome: np.ndarray, treatment: np.ndarray) -> np.ndarray:
    """Outcome less the mean of its treatment."""
    left = outcome.copy()
    for own in (0, 1):
        left[treatment == own] -= left[treatment == own].mean() if (treatment == own).any() else 0.0
    return left


def _checked(
    network: Neighbours, treatment: np.ndarray, outcome: np.ndarray, assignment: Assignment, kind: str, hops: int,
    n_draws: int,
) -> tuple[Network, np.ndarray, np.ndarray]:  # fmt: skip
    near = neighbours_at(network, hops)
    treated = binary_treatment(treatment, near.n)
    values = np.asarray(outcome)
    if values.shape != (near.n,):
        raise ShapeError(f"`outcome` {values.shape} must have one value for each of the {near.n:,} units.")
    if values.dtype.kind not in "biuf":
        raise DataError(f"`outcome` holds {values.dtype}; numbers are needed.")
    if not np.isfinite(values).all():
        raise DataError(f"{int((~np.isfinite(values)).sum()):,} of {near.n:,} outcomes are not finite numbers.")
    refuse_kind(kind)
    if isinstance(n_draws, bool) or not isinstance(n_draws, int | np.integer) or n_draws < 19:
        raise DataError(f"n_draws is {n_draws!r}; a test at 5% needs 19 or more.")
    if treated.min() == treated.max():
        raise EstimationError(f"{'Everybody' if treated[0] else 'Nobody'} is treated: no exposure has a comparison.")
    refuse_assignment(assignment, treated)
    return near if isinstance(near, Network) else near.as_network(), treated, values.astype(float)


def _given(focal: np.ndarray, n: int) -> np.ndarray:
    found = np.asarray(focal)
    if found.shape != (n,) or found.dtype != bool:
        raise ShapeError(f"`focal` {found.dtype} {found.shape} must be True or False for each of the {n:,} units.")
    if not 2 <= found.sum() < n:
        raise EstimationError(f"{int(found.sum()):,} of {n:,} units are focal: some must be, and some must not.")
    return found
