"""From an effect to the attacks that fit it, within a budget of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from causalrec.refutation.counts import refuse_counts
from causalrec.refutation.grids.grid_battery import GRID_ATTACKS, refute_grid
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
        left out, and named. On a log of visits all are made, whatever they take.
    n_draws : int, optional
        Draws of each reference distribution; 100 for a flat table, 20 for a log of visits.
    n_jobs : int
        Processes that share the draws, on a log of visits threads that share the attacks; the answer is the same for
        any number.
    random_state : int

    Raises
    ------
    DataError : a joint treatment, other data than the effect's, or an attack that there is none of.
    GraphError : `graph` is no graph.
    """
    _refuse(effect, data)
    least = 2 if data.is_grid else MIN_DRAWS
    optional = {"n_draws": (n_draws, least), "random_state": (random_state, 0)}
    refuse_counts({"n_jobs": (n_jobs, 1)} | {name: one for name, one in optional.items() if one[0] is not None})
    deadline = Deadline(budget, "attacking an effect")
    if data.is_grid:
        names = _chosen(attacks, GRID_ATTACKS)
        return refute_grid(effect, data, attacks=names, n_draws=n_draws or 20, n_jobs=n_jobs, random_state=random_state)
    made = _chosen(attacks, [attack.name for attack in ATTACKS])
    # One thread: sums in the same order whatever the number of processes.
    with use_threads(1):
        attacked = Attacked.of(
            effect, data, graph=graph, n_draws=n_draws or 100, n_jobs=n_jobs, random_state=random_state,
            deadline=deadline,
        )  # fmt: skip
        return _make(attacked, [attack for attack in ATTACKS if attack.name in made])


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


def _chosen(names: Any, known: Sequence[str]) -> list[str]:
    """Those of the known names that were asked for, in their order."""
    if names is None:
        return list(known)
    if not isinstance(names, Iterable):
        raise DataError(f"`attacks` is {names!r}; give names among {', '.join(known)}.")
    wanted = [names] if isinstance(names, str) else list(names)
    if unknown := [name for name in wanted if name not in known]:
        raise DataError(f"There is no attack {', '.join(map(repr, unknown))}: choose among {', '.join(known)}.")
    return [name for name in known if name in wanted]


def _refuse(effect: Any, data: Any) -> None:
    if not isinstance(effect, EffectEstimate):
        raise DataError(f"`effect` is a {type(effect).__name__}; attacks need an EffectEstimate, one number.")
    if not isinstance(data, Dataset):
        raise DataError(f"`data` is a {type(data).__name__}; give the Dataset that the effect was estimated on.")
    if len(effect.estimand.treatment) != 1:
        raise DataError(f"Refute one treatment at a time, not {' and '.join(effect.estimand.treatment)} together.")
    if not effect.stderr > 0:
        raise EstimationError("An effect without an error cannot be attacked.")
