"""`Questions`: what a fitted structural model answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.graph import CausalGraph
from causalrec.structural.actions import Do, actions, worded
from causalrec.structural.counterfactual import Counterfactual
from causalrec.structural.equations import Equations
from causalrec.structural.interventional import InterventionalEffect
from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.mechanisms.support import Support
from causalrec.structural.nodes import Node, Values, read_values
from causalrec.structural.refusals import refuse_count, refuse_question, refuse_unfitted, refuse_unknown
from causalrec.structural.samples import Samples
from causalrec.structural.setting import setting_effect
from causalrec.structural.unit_counterfactuals import unit_counterfactuals

if TYPE_CHECKING:
    from causalrec.structural.attribution import Attribution
    from causalrec.structural.model_check import ModelCheck

__all__ = ["Questions"]


class Questions:
    """Sampling, interventions, counterfactuals, attribution and checks; `StructuralModel` fits what they need."""

    graph: CausalGraph
    random_state: int
    nodes_: dict[str, Node]
    templates_: dict[str, Mechanism]
    equations_: Equations
    refits_: tuple[Equations, ...]
    supports_: dict[str, Support]
    columns_: dict[str, Any]
    n_: int
    n_clusters_: dict[str, int]

    def sample(self, n: int) -> Samples:
        """New units as the model makes them."""
        return self._drawn(n, None)

    def do(self, do: Do, n: int) -> Samples:
        """New units under an intervention.

        Parameters
        ----------
        do : mapping of str to value, array or function
            Node -> what it is set to; a function is told the values that the node would have had.
        n : int
        """
        return self._drawn(n, do)

    def effect(
        self, treatment: str, outcome: str, *, start: Any = 0, to: Any = 1, n_samples: int = 10_000
    ) -> InterventionalEffect:
        """E[outcome | do(treatment = to)] - E[outcome | do(treatment = start)], with a bootstrap error.

        Parameters
        ----------
        treatment, outcome : str
        start, to : value of the treatment
        n_samples : int
            Simulated units, the same in every refit but for what the resample changes.

        Raises
        ------
        DataError : the outcome has no mean, the treatment never had a value, or there were no refits.
        """
        refuse_question(self, outcome, n_samples, treatment)
        return setting_effect(self, treatment, outcome, start, to, n_samples)

    def counterfactual(
        self, units: Any, do: Do, *, outcome: str | None = None, n_draws: int = 200, level: float = 0.95
    ) -> Counterfactual:
        """What these units would have been under an action, with the noise that they had.

        The noise of additive mechanisms is known exactly; that of categories is drawn from what a unit's category
        leaves open, by the mechanism's coupling (monotone for two categories). The value is the mean over those
        draws under the mechanisms as fitted; the interval is over draws of noise and refits together, so that it
        holds what is not known of the unit and of the mechanisms, and not whether their form is right.

        Parameters
        ----------
        units : as in `fit`
            All nodes of the units.
        do : mapping of str to value, array or function
        outcome : str, optional
            Only this node; default all that the action reaches.
        n_draws : int
        level : float

        Raises
        ------
        DataError : a category that was not there at `fit`; the outcome is not reached by the action.
        """
        refuse_unfitted(self)
        refuse_level(level)
        refuse_count("n_draws", n_draws, 20)
        return unit_counterfactuals(self, self._read(units), do, outcome, n_draws, level)

    def attribute(
        self, outcome: str, *, units: Any = None, before: Any = None, after: Any = None, n_samples: int = 2_000,
        n_repeats: int = 10,
    ) -> Attribution:  # fmt: skip
        """Shares of the nodes in what the outcome does: Shapley values of their mechanisms, through dowhy.gcm.

        With `before` and `after`, shares in the change of the outcome's mean between two tables; with `units`, in
        the distance of each unit's outcome from the mean; with neither, in the outcome's variance.

        Parameters
        ----------
        outcome : str
        units, before, after : as in `fit`, optional
        n_samples : int
            Simulated units behind each value.
        n_repeats : int
            Repeats, on resampled rows where there are tables, that give the errors; 2 or more.

        Raises
        ------
        DataError : both kinds of table, one of `before` and `after`, a block among the outcome's causes.
        """
        from causalrec.structural.mechanism_shares import attribute

        refuse_unfitted(self)
        refuse_unknown(self, outcome)
        refuse_count("n_samples", n_samples, 100)
        refuse_count("n_repeats", n_repeats, 2)
        tables = {
            name: None if table is None else self._read(table)
            for name, table in {"units": units, "before": before, "after": after}.items()
        }
        return attribute(self, outcome, tables, n_samples, n_repeats)

    def check(self, data: Any, *, n_folds: int = 5, alpha: float = 0.05) -> ModelCheck:
        """How well each mechanism fits, and what the data say against the graph.

        Each mechanism is fitted on all folds but one and judged on that one.

        Parameters
        ----------
        data : as in `fit`
        n_folds : int
        alpha : float
            Level, of all nodes' tests together.
        """
        from causalrec.structural.model_check import check

        refuse_unfitted(self)
        refuse_count("n_folds", n_folds, 2)
        return check(self, self._read(data), n_folds, alpha)

    def _drawn(self, n: int, do: Do | None) -> Samples:
        refuse_unfitted(self)
        refuse_count("n", n, 1)
        noise = self.equations_.prior(n, np.random.default_rng(self.random_state))
        found = self.equations_.evaluate(noise, do={} if do is None else actions(do, self.nodes_, n))
        return Samples(
            self.nodes_, {node: self.nodes_[node].decoded(found[node]) for node in self.nodes_}, worded(do or {})
        )

    def _read(self, data: Any) -> Values:
        return read_values(data, self.nodes_, nodes=self.nodes_, columns=self.columns_ or None)[1]
