"""What the data alone say of an effect: nothing is assumed but the range of the outcome."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.bounds import Bounds, bounds_of_influence
from causalrec.estimation.doubly_robust.arm_means import refuse_target
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.refutation.sensitivity.plain_numbers import are_numbers
from causalrec.refutation.sensitivity.weighted_mean import Mean, weighted_mean

__all__ = ["manski_bounds"]

RESPONSES, SELECTIONS = ("increasing", "decreasing"), ("positive", "negative")


def manski_bounds(
    design: Design, *, lowest: float | None = None, highest: float | None = None, target: str = "ATE",
    response: str | None = None, selection: str | None = None, unit: str = "outcome",
) -> Bounds:  # fmt: skip
    """Bounds without assumptions on confounding, from the range of the outcome; covariates play no part.

    Parameters
    ----------
    design : Design
        In memory, one treatment of 0 and 1.
    lowest, highest : float, optional
        Range of the outcome. Left out: 0 and 1 for an outcome of 0 and 1; else they must be given, as the range
        that was seen is not the range that could be. An end may be infinite.
    target : {"ATE", "ATT"}
    response : {"increasing", "decreasing"}, optional
        Nobody's outcome is lowered (or raised) by the treatment.
    selection : {"positive", "negative"}, optional
        The treated would on average have higher (or lower) outcomes than the untreated, treated or not.
    unit : str

    Raises
    ------
    DataError : no range, outcomes outside of it, or an unknown option.
    EstimationError : data that contradict the assumptions.

    References
    ----------
    Manski (1990), American Economic Review 80(2). Manski, Pepper (2000), Econometrica 68(4).

    Examples
    --------
    >>> y, t = np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0, 1.0])
    >>> found = manski_bounds(Design(y, t[:, None], np.empty((4, 0)), (), {}))
    >>> found.lower, found.upper, found.width
    (-0.25, 0.75, 1.0)
    """
    refuse_target(target, ("ATE", "ATT"))
    _refuse_option("response", response, RESPONSES)
    _refuse_option("selection", selection, SELECTIONS)
    arms = two_arms(design, "Bounds without assumptions")
    lowest, highest = _range(arms, lowest, highest)
    share = weighted_mean(arms.t, arms.weight)
    off, on = (weighted_mean(arms.y, arms.weight * (arms.t == arm)) for arm in (0, 1))
    flat = np.zeros(arms.n)
    limits = Mean(lowest, flat), Mean(highest, flat)
    rises, falls = response == "increasing", response == "decreasing"
    better, worse = selection == "positive", selection == "negative"
    of_untreated = _between(limits, [(rises, off), (worse, on)], [(falls, off), (better, on)])  # had they been treated
    of_treated = _between(limits, [(falls, on), (better, off)], [(rises, on), (worse, off)])  # had they not
    low = _effect(share, off, on, of_untreated[0], of_treated[1], target)
    high = _effect(share, off, on, of_untreated[1], of_treated[0], target)
    return bounds_of_influence(
        (low.value, high.value), np.column_stack([low.influence, high.influence]), design,
        _words(lowest, highest, response, selection), n_parameters=3, unit=unit, target=target,
        method="bounds without assumptions" if not (response or selection) else "bounds under monotone assumptions",
    )  # fmt: skip


def _effect(share: Mean, off: Mean, on: Mean, of_untreated: Mean, of_treated: Mean, target: str) -> Mean:
    """The effect, were the two means known that nobody saw."""
    if target == "ATT":
        return Mean(on.value - of_treated.value, on.influence - of_treated.influence)
    p, treated, untreated = share.value, on.value - of_treated.value, of_untreated.value - off.value
    if not np.isfinite(treated + untreated):  # no unit moves an end that is infinite
        return Mean(treated + untreated, np.zeros_like(on.influence))
    moved = p * (on.influence - of_treated.influence) + (1 - p) * (of_untreated.influence - off.influence)
    return Mean(p * treated + (1 - p) * untreated, moved + (treated - untreated) * share.influence)


def _between(
    limits: tuple[Mean, Mean], floors: list[tuple[bool, Mean]], ceilings: list[tuple[bool, Mean]]
) -> tuple[Mean, Mean]:
    """Highest floor and lowest ceiling among the range's ends and the means that an assumption brings in."""
    low = [limits[0], *(mean for holds, mean in floors if holds)]
    high = [limits[1], *(mean for holds, mean in ceilings if holds)]
    return max(low, key=lambda mean: mean.value), min(high, key=lambda mean: mean.value)


def _range(arms: TwoArms, lowest: float | None, highest: float | None) -> tuple[float, float]:
    if lowest is None and highest is None and arms.binary:
        return 0.0, 1.0
    if lowest is None or highest is None or not (are_numbers(lowest, highest) and lowest < highest):
        raise DataError(
            f"Bounds without assumptions need the lowest and the highest outcome that could be; got {lowest!r} and "
            f"{highest!r}."
        )
    if arms.y.min() < lowest or arms.y.max() > highest:
        raise DataError(
            f"The outcome runs from {arms.y.min():g} to {arms.y.max():g}, beyond the range of {lowest:g} to "
            f"{highest:g}."
        )
    return float(lowest), float(highest)


def _words(lowest: float, highest: float, response: str | None, selection: str | None) -> str:
    said = [f"every outcome lies between {lowest:g} and {highest:g}"]
    if response:
        said.append(f"the treatment {'lowers' if response == 'increasing' else 'raises'} nobody's outcome")
    if selection:
        said.append(f"the treated would have {'higher' if selection == 'positive' else 'lower'} outcomes on average, "
                    f"treated or not")  # fmt: skip
    return " and ".join(said)


def _refuse_option(name: str, given: str | None, known: tuple[str, str]) -> None:
    if given is not None and given not in known:
        raise DataError(f"{name} is {given!r}; it is None or one of {', '.join(known)}.")
