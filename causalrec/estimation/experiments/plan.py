"""How many units an experiment needs, and what it can see with those it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.moments.design_moments import design_moments
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.normal_equations import least_squares
from causalrec.estimation.moments.ridge import centred

__all__ = ["ExperimentPlan", "finite_number", "plan_of", "refuse_power"]

MOST_UNITS = 10**12
MANY, CERTAIN = 1e6, 30.0  # degrees of freedom, and errors that an effect is, beyond which the normal law serves


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """Two arms at random, by unit or by cluster of units; the test of no effect is two-sided.

    Attributes
    ----------
    spread : float
        Standard deviation of the outcome within an arm, in its unit; for a rate p, sqrt(p (1 - p)).
    share_treated : float
        In (0, 1).
    explained : float
        Share of the variance that covariates from before the experiment explain, in [0, 1); CUPED takes it away.
    cluster_size : float
        Mean number of units of a cluster that is assigned as a whole; 1 where units are.
    cluster_variation : float
        Standard deviation of the clusters' sizes over their mean.
    icc : float
        Correlation of two units of a cluster, given the covariates, in [0, 1].
    level : float
        Of the test.
    n_comparisons : int
        Outcomes or arms that are tested together; the level is divided by it (Bonferroni).

    Raises
    ------
    DataError : a number out of its range.

    References
    ----------
    Eldridge, Ashby, Kerry (2006), Int. J. Epidemiology 35(5), for clusters of unequal sizes.

    Examples
    --------
    >>> plan = ExperimentPlan(spread=1.0)
    >>> plan.sample_size(0.1)
    3142
    >>> ExperimentPlan(spread=1.0, explained=0.5).sample_size(0.1)
    1572
    >>> round(plan.smallest_effect(10_000), 4)
    0.056
    """

    spread: float
    share_treated: float = 0.5
    explained: float = 0.0
    cluster_size: float = 1.0
    cluster_variation: float = 0.0
    icc: float = 0.0
    level: float = 0.05
    n_comparisons: int = 1

    def __post_init__(self) -> None:
        ranges: dict[str, tuple[Callable[[float], bool], str]] = {
            "spread": (lambda x: x > 0, "above 0"), "share_treated": (lambda x: 0 < x < 1, "between 0 and 1"),
            "explained": (lambda x: 0 <= x < 1, "from 0 to below 1"), "cluster_size": (lambda x: x >= 1, "1 or more"),
            "cluster_variation": (lambda x: x >= 0, "0 or more"), "icc": (lambda x: 0 <= x <= 1, "from 0 to 1"),
            "level": (lambda x: 0 < x < 1, "between 0 and 1"), "n_comparisons": (lambda x: x >= 1, "1 or more"),
        }  # fmt: skip
        for name, (fits, words) in ranges.items():
            value = getattr(self, name)
            if not (_is_finite(value) and fits(float(value))):
                raise DataError(f"`{name}` is {value!r}; it is a number {words}.")

    @property
    def design_effect(self) -> float:
        """How many times larger the variance is than with as many independent units."""
        return 1 + ((self.cluster_variation**2 + 1) * self.cluster_size - 1) * self.icc

    def stderr(self, n: float) -> float:
        """Standard error of the effect with `n` units in both arms together."""
        if finite_number("n", n) <= 0:
            raise DataError(f"`n` is {n:g}; it is a number of units, above 0.")
        share = self.share_treated
        variance = self.spread**2 * (1 - self.explained) * self.design_effect / (share * (1 - share))
        return float(np.sqrt(variance / n))

    def power(self, effect: float, n: int) -> float:
        """Chance that the test sees an effect with `n` units in both arms together, in (0, 1)."""
        from scipy.stats import ncf, norm, t

        self._refuse_number("n", n, 4 * self.cluster_size)
        dof = n / self.cluster_size - 2
        shift = abs(finite_number("effect", effect)) / self.stderr(n)
        if dof > MANY or shift > CERTAIN:
            bound = norm.isf(self._each_side)
            return float(norm.sf(bound - shift) + norm.cdf(-bound - shift))
        return float(ncf.sf(t.isf(self._each_side, dof) ** 2, 1, dof, shift**2))

    def sample_size(self, effect: float, power: float = 0.8) -> int:
        """Fewest units in both arms together that see an effect with this chance.

        Raises
        ------
        DataError : an effect of 0, or a power that is no chance above the level.
        EstimationError : more than 10^12 units.
        """
        if finite_number("effect", effect) == 0:
            raise DataError("No number of units sees an effect of 0; give the smallest effect that matters.")
        refuse_power(power, self.level)
        low = high = int(np.ceil(4 * self.cluster_size))
        while self.power(effect, high) < power:
            low, high = high, 2 * high
            if high > MOST_UNITS:
                raise EstimationError(f"An effect of {effect:g} needs more than {MOST_UNITS:,} units.")
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.power(effect, middle) >= power else (middle, high)
        return high

    def smallest_effect(self, n: int, power: float = 0.8) -> float:
        """Smallest effect that `n` units in both arms together see with this chance, in the outcome's unit."""
        from scipy.optimize import brentq

        refuse_power(power, self.level)
        self._refuse_number("n", n, 4 * self.cluster_size)
        scale = self.stderr(n)
        return float(brentq(lambda times: self.power(times * scale, n) - power, 0.0, 1e3, xtol=1e-10)) * scale

    @property
    def _each_side(self) -> float:
        return self.level / self.n_comparisons / 2

    @staticmethod
    def _refuse_number(name: str, value: float, least: float) -> None:
        if finite_number(name, value) < least:
            raise DataError(f"`{name}` is {value:g}; at least {least:g} units are needed, two clusters in each arm.")

    def __str__(self) -> str:
        clusters = (
            f"; clusters of {self.cluster_size:,.1f} units, correlation {self.icc:.3f}, design effect "
            f"{self.design_effect:.2f}" if self.cluster_size > 1 else ""
        )  # fmt: skip
        return (
            f"Two arms, {self.share_treated:.0%} treated, standard deviation {self.spread:.4g} of which covariates "
            f"explain {self.explained:.0%}{clusters}; level {self.level / self.n_comparisons:.3g}"
        )


def plan_of(
    design: Design, *, share_treated: float = 0.5, level: float = 0.05, n_comparisons: int = 1
) -> ExperimentPlan:
    """A plan from what was seen before: one pass for the moments, a second for clusters.

    The rows are units before the experiment, or in it: what the treatment itself explains is taken off.

    Parameters
    ----------
    design : Design
        Its covariates are those that will be known before treatment; with one kind of clusters these are what
        will be assigned.
    share_treated, level, n_comparisons
        See `ExperimentPlan`.

    Raises
    ------
    DataError : more than one kind of clusters.
    EstimationError : an outcome that does not vary, or too few rows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before, shown = rng.normal(size=(2000, 1)), rng.integers(0, 2, (2000, 1)).astype(float)
    >>> plan = plan_of(Design(before[:, 0] + rng.normal(size=2000), shown, before, (), {}))
    >>> round(plan.spread, 1), round(plan.explained, 1)
    (1.4, 0.5)
    """
    if len(design.n_clusters) > 1:
        raise DataError(f"A plan assigns one kind of clusters, not {' and '.join(design.n_clusters)}; name one.")
    found = design_moments(design)
    solved, k = least_squares(design, found), found.n_leading - 1
    about = centred(found.total.gram, found.total.n)
    own = about.cross[: k + 1, : k + 1]  # treatments and outcome, nothing adjusted for
    within = (own[k, k] - own[k, :k] @ np.linalg.pinv(own[:k, :k], hermitian=True) @ own[:k, k]) / about.weight
    if within <= 0:
        raise EstimationError("The outcome does not vary within the arms, so there is nothing to plan for.")
    sums = _Clusters(design, found, solved)
    left = min(sums.variance / within, 1.0)
    size, variation, icc = sums.sizes()
    spread = float(np.sqrt(within * about.n / max(1, about.n - 1 - k)))
    return ExperimentPlan(
        spread, share_treated, float(np.clip(1 - left, 0.0, 1 - 1e-12)), size, variation, icc, level, n_comparisons
    )


class _Clusters:
    """Residuals of the outcome, their variance, and how alike they are within a cluster."""

    def __init__(self, design: Design, found, solved):
        k = found.n_leading - 1
        coef = np.zeros((len(found.names) - 1, 1))
        coef[solved.kept, 0] = -solved.coef
        base = np.array([-solved.intercept]) - found.shift[:k] @ coef[:k]
        base[0] -= found.shift[k]
        of_covariates = LinearMap.about(found, coef[k:], base)
        squares, total, residuals, codes = 0.0, 0.0, [], []
        for batch in design.batches():
            left = of_covariates.of(batch)[:, 0] + batch.treatments @ coef[:k, 0] + batch.outcome
            weight = np.ones(batch.n) if batch.weight is None else batch.weight
            squares, total = squares + float(weight @ left**2), total + float(weight.sum())
            if batch.clusters:
                residuals.append(left)
                codes.append(next(iter(batch.clusters.values())))
        self.variance = squares / total
        self.residual = np.concatenate(residuals) if residuals else None
        self.codes = np.concatenate(codes) if codes else None

    def sizes(self) -> tuple[float, float, float]:
        """Mean size of a cluster, its coefficient of variation, and the correlation within (one-way ANOVA)."""
        if self.codes is None or self.residual is None:
            return 1.0, 0.0, 0.0
        count = np.bincount(self.codes).astype(float)
        count, sums = count[count > 0], np.bincount(self.codes, self.residual)[count > 0]
        n, groups = count.sum(), len(count)
        if groups < 2 or n == groups:
            return float(n / groups), float(count.std() / count.mean()), 0.0
        between = float((sums**2 / count).sum() - sums.sum() ** 2 / n) / (groups - 1)
        inside = float(self.residual @ self.residual - (sums**2 / count).sum()) / (n - groups)
        typical = (n - (count**2).sum() / n) / (groups - 1)
        icc = (between - inside) / (between + (typical - 1) * inside)
        return float(n / groups), float(count.std() / count.mean()), float(np.clip(icc, 0.0, 1.0))


def refuse_power(power: float, level: float) -> None:
    """
    Raises
    ------
    DataError : no chance above the level of the test and below 1.
    """
    if not level < finite_number("power", power) < 1:
        raise DataError(f"`power` is {power:g}; it is a chance above the level, {level:g}, and below 1.")


def finite_number(name: str, value: float) -> float:
    """The value itself.

    Raises
    ------
    DataError : not a finite number.
    """
    if not _is_finite(value):
        raise DataError(f"`{name}` is {value!r}; give a number.")
    return float(value)


def _is_finite(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and bool(np.isfinite(float(value)))
