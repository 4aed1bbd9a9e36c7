"""What an attack is given: the effect, its rows, and the way to estimate it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from causalrec.data import Dataset, Design
from causalrec.errors import DataError, EstimationError, GraphError
from causalrec.estimation import EffectEstimate
from causalrec.estimation.recipe import Recipe
from causalrec.graph import CausalGraph, PartialGraph
from causalrec.identification import Estimand
from causalrec.identification.deadline import Deadline

__all__ = ["MIN_DRAWS", "Attacked"]

MIN_DRAWS = 20
"""Draws below which a reference distribution says nothing."""
CHUNK = 10


@dataclass(frozen=True, slots=True, eq=False)
class Attacked:
    """An effect on a flat table under attack.

    Attributes
    ----------
    effect : EffectEstimate
        Of one treatment.
    data : Dataset
        What it was estimated on.
    design : Design
        The rows that it was estimated from; never to be changed.
    recipe : Recipe
        How.
    graph : CausalGraph, optional
        For attacks that ask it for other routes.
    n_draws : int
        Draws of a reference distribution.
    n_jobs : int
        Processes that share the draws; the answer is the same for any number.
    random_state : int
    deadline : Deadline
        When the battery must end.
    """

    effect: EffectEstimate
    data: Dataset
    design: Design
    recipe: Recipe
    graph: CausalGraph | None = None
    n_draws: int = 100
    n_jobs: int = 1
    random_state: int = 0
    deadline: Deadline = field(default_factory=lambda: Deadline(None, "attacking an effect"))

    @classmethod
    def of(
        cls, effect: EffectEstimate, data: Dataset, *, graph: CausalGraph | None = None, n_draws: int = 100,
        n_jobs: int = 1, random_state: int = 0, deadline: Deadline | None = None,
    ) -> Attacked:  # fmt: skip
        """An effect that `estimate` made, with the rows that it was estimated from.

        Raises
        ------
        DataError : a saved effect, data that are streamed, or other data than the effect's.
        GraphError : `graph` is no graph.
        """
        if graph is not None and not isinstance(graph, CausalGraph | PartialGraph):
            raise GraphError(f"Expected a CausalGraph, such as load_graph gives, got {type(graph).__name__}.")
        if effect.recipe is None:
            raise DataError(
                "This effect does not say how it was estimated: give one that `estimate` made, not a saved one."
            )
        rows = effect.recipe.columns(effect.estimand, data)
        if not isinstance(rows, Design):
            raise DataError(
                f"{data.name!r} is streamed from disk, and attacks need its rows at once: estimate and refute on a "
                f"sample, or give a larger memory_limit."
            )
        if rows.n != effect.n:
            raise DataError(
                f"The effect was estimated from {effect.n:,} units, and {data.name!r} has {rows.n:,}: give the data "
                f"that it was estimated on."
            )
        deadline = deadline or Deadline(None, "attacking an effect")
        return cls(effect, data, rows, effect.recipe, graph, n_draws, n_jobs, random_state, deadline)

    @property
    def estimand(self) -> Estimand:
        """What was estimated."""
        return self.effect.estimand

    @property
    def treatment(self) -> str:
        """Name of the treatment."""
        return self.estimand.treatment[0]

    @property
    def takes_numbers(self) -> bool:
        """Whether the estimator takes outcomes other than 0 and 1."""
        return self.recipe.fresh().get_params(deep=False).get("outcome") != "logistic"

    def estimate(self, rows: Design, estimand: Estimand | None = None) -> EffectEstimate:
        """The effect on other rows, by the same estimator."""
        return self.recipe.estimate(estimand or self.estimand, rows)

    def draws(self, one: Callable[[Attacked, np.random.Generator], Any]) -> np.ndarray:
        """What `one(attacked, rng)` gives for each of `n_draws` seeds; shape (n, ...).

        Where the deadline comes first there are fewer, and never fewer than 20.

        Parameters
        ----------
        one : callable
            A function of a module, so that another process can find it; or a partial of one.

        Raises
        ------
        EstimationError : the deadline came before 20 draws.
        """
        seeds = np.random.SeedSequence(self.random_state).spawn(self.n_draws)
        step, found = CHUNK * self.n_jobs, list[Any]()
        for start in range(0, len(seeds), step):
            if self.deadline.is_over:
                break
            found += self._run(partial(_seeded, self, one), seeds[start : start + step])
        if len(found) < min(MIN_DRAWS, len(seeds)):
            raise EstimationError(
                f"The time was over after {len(found)} of {len(seeds)} draws; {MIN_DRAWS} are needed."
            )
        return np.array(found)

    def _run(self, one: Callable[[Any], Any], seeds: list[np.random.SeedSequence]) -> list[Any]:
        if self.n_jobs == 1:
            return [one(seed) for seed in seeds]
        from joblib import Parallel, delayed

        return Parallel(n_jobs=self.n_jobs)(delayed(one)(seed) for seed in seeds)


def _seeded(
    attacked: Attacked, one: Callable[[Attacked, np.random.Generator], Any], seed: np.random.SeedSequence
) -> Any:
    return one(attacked, np.random.default_rng(seed))
