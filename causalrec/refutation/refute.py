"""From an effect to the attacks that fit it, within a budget of time."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from time import monotonic
from typing import TYPE_CHECKING, Any

from causalrec.data import Dataset
from causalrec.errors import CausalrecError, DataError, EstimationError
from causalrec.estimation import EffectEstimate
from causalrec.identification.deadline import Deadline
from causalrec.progress import progress
from causalrec.refutation.attack import Attack
from causalrec.refutation.attacked import MIN_DRAWS, Attacked
from causalrec.refutation.attacks import ATTACKS
from causalrec.refutation.battery import Battery
from causalrec.refutation.grids.grid_battery import refute_grid
from causalrec.refutation.refutation import Refutation
from causalrec.threads import use_threads

if TYPE_CHECKING:
    from causalrec.graph import CausalGraph

__all__ = ["refute_effect"]


def refute_effect(
    effect: EffectEstimate, data: Dataset, *, graph: CausalGraph | None = None, attacks: Sequence[str] | None = None,
    budget: float | None = None, n_draws: int | None = None, n_jobs: int = 1, random_state: int = 0,
) -> Battery:  # fmt: skip
    """Attack an effect with what fits the estimand and the data.

    Neither the effect nor the data are changed. An attack that breaks off is reported, and the others go on.

    Parameters
    ----------
    effect : EffectEstimate
        Of one treatment.
    data : Dataset
        What it was estimated on.
    graph : CausalGraph, optional
        For attacks that ask for other routes to the same effect and for negative controls.
    attacks : sequence of str, optional
        Names of those to make; all that fit where none is given.
    budget : float, optional
        Seconds that the battery may take. The most telling attacks come first; what would not end in time is
        left out, and named.
    n_draws : int, optional
        Draws of each reference distribution; 100 for a flat table, 20 for a log of visits.
    n_jobs : int
        Processes that share the draws, on a log of visits threads that share the attacks; the answer is the same for
        any number.
    random_state : int

    Raises
    ------
    DataError : a joint treatment, or other data than the effect's.
    """
    _refuse(effect, data)
    _refuse_counts({"n_draws": (n_draws, 2 if data.is_grid else MIN_DRAWS), "n_jobs": (n_jobs, 1)})
    deadline = Deadline(budget, "attacking an effect")
    if data.is_grid:
        return refute_grid(effect, data, n_draws=n_draws or 20, n_jobs=n_jobs, random_state=random_state)
    # One thread: sums in the same order whatever the number of processes.
    with use_threads(1):
        attacked = Attacked.of(
            effect, data, graph=graph, n_draws=n_draws or 100, n_jobs=n_jobs, random_state=random_state,
            deadline=deadline,
        )  # fmt: skip
        return _make(attacked, _chosen(attacks))


def _make(attacked: Attacked, attacks: Sequence[Attack]) -> Battery:
    """The attacks in their order, each only where it can be expected to end in time."""
    begun, found, left_out = monotonic(), [], {}
    per_fit = _seconds_per_fit(attacked)
    for attack in progress(attacks, "refuting"):
        expected = per_fit * attack.n_fits(attacked) / attacked.n_jobs
        left = attacked.deadline.left
        if expected > left:
            left_out[attack.name] = f"about {expected:.0f} s, and {max(left, 0):.0f} s were left."
            continue
        found.append(_one(attack, attacked))
    return Battery(tuple(found), left_out, monotonic() - begun)


def _one(attack: Attack, attacked: Attacked) -> Refutation:
    """What came of one attack; one that breaks off is no reason to stop."""
    try:
        return attack.run(attacked)
    except Exception as error:  # whatever a model of the user's own raises
        words = str(error) if isinstance(error, CausalrecError) else f"{type(error).__name__}: {error}"
        return attack.asked.cannot(attacked.effect, f"It broke off: {words}")


def _seconds_per_fit(attacked: Attacked) -> float:
    """What estimating once more takes; 0 where nobody asked for an end."""
    if attacked.deadline.seconds is None:
        return 0.0
    begun = monotonic()
    attacked.estimate(attacked.design)
    return monotonic() - begun


def _chosen(names: Sequence[str] | None) -> tuple[Attack, ...]:
    if names is None:
        return ATTACKS
    wanted = (names,) if isinstance(names, str) else tuple(names)
    known = {attack.name: attack for attack in ATTACKS}
    if unknown := [name for name in wanted if name not in known]:
        raise DataError(f"There is no attack {', '.join(map(repr, unknown))}: choose among {', '.join(known)}.")
    return tuple(attack for attack in ATTACKS if attack.name in wanted)


def _refuse(effect: Any, data: Any) -> None:
    if not isinstance(effect, EffectEstimate):
        raise DataError(f"`effect` is a {type(effect).__name__}; attacks need an EffectEstimate, one number.")
    if not isinstance(data, Dataset):
        raise DataError(f"`data` is a {type(data).__name__}; give the Dataset that the effect was estimated on.")
    if len(effect.estimand.treatment) != 1:
        raise DataError(f"Refute one treatment at a time, not {' and '.join(effect.estimand.treatment)} together.")
    if not effect.stderr > 0:
        raise EstimationError("An effect without an error cannot be attacked.")


def _refuse_counts(given: dict[str, tuple[Any, int]]) -> None:
    for name, (count, least) in given.items():
        if count is not None and (isinstance(count, bool) or not isinstance(count, Integral) or count < least):
            raise DataError(f"{name} is {count!r}; give a whole number of {least} or more.")
