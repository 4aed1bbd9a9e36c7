"""All attacks that fit an effect on a log of visits."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic

from causalrec.data import Dataset
from causalrec.errors import CausalrecError
from causalrec.estimation import EffectEstimate
from causalrec.refutation.battery import Battery
from causalrec.refutation.grids.attacked_grid import AttackedGrid, attacked_grid
from causalrec.refutation.grids.hidden_confounder import hidden_confounder
from causalrec.refutation.grids.leads import lead_test
from causalrec.refutation.grids.placebo import permuted_placebo
from causalrec.refutation.refutation import Refutation

__all__ = ["GRID_ATTACKS", "refute_grid"]

GRID_ATTACKS = ("placebo in permuted stores", "lead", "hidden confounder")
"""Names of the attacks on a log of visits."""


def refute_grid(
    effect: EffectEstimate, data: Dataset, *, attacks: Sequence[str] = GRID_ATTACKS, n_draws: int = 20, n_jobs: int = 1,
    random_state: int = 0,
) -> Battery:  # fmt: skip
    """Attack an effect that was estimated on a log of visits.

    Parameters
    ----------
    effect : EffectEstimate
        Of one treatment.
    data : Dataset
        What it was estimated on.
    attacks : sequence of str
        Names of those to make.
    n_draws : int
        Permutations of the placebo.
    n_jobs : int
        Threads that share the attacks; each attack is one thread's, so that the answer is the same for any number.
    random_state : int
    """
    begun, attacked = monotonic(), attacked_grid(effect, data)
    placebo = partial(permuted_placebo, n_draws=n_draws, random_state=random_state)
    run = dict(zip(GRID_ATTACKS, (placebo, lead_test, hidden_confounder), strict=True))
    with ThreadPoolExecutor(n_jobs) as pool:
        found = pool.map(lambda name: _one(name, run[name], attacked), attacks)
        return Battery(tuple(found), seconds=monotonic() - begun)


def _one(name: str, attack, attacked: AttackedGrid) -> Refutation:
    """What came of one attack; one that breaks off is no reason to stop."""
    try:
        return attack(attacked)
    except CausalrecError as error:
        effect = attacked.effect
        return Refutation.not_applicable(name, "", effect.value, f"It broke off: {error}", unit=effect.unit)
